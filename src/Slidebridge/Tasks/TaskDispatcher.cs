using System.Globalization;
using System.Threading.Channels;
using Quartz;

namespace Slidebridge.Tasks;

/// <summary>
/// Gives each unfinished task its Quartz job. The row is the truth and the job derived from it: a job's name is the task's number,
/// so giving it twice is harmless, and a job that is missing, because the process died in between or the job store was lost,
/// is given again at the next look over the rows (at start, then every minute).
/// </summary>
sealed partial class TaskDispatcher(ISchedulerFactory schedulers, TaskStore store, TimeProvider time, ILogger<TaskDispatcher> logger) : BackgroundService
{
    const int LargestBatch = 256;
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(1);

    readonly Channel<DueTask> due = Channel.CreateUnbounded<DueTask>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Has the task worked on soon. Returns at once; forgotten when the process dies, and then found by the next look.</summary>
    public void Dispatch(DueTask task) => due.Writer.TryWrite(task);

    /// <summary>The key of a task's job.</summary>
    public static JobKey JobKey(long number) => new(number.ToString(CultureInfo.InvariantCulture));

    /// <summary>A trigger that fires a task's job once, at its moment.</summary>
    public static ITrigger Trigger(DueTask task)
    {
        var trigger = TriggerBuilder.Create().WithIdentity(Guid.NewGuid().ToString("N")).ForJob(JobKey(task.Number));
        // Deliveries have threads that no backlog of classifications can take.
        if (!task.IsClassified) trigger = trigger.WithExecutionGroup(TaskEngine.Classifications);
        return (task.NotBefore is { } moment ? trigger.StartAt(moment) : trigger.StartNow()).Build();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(ScheduleAsync(stoppingToken), LookAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops, perhaps before it had started.
        }
    }

    async Task ScheduleAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        var batch = new Dictionary<long, DueTask>();
        while (await due.Reader.WaitToReadAsync(cancellationToken))
        {
            batch.Clear();
            while (batch.Count < LargestBatch && due.Reader.TryRead(out var task)) batch[task.Number] = task;
            try
            {
                await ScheduleAsync(scheduler, batch.Values, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // The rows stay; the next look tries again.
                LogNotScheduled(logger, batch.Count, e);
            }
        }
    }

    static async Task ScheduleAsync(IScheduler scheduler, IReadOnlyCollection<DueTask> tasks, CancellationToken cancellationToken)
    {
        try
        {
            await scheduler.ScheduleJobs(tasks.ToDictionary(Job, t => (IReadOnlyCollection<ITrigger>)[Trigger(t)]), default, cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            foreach (var task in tasks)
                if (!await scheduler.Exists(JobKey(task.Number), cancellationToken))
                    await scheduler.ScheduleJob(Job(task), Trigger(task), default, cancellationToken);
        }
    }

    /// <summary>A job that was running when its process died is fired again by Quartz itself (<c>RequestRecovery</c>).</summary>
    static IJobDetail Job(DueTask task) => JobBuilder.Create<TaskJob>().WithIdentity(JobKey(task.Number)).RequestRecovery().Build();

    async Task LookAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        using var timer = new PeriodicTimer(BetweenLooks, time);
        do
        {
            try
            {
                // Rows first: a task that ends between the two readings gets a job that does nothing, never the other way round.
                var unfinished = await store.UnfinishedAsync(cancellationToken);
                // What Quartz set aside after failures of its own store would never fire again.
                await scheduler.ResetTriggersFromErrorState(GroupMatcher<TriggerKey>.AnyGroup(), cancellationToken);
                var jobs = (await scheduler.GetJobKeys(GroupMatcher<JobKey>.AnyGroup(), cancellationToken)).ToHashSet();
                foreach (var task in unfinished)
                    if (!jobs.Contains(JobKey(task.Number))) Dispatch(task);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogNotLooked(logger, e);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    [LoggerMessage(110, LogLevel.Error, "{Count} tasks could not be given their jobs; they are tried again within a minute")]
    static partial void LogNotScheduled(ILogger logger, int count, Exception e);

    [LoggerMessage(111, LogLevel.Error, "The unfinished tasks could not be looked over; the next look is in a minute")]
    static partial void LogNotLooked(ILogger logger, Exception e);
}
