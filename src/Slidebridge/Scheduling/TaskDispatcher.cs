using System.Globalization;
using Quartz;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Scheduling;

/// <summary>
/// Claims waiting tasks, as many as this node has places for, and schedules a Quartz job for each. The task's row is authoritative and the job is derived
/// from it. A job's name is the task's number, so scheduling it twice is harmless. A claimed task without a job, because a process died
/// in between or the job store was lost, gets a new job at the next check (at start, then every few seconds).
/// </summary>
sealed partial class TaskDispatcher(
    ISchedulerFactory schedulers, TaskStore store, TaskAdmission admission, RunningTasks running, TaskSignal signal, NodeOptions node, TimeProvider time, ILogger<TaskDispatcher> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    /// <summary>Jobs are scheduled this far in the past, so that they are still due if the wall clock is set back before they run or are recovered.</summary>
    static readonly TimeSpan SetBack = TimeSpan.FromDays(1);

    volatile bool isOutdated;

    /// <summary>The key of a task's job.</summary>
    public static JobKey JobKey(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(AdmitAsync(stoppingToken), PollAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops, perhaps before its start was complete.
        }
    }

    /// <summary>
    /// How a node stops: 1. it claims no more tasks and starts no more jobs; 2. running tasks may continue, for as long as <c>--drain</c> says;
    /// 3. Quartz, which is stopped next, interrupts the rest, and their tasks are released.
    /// </summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        try
        {
            var scheduler = await schedulers.GetScheduler(cancellationToken);
            await scheduler.Standby(cancellationToken);
            if (running.Count is > 0 and var count) LogDraining(logger, Counted.Text(count, "task"), node.Drain);
            await running.EmptyAsync(node.Drain, cancellationToken);
        }
        catch (Exception e) when (e is SchedulerException or OperationCanceledException)
        {
            // The host stops without waiting, or the service never ran.
        }
    }

    async Task AdmitAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var wakes = signal.Listen();
        wakes.Wake();
        while (true)
        {
            await wakes.WaitAsync(node.Poll, cancellationToken);
            if (isOutdated) continue;
            try
            {
                await ScheduleAsync(scheduler, await admission.ClaimAsync(), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The rows remain; a later poll or check finds them.
                LogNotAdmitted(logger, e.GetBaseException().Message);
                await Task.Delay(TimeSpan.FromSeconds(1), time, cancellationToken);
            }
        }
    }

    async Task ScheduleAsync(IScheduler scheduler, IReadOnlyList<DueTask> tasks, CancellationToken cancellationToken)
    {
        if (tasks.Count == 0) return;
        try
        {
            await scheduler.ScheduleJobs(tasks.ToDictionary(Job, t => (IReadOnlyCollection<ITrigger>)[Trigger(t)]), default, cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            foreach (var task in tasks) await ScheduleAsync(scheduler, task, cancellationToken);
        }
    }

    /// <summary>A job from an earlier claim of the task may be about to end: then it is started once more after that.</summary>
    async Task ScheduleAsync(IScheduler scheduler, DueTask task, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < 3; tries++)
        {
            try
            {
                if (await scheduler.Exists(JobKey(task.Number), cancellationToken)) await scheduler.ScheduleJob(Trigger(task), default, cancellationToken);
                else await scheduler.ScheduleJob(Job(task), Trigger(task), default, cancellationToken);
                return;
            }
            catch (SchedulerException e) when (e is ObjectAlreadyExistsException or JobPersistenceException)
            {
                // The job ended, or was created, in between.
            }
        }
    }

    /// <summary>Quartz itself starts a job again if the process died while the job ran (<c>RequestRecovery</c>).</summary>
    static IJobDetail Job(DueTask task) => JobBuilder.Create<TaskJob>().WithIdentity(JobKey(task.Number)).RequestRecovery().Build();

    ITrigger Trigger(DueTask task) => TriggerBuilder.Create().WithIdentity(Guid.NewGuid().ToString("N")).ForJob(JobKey(task.Number))
        .WithExecutionGroup(task.State.IsToDeliver() ? TaskEngine.Deliveries : TaskEngine.GroupOf(task.Group))
        .StartAt(time.GetUtcNow() - SetBack).Build();

    async Task PollAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        using var timer = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                // A newer node has changed the tables: this node may misread them, so it claims no more tasks.
                isOutdated = await store.IsNewerAsync(cancellationToken);
                // Read the rows before the jobs: a task that ends between the two reads then only gets a job that does nothing.
                var claimed = await store.ClaimedAsync(cancellationToken);
                // A trigger that Quartz put into its error state after a failure of its store would never fire again.
                await scheduler.ResetTriggersFromErrorState(GroupMatcher<TriggerKey>.AnyGroup(), cancellationToken);
                var jobs = (await scheduler.GetJobKeys(GroupMatcher<JobKey>.AnyGroup(), cancellationToken)).ToHashSet();
                await ScheduleAsync(scheduler, [.. claimed.Where(t => !jobs.Contains(JobKey(t.Number)))], cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotLooked(logger, e.GetBaseException().Message);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(110, LogLevel.Error, "No tasks could be claimed; the bridge tries again within a second: {Why}")]
    static partial void LogNotAdmitted(ILogger logger, string why);

    [LoggerMessage(111, LogLevel.Error, "The claimed tasks could not be checked; the bridge tries again within seconds: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);

    [LoggerMessage(112, LogLevel.Information, "Stopping: {Running} may continue for up to {Drain} (--drain); tasks that run longer are released")]
    static partial void LogDraining(ILogger logger, string running, TimeSpan drain);
}
