using Quartz;

namespace Slidebridge.Fleet;

/// <summary>The controller as a job: Quartz runs it on one node of a cluster at a time, and on another one if that dies.</summary>
[DisallowConcurrentExecution]
sealed class FleetJob(FleetController controller) : IJob
{
    public static readonly JobKey Key = new("controller", "fleet");

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) => await controller.LookAsync(cancellationToken);
}
