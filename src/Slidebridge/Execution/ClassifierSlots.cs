using Slidebridge.Classifiers.Catalog;

namespace Slidebridge.Execution;

/// <summary>
/// How many tasks have their slides open, and how many of those are classified, at a time. Some are opened ahead, so that a classifier
/// never waits for a connection; not all that wait, for open slides hold memory. Posting results takes no slot.
/// </summary>
sealed class ClassifierSlots(ClassifierOptions options) : IDisposable
{
    /// <summary>Opening a slide takes a few round trips; this many at once hide them from a classifier that takes no longer than one.</summary>
    public const int Ahead = 8;

    readonly SemaphoreSlim open = new(options.Concurrency + Ahead);
    readonly SemaphoreSlim classify = new(options.Concurrency);
    readonly SemaphoreSlim alone = new(1);

    /// <summary>Waits until slides may be opened; disposing what is returned lets the next task open its own.</summary>
    public Task<Place> OpenAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAsync, cancellationToken);

    /// <summary>Waits until no other task has its slides open, and keeps the others waiting: for a task that may end the process.</summary>
    public Task<Place> OpenAloneAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAllAsync, cancellationToken);

    async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await open.WaitAsync(cancellationToken);
        return new Slot(() => open.Release());
    }

    async Task<IDisposable> TakeAllAsync(CancellationToken cancellationToken)
    {
        await alone.WaitAsync(cancellationToken); // Two that gather slots would wait for each other.
        var taken = 0;
        try
        {
            for (; taken < options.Concurrency + Ahead; taken++) await open.WaitAsync(cancellationToken);
            return new Slot(Release);
        }
        catch
        {
            Release();
            throw;
        }

        void Release()
        {
            if (taken > 0) open.Release(taken);
            alone.Release();
        }
    }

    /// <summary>Waits until the node classifies fewer tasks than it may; disposing what is returned lets the next one in.</summary>
    /// <param name="place">What was waited for before, and is given back with it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IDisposable> ClassifyAsync(IDisposable? place, CancellationToken cancellationToken)
    {
        await classify.WaitAsync(cancellationToken);
        return new Slot(() =>
        {
            classify.Release();
            place?.Dispose();
        });
    }

    public void Dispose()
    {
        open.Dispose();
        classify.Dispose();
        alone.Dispose();
    }

    /// <summary>A task's place among those whose slides are open. It may be given up for a while, and taken again.</summary>
    public sealed class Place(Func<CancellationToken, Task<IDisposable>> take) : IDisposable
    {
        IDisposable? held;

        public static async Task<Place> OfAsync(Func<CancellationToken, Task<IDisposable>> take, CancellationToken cancellationToken)
        {
            var place = new Place(take);
            await place.TakeAsync(cancellationToken);
            return place;
        }

        public bool IsHeld => held is not null;

        /// <summary>Waits for it; not while it is held.</summary>
        public async Task TakeAsync(CancellationToken cancellationToken) => held = await take(cancellationToken);

        public void GiveUp() => Interlocked.Exchange(ref held, null)?.Dispose();

        public void Dispose() => GiveUp();
    }

    /// <summary>Frees once, however often it is disposed.</summary>
    sealed class Slot(Action free) : IDisposable
    {
        Action? free = free;

        public void Dispose() => Interlocked.Exchange(ref free, null)?.Invoke();
    }
}
