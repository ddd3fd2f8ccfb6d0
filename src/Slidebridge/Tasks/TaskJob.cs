using System.Globalization;
using Quartz;

namespace Slidebridge.Tasks;

/// <summary>What Quartz calls for a task: one try to take it as far as it goes, and an appointment for the next try where it is not at its end.</summary>
[DisallowConcurrentExecution]
sealed partial class TaskJob(TaskRunner runner, TimeProvider time, ILogger<TaskJob> logger) : IJob
{
    /// <summary>After a failure of the bridge itself, such as a full disk.</summary>
    static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(15);

    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        var number = long.Parse(context.JobDetail.Key.Name, CultureInfo.InvariantCulture);
        var again = await RunAsync(number, cancellationToken);
        if (again is { } due)
            await context.Scheduler.ScheduleJob(TaskDispatcher.Trigger(due), default, cancellationToken);
    }

    async Task<DueTask?> RunAsync(long number, CancellationToken cancellationToken)
    {
        try
        {
            return await runner.RunAsync(number, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The bridge stops. The row says how far the task is, and the next start goes on from there.
            return null;
        }
        catch (TaskMovedOnException e)
        {
            LogMovedOn(logger, e.Message);
            return null;
        }
        catch (Exception e)
        {
            LogFault(logger, number, e);
            return new DueTask(number, time.GetUtcNow() + AfterFault, IsClassified: false);
        }
    }

    [LoggerMessage(120, LogLevel.Warning, "{What} This run is dropped")]
    static partial void LogMovedOn(ILogger logger, string what);

    [LoggerMessage(121, LogLevel.Error, "Task {Task}: the bridge itself failed; it is tried again shortly")]
    static partial void LogFault(ILogger logger, long task, Exception e);
}
