using System.Globalization;
using Quartz;
using Slidebridge.Execution;

namespace Slidebridge.Scheduling;

/// <summary>The job that Quartz runs for a claimed task: one run of the task.</summary>
[DisallowConcurrentExecution]
sealed class TaskJob(TaskRunner runner) : IJob
{
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken) =>
        await runner.RunAsync(long.Parse(context.JobDetail.Key.Name, CultureInfo.InvariantCulture), cancellationToken);
}
