using Quartz;

namespace Slidebridge.Fleet;

/// <summary>The controller as a job: Quartz runs it on one node of a cluster at a time, and on another one if that dies.</summary>
[DisallowConcurrentExecution]
sealed class FleetJob(IServiceProvider services) : IJob
{
    public static readonly JobKey Key = new("controller", "fleet");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        if (services.GetService<FleetController>() is { } controller) await controller.LookAsync(cancellationToken);
        else await context.Scheduler.UnscheduleJob(context.Trigger.Key, cancellationToken); // The fleet was removed from the file. A node whose file still has one schedules the job again.
    }
}
