using Quartz;
using Slidebridge.Scheduling;

namespace Slidebridge.Fleet;

/// <summary>Keeps the controller's job scheduled.</summary>
sealed partial class FleetSchedule(ISchedulerFactory schedulers, FleetOptions options, TimeProvider time, ILogger<FleetSchedule> logger) : BackgroundService
{
    static readonly TriggerKey Trigger = new("controller", "fleet");

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // After hours without a node, the passes that were missed are not made up for.
        var isFirst = true;
        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(isFirst, stoppingToken);
                    isFirst = false;
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    LogNotScheduled(logger, e.GetBaseException().Message);
                }
                await Task.Delay(BetweenLooks, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    async Task LookAsync(bool isFirst, CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        // A time far from now: the wall clock was set, or the machine slept.
        if (!isFirst && await scheduler.GetTrigger(Trigger, cancellationToken) is { } known && known.NextFireTimeUtc is { } next && (next - time.GetUtcNow()).Duration() < BetweenLooks + 2 * options.Every) return;
        await scheduler.UnscheduleJob(Trigger, cancellationToken);
        // Every node that runs tasks serves the group of deliveries.
        var trigger = TriggerBuilder.Create().WithIdentity(Trigger).ForJob(FleetJob.Key).WithExecutionGroup(TaskEngine.Deliveries)
            .StartAt(time.GetUtcNow()).WithSimpleSchedule(schedule => schedule.WithInterval(options.Every).RepeatForever()).Build();
        await scheduler.AddJob(JobBuilder.Create<FleetJob>().WithIdentity(FleetJob.Key).StoreDurably().Build(), AddJobOptions.Replacing, cancellationToken);
        try
        {
            await scheduler.ScheduleJob(trigger, default, cancellationToken);
        }
        catch (ObjectAlreadyExistsException)
        {
            // Another node has just done it.
        }
    }

    [LoggerMessage(706, LogLevel.Error, "The fleet's controller could not be scheduled; the bridge tries again within 30 s: {Why}")]
    static partial void LogNotScheduled(ILogger logger, string why);
}
