using System.Collections.Concurrent;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Staging;

/// <summary>
/// Copies the slides of waiting and running tasks whose URLs expire soon, and keeps the copies until the tasks no longer need them: docs/decisions/staging.md. Every few seconds:
/// 1. copies of tasks that have been classified, or have ended, are released, and evicted if the disk is short of space;
/// 2. copies made by an earlier process are taken over;
/// 3. tasks that wait, or that this node has claimed, and whose URLs expire within <c>--stage-before</c>, are copied, two at a time, in the order of expiry.
/// </summary>
sealed partial class EarlyStaging(
    StagedSlides staged, StagingDirectory directory, WaitingSlides waiting, FreeSpace space, StagingOptions options, NodeOptions node, TimeProvider time, ILogger<EarlyStaging> logger) : BackgroundService
{
    /// <summary>Slides copied at the same time. Running tasks share the network with them; each copy uses two of the requests that a host gets at a time.</summary>
    const int AtOnce = 2;

    /// <summary>If a copy takes longer than this, another one starts, up to <see cref="MostAtOnce"/>: a slow server must not delay other slides.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    const int MostAtOnce = 8;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    /// <summary>How long a task is skipped after its copy failed, because there was no room or no answer.</summary>
    static readonly TimeSpan AfterFailure = TimeSpan.FromMinutes(1);

    readonly ConcurrentDictionary<long, IReadOnlyList<SlideLease>> held = [];
    readonly ConcurrentDictionary<long, DateTimeOffset> failed = [];
    readonly ConcurrentDictionary<long, Copying> copying = [];

    sealed record Copying(Task Done, CancellationTokenSource Stop, long Begun);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!staged.IsOn) return;
        try
        {
            while (true)
            {
                try
                {
                    await LookAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    // Usually the database is down; the next check tries again.
                    LogLookFailed(logger, e.GetBaseException().Message);
                }
                // A finished copy lets the next one start at once.
                await Task.WhenAny([Task.Delay(BetweenLooks, time, stoppingToken), .. copying.Values.Select(c => c.Done)]);
                stoppingToken.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
        finally
        {
            await Task.WhenAll(copying.Values.Select(c => c.Done));
            foreach (var number in held.Keys) LetGo(number);
        }
    }

    async Task LookAsync(CancellationToken cancellationToken)
    {
        var needed = (await waiting.NeededAsync(cancellationToken)).ToDictionary(t => t.Number);
        foreach (var number in held.Keys.Where(number => !needed.ContainsKey(number))) LetGo(number);
        // A task that ended or was cancelled needs no slide any more.
        foreach (var (number, copy) in copying)
            if (!needed.ContainsKey(number)) await StopAsync(copy);
        foreach (var task in needed.Values.Where(t => !held.ContainsKey(t.Number) && !copying.ContainsKey(t.Number))) await TakeOverAsync(task, cancellationToken);

        // Evict copies that nobody needs, so that no task is refused because of them.
        if (space.Shortage is not null) directory.GiveWay();

        var now = time.GetUtcNow();
        foreach (var (number, until) in failed)
            if (until < now) failed.TryRemove(number, out _);
        var young = copying.Values.Count(copy => time.GetElapsedTime(copy.Begun) < Patience);
        if (Math.Min(AtOnce - young, MostAtOnce - copying.Count) is > 0 and var free && space.Shortage is null)
            foreach (var task in await waiting.ClaimAsync(now + options.Before, now - BetweenLooks, [.. failed.Keys], free, cancellationToken))
                Begin(task, cancellationToken);
    }

    void Begin(BridgeTask task, CancellationToken cancellationToken)
    {
        var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var listed = new TaskCompletionSource();
        copying[task.Number] = new(Task.Run(async () =>
        {
            await listed.Task; // When the copy ends, it is removed from the list.
            using (stop) await CopyAsync(task, stop.Token);
        }, CancellationToken.None), stop, time.GetTimestamp());
        listed.SetResult();
    }

    static async Task StopAsync(Copying copy)
    {
        try
        {
            await copy.Stop.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // The copy has ended in between.
        }
    }

    async Task TakeOverAsync(BridgeTask task, CancellationToken cancellationToken)
    {
        var leases = new List<SlideLease>();
        foreach (var scan in task.Scans)
        {
            if (await staged.FindAllAsync(scan.Urls, cancellationToken) is { } found)
            {
                leases.AddRange(found);
                continue;
            }
            foreach (var lease in leases) lease.Dispose();
            await waiting.RecordAsync(task.Number, "the copy of the task's slides does not exist any more", isStaged: false);
            return;
        }
        held[task.Number] = leases;
    }

    async Task CopyAsync(BridgeTask task, CancellationToken cancellationToken)
    {
        var leases = new List<SlideLease>();
        try
        {
            foreach (var url in task.Scans.SelectMany(scan => scan.Urls)) leases.Add(await staged.StageAsync(url, cancellationToken));
            await waiting.RecordAsync(task.Number, $"slides staged early on node {node.Name}: their URLs expire at {task.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC", isStaged: true);
            held[task.Number] = leases;
            LogStaged(logger, task.Number);
        }
        catch (Exception e)
        {
            foreach (var lease in leases) lease.Dispose();
            failed[task.Number] = time.GetUtcNow() + AfterFailure;
            await GiveUpAsync(task.Number, cancellationToken.IsCancellationRequested ? "slides not staged early: the task has ended, or the node stops"
                : $"slides not staged early: {(e is SlideSourceException or SlideFormatException or StorageException ? e.Message : e.GetType().Name)}");
        }
        finally
        {
            copying.TryRemove(task.Number, out _);
        }
    }

    async Task GiveUpAsync(long number, string why)
    {
        LogNotStaged(logger, number, why);
        try
        {
            await waiting.RecordAsync(number, why, isStaged: false);
        }
        catch (Exception e) when (e is StorageException or ObjectDisposedException)
        {
            // The row says that the copies are here; the next check, or the next start, finds that they are not.
        }
    }

    void LetGo(long number)
    {
        if (!held.TryRemove(number, out var leases)) return;
        foreach (var lease in leases) lease.Dispose();
    }

    [LoggerMessage(170, LogLevel.Information, "Task {Task}: slides staged early")]
    static partial void LogStaged(ILogger logger, long task);

    [LoggerMessage(171, LogLevel.Warning, "Task {Task}: {Why}")]
    static partial void LogNotStaged(ILogger logger, long task, string why);

    [LoggerMessage(172, LogLevel.Warning, "Early staging: the waiting tasks could not be read from the database: {Why}")]
    static partial void LogLookFailed(ILogger logger, string why);
}
