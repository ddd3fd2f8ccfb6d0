using System.Globalization;
using Quartz;
using Slidebridge.Execution;

namespace Slidebridge.Scheduling;

/// <summary>What Quartz calls for a task in hand: one run, which takes it as far as it goes.</summary>
[DisallowConcurrentExecution]
sealed class TaskJob(TaskRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await runner.RunAsync(long.Parse(context.JobDetail.Key.Name, CultureInfo.InvariantCulture), cancellationToken);
}
