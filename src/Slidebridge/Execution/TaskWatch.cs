using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>
/// Checks every second whether this node still owns the tasks that it runs. A run is stopped if an operator cancelled its task at another node, or if another
/// node took the task over while this one was frozen. The run's steps would be refused anyway; stopping it frees the classifier.
/// </summary>
sealed partial class TaskWatch(TaskStore store, RunningTasks running, TimeProvider time, ILogger<TaskWatch> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) await PollAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    async Task PollAsync(CancellationToken cancellationToken)
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

    [LoggerMessage(140, LogLevel.Warning, "The node could not check whether it still owns its running tasks: {Why}")]
    static partial void LogNotLooked(ILogger logger, string why);
}
