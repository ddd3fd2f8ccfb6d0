using System.Collections.Concurrent;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Staging;

/// <summary>
/// Copies the slides of tasks that wait, or are worked on, while their URLs run out, and keeps the copies until the tasks are done with them: docs/decisions/staging.md. Every few seconds:
/// 1. copies of tasks that have been classified, or have ended, are let go, and make way where the disk is short;
/// 2. copies that a process before this one made are taken over;
/// 3. tasks that wait, or that this node has in hand, and whose URLs live less than <c>--stage-before</c> are copied, two at a time, the first to expire first.
/// </summary>
sealed partial class EarlyStaging(
    StagedSlides staged, StagingDirectory directory, WaitingSlides waiting, FreeSpace space, StagingOptions options, NodeOptions node, TimeProvider time, ILogger<EarlyStaging> logger) : BackgroundService
{
    /// <summary>Slides copied at a time. Running tasks read by the same line; each copy takes two of the requests that a host is sent at a time.</summary>
    const int AtOnce = 2;

    /// <summary>A copy that takes longer than this lets another begin beside it, up to <see cref="MostAtOnce"/>: a slow server must not keep the slides of others waiting.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    const int MostAtOnce = 8;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2);

    /// <summary>A task that could not be copied, for want of room or of an answer, is left alone for so long.</summary>
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
                    // The database is away, as a rule; the next look tries again.
                    LogLookFailed(logger, e.GetBaseException().Message);
                }
                // A copy that is done makes place for the next at once.
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
        // A task that has ended, or was cancelled, needs no slide any more.
        foreach (var (number, copy) in copying)
            if (!needed.ContainsKey(number)) await StopAsync(copy);
        foreach (var task in needed.Values.Where(t => !held.ContainsKey(t.Number) && !copying.ContainsKey(t.Number))) await TakeOverAsync(task, cancellationToken);

        // No task is refused for the sake of a copy that nobody needs.
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
            await listed.Task; // Its end takes it off the list.
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
            // It has ended in between.
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
            await waiting.RecordAsync(task.Number, "the copy of its slides is not there any more", isStaged: false);
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
            await waiting.RecordAsync(task.Number, $"slides staged early at {node.Name}: their URLs expire at {task.ExpiresAt:yyyy-MM-dd HH:mm:ss} UTC", isStaged: true);
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
            // The row says that the slides are here; the next look, or the next start, finds that they are not.
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

    [LoggerMessage(172, LogLevel.Warning, "Early staging: a look at the waiting tasks failed: {Why}")]
    static partial void LogLookFailed(ILogger logger, string why);
}
