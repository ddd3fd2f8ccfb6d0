using Microsoft.EntityFrameworkCore;

namespace Slidebridge.Tasks;

/// <summary>
/// Deletes what tasks leave behind that ended long ago: results, logs, URLs, pictures. The row and its events stay: what was done, and when, is told for ever.
/// At start and every hour. Each worker does it, one at a time.
/// </summary>
sealed partial class Retention(CommitQueue commits, RetentionOptions options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    /// <summary>Tasks in one commit: webhooks wait for it.</summary>
    const int Batch = 50;

    static readonly TimeSpan BetweenSweeps = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Keep is null) return;
        using var timer = new PeriodicTimer(BetweenSweeps, time);
        try
        {
            do
            {
                try
                {
                    await SweepAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, e.GetBaseException().Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    /// <summary>One sweep.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        if (options.Keep is not { } keep) return;
        var before = time.GetUtcNow() - keep;
        int erased, all = 0;
        do all += erased = await EraseAsync(before);
        while (erased == Batch && !cancellationToken.IsCancellationRequested);
        if (all > 0) LogSwept(logger, all);
    }

    Task<int> EraseAsync(DateTimeOffset before) => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        var old = await database.Tasks.Where(t => TaskStates.Ended.Contains(t.State) && t.EndedAt < before && t.UpdatedAt < before)
            .Where(t => t.Request != null || t.Result != null || t.Log != null || t.Pictures.Count > 0).OrderBy(t => t.EndedAt).Take(Batch).ToListAsync();
        // One that a change of this very commit has begun anew is kept.
        old.RemoveAll(t => !t.State.IsEnded());
        var numbers = old.ConvertAll(t => t.Number);
        database.RemoveRange(await database.Results.Where(r => numbers.Contains(r.TaskNumber)).ToListAsync());
        database.RemoveRange(await database.Logs.Where(l => numbers.Contains(l.TaskNumber)).ToListAsync());
        database.RemoveRange(await database.Pictures.Where(p => numbers.Contains(p.TaskNumber)).ToListAsync());
        foreach (var task in old)
        {
            task.Request = null;
            // What failed may quote a result's values.
            (task.LastError, task.LastCause) = (null, null);
            task.HasResult = false;
            foreach (var scan in task.Scans) scan.Urls = [];
        }
        return old.Count;
    });

    [LoggerMessage(160, LogLevel.Information, "Retention: the results, pictures and URLs of {Tasks} ended tasks were deleted")]
    static partial void LogSwept(ILogger logger, int tasks);

    [LoggerMessage(161, LogLevel.Warning, "Retention: a sweep failed and is made again in an hour: {Why}")]
    static partial void LogFailed(ILogger logger, string why);
}
