using Quartz;

namespace Slidebridge.Fleet;

/// <summary>The controller as a job: Quartz runs it on one node of a cluster at a time, and on another one if that dies.</summary>
[DisallowConcurrentExecution]
sealed class FleetJob(IServiceProvider services) : IJob
{
    public static readonly JobKey Key = new("controller", "fleet");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await (services.GetService<FleetController>()?.LookAsync(cancellationToken) ?? Task.CompletedTask); // Another node's file may have a fleet, and this one's none.
}
