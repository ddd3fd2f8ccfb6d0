using Quartz;
using Slidebridge.Scheduling;

namespace Slidebridge.Fleet;

/// <summary>Schedules the controller again at each start of a node: after hours without a node, the passes that were missed are not made up for.</summary>
sealed class FleetSchedule(ISchedulerFactory schedulers, FleetOptions options, TimeProvider time) : IHostedService
{
    static readonly TriggerKey Trigger = new("controller", "fleet");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
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
            // Another node that starts has just done it.
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
