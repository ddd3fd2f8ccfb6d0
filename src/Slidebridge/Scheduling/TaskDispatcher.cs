using System.Globalization;
using Quartz;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Scheduling;

/// <summary>
/// Takes waiting tasks in hand, as many as this node has places for, and gives each its Quartz job. The row is the truth and the job derived
/// from it: a job's name is the task's number, so giving it twice is harmless, and a task in hand whose job is missing, because a process died
/// in between or the job store was lost, is given one again at the next look (at start, then every few seconds).
/// </summary>
sealed partial class TaskDispatcher(
    ISchedulerFactory schedulers, TaskStore store, TaskAdmission admission, RunningTasks running, TaskSignal signal, NodeOptions node, TimeProvider time, ILogger<TaskDispatcher> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    /// <summary>Jobs are due since so long, that they still are when the wall clock is set back before they run, or before they are recovered.</summary>
    static readonly TimeSpan SetBack = TimeSpan.FromDays(1);

    volatile bool isOutdated;

    /// <summary>The key of a task's job.</summary>
    public static JobKey JobKey(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(AdmitAsync(stoppingToken), LookAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops, perhaps before it had started.
        }
    }

    /// <summary>
    /// The way a node stops: 1. it takes no more tasks in hand and starts no more jobs; 2. those that run may end, for as long as <c>--drain</c> says;
    /// 3. Quartz, which is stopped next, interrupts the rest, and they are handed back.
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
            // It is being stopped without mercy, or never ran.
        }
    }

    async Task AdmitAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        while (true)
        {
            await signal.WaitAsync(node.Poll, cancellationToken);
            if (isOutdated) continue;
            try
            {
                await ScheduleAsync(scheduler, await admission.ClaimAsync(), cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The rows stay; a later poll or look finds them.
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

    /// <summary>The job of an earlier time in hand may be about to end: then it is fired once more, after that.</summary>
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
                // It ended, or came to be, in between.
            }
        }
    }

    /// <summary>A job that was running when its process died is fired again by Quartz itself (<c>RequestRecovery</c>).</summary>
    static IJobDetail Job(DueTask task) => JobBuilder.Create<TaskJob>().WithIdentity(JobKey(task.Number)).RequestRecovery().Build();

    ITrigger Trigger(DueTask task) => TriggerBuilder.Create().WithIdentity(Guid.NewGuid().ToString("N")).ForJob(JobKey(task.Number))
        .WithExecutionGroup(task.State.IsToDeliver() ? TaskEngine.Deliveries : TaskEngine.GroupOf(task.Group))
        .StartAt(time.GetUtcNow() - SetBack).Build();

    async Task LookAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        using var timer = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                // A newer node has changed the tables: what it wrote may be misread here, so nothing more is taken in hand.
                isOutdated = await store.IsNewerAsync(cancellationToken);
                // Rows first: a task that ends between the two readings gets a job that does nothing, never the other way round.
                var claimed = await store.ClaimedAsync(cancellationToken);
                // What Quartz set aside after failures of its own store would never fire again.
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

    [LoggerMessage(110, LogLevel.Error, "No tasks could be taken in hand; tried again within a second: {Why}")]
    static partial void LogNotAdmitted(ILogger logger, string why);

    [LoggerMessage(111, LogLevel.Error, "The tasks in hand could not be looked over; the next look is in seconds: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);

    [LoggerMessage(112, LogLevel.Information, "Stopping: {Running} may still end within {Drain}; what runs longer is handed back")]
    static partial void LogDraining(ILogger logger, string running, TimeSpan drain);
}
