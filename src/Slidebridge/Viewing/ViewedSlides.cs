using System.Security.Cryptography;
using System.Text;
using Slidebridge.Execution;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Viewing;

/// <summary>
/// The slides that people look at on this node. A slide is opened by the first request for it, by range requests like a classifier's, and stays open until nobody has asked for a tile for a while.
/// The number of open slides is limited: the one that was used longest ago is closed.
/// </summary>
sealed class ViewedSlides : IAsyncDisposable
{
    /// <summary>Maximum open slides. Each holds its levels' directories, and pixels of the shared block cache.</summary>
    public const int MostOpen = 32;

    /// <summary>A slide that nobody uses is closed after this time.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);

    sealed class Entry
    {
        public required ViewedSlide Slide { get; init; }
        public required long Task { get; init; }
        public required string Scan { get; init; }
        public int Users { get; set; }
        public long Used { get; set; }
        public bool IsRemoved { get; set; }
    }

    readonly ScanOpener opener;
    readonly TaskVault vault;
    readonly OpeningOptions opening;
    readonly TimeProvider time;
    readonly ITimer closing;
    readonly SharedWork<bool> opened = new();
    readonly Dictionary<string, Entry> entries = [];
    readonly Lock gate = new();
    bool isDisposed;

    public ViewedSlides(ScanOpener opener, TaskVault vault, OpeningOptions opening, TimeProvider time)
    {
        (this.opener, this.vault, this.opening, this.time) = (opener, vault, opening, time);
        closing = time.CreateTimer(_ => _ = CloseIdleAsync(), null, Idle, Idle);
    }

    /// <summary>Which objects a scan of a task is read from, in a few letters.</summary>
    public static string KeyOf(BridgeTask task, string scanId) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{task.Number}\n{scanId}\n{task.Objects}")))[..16];

    /// <summary>The open slide of a task's scan, until the lease is disposed.</summary>
    /// <param name="task">The task's row, not tracked.</param>
    /// <param name="scanId">One of its scans.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <exception cref="SlidebridgeException">The slide cannot be opened, and why.</exception>
    public async Task<Lease> OpenAsync(BridgeTask task, string scanId, CancellationToken cancellationToken)
    {
        var key = KeyOf(task, scanId);
        while (true)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (Find(key) is { } lease) return lease;
            await opened.RunAsync(key, async stop =>
            {
                await AddAsync(task.Number, scanId, await OpenOnceAsync(task, scanId, key, stop));
                return true;
            }, cancellationToken);
        }
    }

    /// <summary>The slide with this key, if it is open and that of this task and scan.</summary>
    public Lease? Find(string key, long task, string scanId) => Find(key, entry => entry.Task == task && entry.Scan == scanId);

    Lease? Find(string key, Func<Entry, bool>? isWanted = null)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var entry) || isWanted?.Invoke(entry) == false) return null;
            entry.Users++;
            entry.Used = time.GetTimestamp();
            return new Lease(entry.Slide, () => ReleaseAsync(entry));
        }
    }

    /// <summary>Closes a slide, because its objects cannot be read any more: the next request opens it again, perhaps with fresh URLs.</summary>
    public async Task CloseAsync(string key)
    {
        List<Entry> closed;
        lock (gate) closed = entries.TryGetValue(key, out var open) ? Take(entry => entry == open) : [];
        foreach (var entry in closed) await entry.Slide.DisposeAsync();
    }

    async Task<ViewedSlide> OpenOnceAsync(BridgeTask task, string scanId, string key, CancellationToken cancellationToken)
    {
        if (task.VerifiedAt is null) throw new SlideNotShownException("The platform has not confirmed this task, so its slides are not opened.");
        if (task.Secrets is null) throw new SlideNotShownException("The URLs of the slide were deleted, because they had expired or the task's results are not kept any longer.");
        if (vault.TryUnlock(task).Locked is { } locked) throw locked;
        task.Scans = [.. task.Scans.Where(scan => scan.ScanId == scanId)];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(opening.Timeout);
        try
        {
            var opened = await opener.OpenAsync(task, settings: null, copied: null, limit.Token);
            return new ViewedSlide(await opened.Task.Scans[0].OpenSlideAsync(limit.Token), key, opened.Ways.IsStaged(scanId), opened);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new SlideNotShownException($"The slide did not open within {opening.Timeout.TotalSeconds:0.#} s (--open-timeout).");
        }
    }

    async Task AddAsync(long task, string scanId, ViewedSlide slide)
    {
        List<Entry> removed;
        lock (gate)
        {
            entries[slide.Key] = new Entry { Slide = slide, Task = task, Scan = scanId, Used = time.GetTimestamp() };
            removed = isDisposed ? Take(_ => true) : [];
            if (entries.Count > MostOpen && entries.Values.Where(entry => entry.Slide != slide).MinBy(entry => entry.Used) is { } oldest) removed.AddRange(Take(entry => entry == oldest));
        }
        foreach (var entry in removed) await entry.Slide.DisposeAsync();
    }

    async Task CloseIdleAsync()
    {
        List<Entry> idle;
        lock (gate) idle = Take(entry => time.GetElapsedTime(entry.Used) > Idle);
        foreach (var entry in idle) await entry.Slide.DisposeAsync();
    }

    /// <summary>Removes entries; those without users are the caller's to close, the others are closed by their last user.</summary>
    List<Entry> Take(Func<Entry, bool> which)
    {
        var unused = new List<Entry>();
        foreach (var (key, entry) in entries.Where(each => which(each.Value)).ToList())
        {
            entries.Remove(key);
            entry.IsRemoved = true;
            if (entry.Users == 0) unused.Add(entry);
        }
        return unused;
    }

    async ValueTask ReleaseAsync(Entry entry)
    {
        bool isLast;
        lock (gate)
        {
            entry.Used = time.GetTimestamp();
            isLast = --entry.Users == 0 && entry.IsRemoved;
        }
        if (isLast) await entry.Slide.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await closing.DisposeAsync();
        List<Entry> removed;
        lock (gate)
        {
            isDisposed = true;
            removed = Take(_ => true);
        }
        foreach (var entry in removed) await entry.Slide.DisposeAsync();
    }

    /// <summary>Keeps a slide open.</summary>
    public sealed class Lease(ViewedSlide slide, Func<ValueTask> release) : IAsyncDisposable
    {
        public ViewedSlide Slide => slide;

        public ValueTask DisposeAsync() => release();
    }
}
