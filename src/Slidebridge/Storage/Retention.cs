using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Storage;

/// <summary>
/// Deletes data of ended tasks, at start and every hour: results, logs, pictures and quoted words of tasks that ended long ago, and URLs and tokens that have expired.
/// The row and its events stay for ever: what was done, and when. Tasks that the platform did not confirm are deleted completely, except the newest, every minute.
/// Each worker does it, one at a time.
/// </summary>
sealed partial class Retention(TaskStore store, CommitQueue commits, IDbContextFactory<TaskDatabase> databases, RetentionOptions options, TimeProvider time, ILogger<Retention> logger) : BackgroundService
{
    /// <summary>Maximum tasks per commit, because webhooks wait for the commit.</summary>
    const int Batch = 50;

    /// <summary>The same for tasks that lose only their token and URLs: one statement for all.</summary>
    const int SecretsBatch = 1000;

    /// <summary>Lines of the audit log that are deleted by one commit.</summary>
    const int AuditBatch = 1000;

    /// <summary>Maximum number of unconfirmed tasks that are kept, so that strangers' webhooks do not fill the disk.</summary>
    const int MostUnconfirmed = 5000;

    static readonly TimeSpan BetweenSweeps = TimeSpan.FromHours(1), BetweenLooks = TimeSpan.FromMinutes(1), UnconfirmedAreKept = TimeSpan.FromDays(7);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        long? lastSweep = null;
        try
        {
            do
            {
                try
                {
                    await ForgetUnconfirmedAsync(stoppingToken);
                    if (lastSweep is { } last && time.GetElapsedTime(last) < BetweenSweeps) continue;
                    await SweepAsync(stoppingToken);
                    lastSweep = time.GetTimestamp();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, e.GetBaseException().Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && stoppingToken.IsCancellationRequested)
        {
            // The bridge stops, perhaps before its start was complete.
        }
    }

    /// <summary>One sweep.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        int erased, all = 0, expired = 0, lines = 0;
        do expired += erased = await EraseSecretsAsync();
        while (erased == SecretsBatch && !cancellationToken.IsCancellationRequested);
        if (options.Keep is { } keep)
        {
            do all += erased = await EraseAsync(time.GetUtcNow() - keep);
            while (erased == Batch && !cancellationToken.IsCancellationRequested);
        }
        if (options.KeepAudit is { } keepAudit)
        {
            do lines += erased = await EraseAuditAsync(time.GetUtcNow() - keepAudit);
            while (erased == AuditBatch && !cancellationToken.IsCancellationRequested);
            if (lines > 0) await RecordErasedAsync(lines);
        }
        if (options.KeepEvents is { } keepEvents)
        {
            do erased = await EraseEventsAsync(time.GetUtcNow() - keepEvents);
            while (erased == SecretsBatch && !cancellationToken.IsCancellationRequested);
        }
        if (all > 0) LogSwept(logger, Counted.Text(all, "ended task"));
        if (all + expired + lines == 0) return;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.WipeAsync(cancellationToken);
    }

    /// <summary>An ended task can be retried, or classified again, until its URLs expire.</summary>
    Task<int> EraseSecretsAsync() => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        var now = time.GetUtcNow();
        // A task that another change of this commit has restarted keeps its secrets.
        var begun = database.Tasks.Local.Where(t => !t.State.IsEnded()).Select(t => t.Number).ToList();
        return await database.Tasks.Where(t => TaskStates.Ended.Contains(t.State) && t.Secrets != null && t.ExpiresAt < now && !begun.Contains(t.Number))
            .OrderBy(t => t.EndedAt).Take(SecretsBatch).ExecuteUpdateAsync(set => set.SetProperty(t => t.Secrets, (byte[]?)null));
    });

    /// <summary>Deletes the oldest lines of the audit log. The last line always stays, so that the next one continues the chain.</summary>
    Task<int> EraseAuditAsync(DateTimeOffset before) => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        if (await database.Audit.MaxAsync(line => (long?)line.Number) is not { } last) return 0;
        var kept = await database.Audit.Where(line => line.At >= before).MinAsync(line => (long?)line.Number) ?? last;
        return await database.Audit.Where(line => line.Number < kept).OrderBy(line => line.Number).Take(AuditBatch).ExecuteDeleteAsync();
    });

    Task<int> EraseEventsAsync(DateTimeOffset before) => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        return await database.Outbox.Where(e => e.At < before).OrderBy(e => e.Id).Take(SecretsBatch).ExecuteDeleteAsync();
    });

    Task<bool> RecordErasedAsync(int lines) => commits.CommitAsync(database =>
    {
        database.Record(new AuditEntry { At = time.GetUtcNow(), Who = "the bridge", Action = "audit shortened", Subject = $"the {Counted.Text(lines, "oldest line", "oldest lines")}" });
        return Task.FromResult(true);
    });

    async Task<int> EraseAsync(DateTimeOffset before)
    {
        var erased = await EraseSomeAsync(before);
        store.TellErased(erased);
        return erased.Count;
    }

    Task<List<long>> EraseSomeAsync(DateTimeOffset before) => commits.CommitAsync(async database =>
    {
        await database.AloneAsync(CancellationToken.None);
        var old = await database.Tasks.Where(t => TaskStates.Ended.Contains(t.State) && t.EndedAt < before && t.UpdatedAt < before)
            .Where(t => t.Requests.Count == 0) // Received again, and not verified yet: the task may restart.
            .Where(t => t.Secrets != null || t.LastError != null || t.LastCause != null || t.Result != null || t.Log != null || database.Reruns.Any(r => r.TaskNumber == t.Number) || t.Pictures.Count > 0 || t.Events.Any(e => e.Words != null))
            .OrderBy(t => t.EndedAt).Take(Batch).ToListAsync();
        // A task that another change of this commit has restarted is not erased.
        var ended = old.Where(t => t.State.IsEnded() && !IsClaimedAnew(database, t)).ToList();
        foreach (var task in ended) await EraseAsync(database, task);
        return ended.ConvertAll(task => task.Number);
    });

    /// <summary>Whether this commit stores a webhook beside the task's row.</summary>
    static bool IsClaimedAnew(TaskDatabase database, BridgeTask task) => database.ChangeTracker.Entries<TaskRequest>().Any(e => e.State is EntityState.Added && e.Entity.TaskNumber == task.Number);

    /// <summary>Erases a task's result, log, pictures, secrets and quoted words. The row and its events stay. A webhook that waits beside the row stays too: it was acknowledged, and may be the platform's.</summary>
    public static async Task EraseAsync(TaskDatabase database, BridgeTask task)
    {
        database.RemoveRange(await database.Results.Where(r => r.TaskNumber == task.Number).ToListAsync());
        database.RemoveRange(await database.Reruns.Where(r => r.TaskNumber == task.Number).ToListAsync());
        database.RemoveRange(await database.Logs.Where(l => l.TaskNumber == task.Number).ToListAsync());
        database.RemoveRange(await database.Pictures.Where(p => p.TaskNumber == task.Number).ToListAsync());
        database.RemoveRange(await database.Parts.Where(p => p.TaskNumber == task.Number).ToListAsync());
        foreach (var step in await database.Set<TaskEvent>().Where(e => e.TaskNumber == task.Number && e.Words != null).ToListAsync()) step.Words = null;
        // The error of a failed task may quote values of a result.
        (task.Secrets, task.LastError, task.LastCause, task.PlainError) = (null, null, null, null);
        (task.HasResult, task.ResultObjects, task.HeldUntil, task.Rejection) = (false, null, null, null);
    }

    /// <summary>Deletes tasks that the platform did not confirm, except the newest.</summary>
    public async Task ForgetUnconfirmedAsync(CancellationToken cancellationToken)
    {
        int forgotten;
        do forgotten = await commits.CommitAsync(async database =>
        {
            await database.AloneAsync(CancellationToken.None);
            var before = time.GetUtcNow() - UnconfirmedAreKept;
            // A webhook that waits beside such a row may be the platform's, so the row stays until the webhook is verified.
            var unconfirmed = database.Tasks.Where(t => t.VerifiedAt == null && t.State == TaskState.Failed && t.Requests.Count == 0);
            var old = await unconfirmed.OrderByDescending(t => t.EndedAt).Skip(MostUnconfirmed).Take(Batch).ToListAsync();
            if (old.Count == 0) old = await unconfirmed.Where(t => t.EndedAt < before).OrderBy(t => t.EndedAt).Take(Batch).ToListAsync();
            old.RemoveAll(t => t.State is not TaskState.Failed || IsClaimedAnew(database, t));
            foreach (var task in old)
            {
                await EraseAsync(database, task);
                database.RemoveRange(await database.Set<TaskEvent>().Where(e => e.TaskNumber == task.Number).ToListAsync());
                database.Remove(task);
            }
            return old.Count;
        });
        while (forgotten == Batch && !cancellationToken.IsCancellationRequested);
    }

    [LoggerMessage(160, LogLevel.Information, "Retention: the results, pictures and words of {Tasks} were deleted")]
    static partial void LogSwept(ILogger logger, string tasks);

    [LoggerMessage(161, LogLevel.Warning, "Retention: deleting old data failed; the bridge tries again in a minute: {Why}")]
    static partial void LogFailed(ILogger logger, string why);
}
