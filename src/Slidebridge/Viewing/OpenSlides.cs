using Slidebridge.Staging;

namespace Slidebridge.Viewing;

/// <summary>
/// Slides that are open because people look at them. A slide is opened by the first request for it, and stays open until nobody has asked for a tile for a while.
/// The number of open slides is limited: the one that was used longest ago is closed.
/// </summary>
sealed class OpenSlides : IAsyncDisposable
{
    /// <summary>Maximum open slides. Each holds its levels' directories, and pixels of the shared block cache.</summary>
    public const int Most = 32;

    /// <summary>A slide that nobody uses is closed after this time.</summary>
    static readonly TimeSpan Idle = TimeSpan.FromMinutes(2);

    sealed class Entry(ViewedSlide slide, string place)
    {
        public ViewedSlide Slide => slide;
        public string Place => place;
        public int Users { get; set; }
        public long Used { get; set; }
        public bool IsRemoved { get; set; }
    }

    readonly TimeProvider time;
    readonly ITimer closing;
    readonly SharedWork<bool> opening = new();
    readonly Dictionary<string, Entry> entries = [];
    readonly Lock gate = new();
    bool isDisposed;

    public OpenSlides(TimeProvider time)
    {
        this.time = time;
        closing = time.CreateTimer(_ => _ = CloseIdleAsync(), null, Idle, Idle);
    }

    /// <summary>The open slide, until the lease is disposed; opened once, however many ask at the same time.</summary>
    /// <param name="key">Names the objects that the slide is read from.</param>
    /// <param name="place">What the slide belongs to, such as a scan of a task.</param>
    /// <param name="open">Opens the slide; its key is <paramref name="key"/>.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    public async Task<Lease> OpenAsync(string key, string place, Func<CancellationToken, Task<ViewedSlide>> open, CancellationToken cancellationToken)
    {
        while (true)
        {
            ObjectDisposedException.ThrowIf(isDisposed, this);
            if (Find(key, place) is { } lease) return lease;
            await opening.RunAsync(key, async stop =>
            {
                await AddAsync(place, await open(stop));
                return true;
            }, cancellationToken);
        }
    }

    /// <summary>The slide with this key, if it is open and belongs there.</summary>
    public Lease? Find(string key, string place)
    {
        lock (gate)
        {
            if (!entries.TryGetValue(key, out var entry) || entry.Place != place) return null;
            entry.Users++;
            entry.Used = time.GetTimestamp();
            return new Lease(entry.Slide, () => ReleaseAsync(entry));
        }
    }

    /// <summary>Closes a slide: the next request opens it again.</summary>
    public async Task CloseAsync(string key)
    {
        List<Entry> closed;
        lock (gate) closed = entries.TryGetValue(key, out var open) ? Take(entry => entry == open) : [];
        foreach (var entry in closed) await entry.Slide.DisposeAsync();
    }

    async Task AddAsync(string place, ViewedSlide slide)
    {
        List<Entry> removed;
        lock (gate)
        {
            entries[slide.Key] = new Entry(slide, place) { Used = time.GetTimestamp() };
            removed = isDisposed ? Take(_ => true) : [];
            if (entries.Count > Most && entries.Values.Where(entry => entry.Slide != slide).MinBy(entry => entry.Used) is { } oldest) removed.AddRange(Take(entry => entry == oldest));
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
