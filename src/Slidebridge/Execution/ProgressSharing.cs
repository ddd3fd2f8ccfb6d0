using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Keeps the progress of this node's runs in the database, for the pages of other nodes: every few seconds, if something has changed. A node that is the only one writes nothing.</summary>
sealed partial class ProgressSharing(
    RunningTasks running, TaskProgress progress, TaskStore store, CommitQueue commits, IDbContextFactory<TaskDatabase> databases, NodeOptions node, TimeProvider time, ILogger<ProgressSharing> logger) : BackgroundService
{
    /// <summary>Also how often a page asks for the progress of a run elsewhere.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using (var database = await databases.CreateDbContextAsync(stoppingToken))
            if (!database.IsShared) return;
        string? kept = null;
        using var timer = new PeriodicTimer(Between, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    if (kept is null) await store.ForgetProgressAsync();
                    kept = await KeepAsync(kept ?? "");
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // Nothing depends on it; the next time may succeed.
                    LogNotKept(logger, e.GetBaseException().Message);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    async Task<string> KeepAsync(string before)
    {
        var runs = running.Leases.ToDictionary(lease => TaskStore.RunOf(lease.Number, lease.FencingToken),
            lease => (IReadOnlyDictionary<string, double>)lease.Task.Scans.ToDictionary(scan => scan.ScanId, scan => Math.Round(progress.Of(lease.Task, scan.ScanId), 3)));
        var now = string.Join(' ', runs.Select(run => $"{run.Key} {string.Join(' ', run.Value)}"));
        if (now == before) return before;
        await commits.CommitAsync(async database =>
        {
            await store.KeepProgressAsync(database, node.Name, runs);
            return true;
        });
        return now;
    }

    [LoggerMessage(141, LogLevel.Warning, "The progress of this node's runs could not be kept for other nodes: {Why}")]
    static partial void LogNotKept(ILogger logger, string why);
}
