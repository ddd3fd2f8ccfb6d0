using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>
/// Looks every second whether the tasks that run here are still this node's: one that an operator cancelled at another node, or that another
/// node has taken over while this one was frozen, is told to stop. Its steps would be refused anyway; this frees the classifier.
/// </summary>
sealed partial class TaskWatch(TaskStore store, RunningTasks running, TimeProvider time, ILogger<TaskWatch> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await LookAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    async Task LookAsync(CancellationToken cancellationToken)
    {
        if (running.Count == 0) return;
        try
        {
            foreach (var run in await store.MovedOnAsync(running.Leases, cancellationToken)) running.Stop(run);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotLooked(logger, e.GetBaseException().Message);
        }
    }

    [LoggerMessage(140, LogLevel.Warning, "Whether the running tasks are still this node's could not be seen: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);
}
