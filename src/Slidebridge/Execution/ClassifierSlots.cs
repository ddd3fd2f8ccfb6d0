using Slidebridge.Classifiers.Catalog;

namespace Slidebridge.Execution;

/// <summary>
/// Limits how many tasks have open slides, and how many of those are classified, at the same time. Some slides are opened ahead, so that a classifier
/// never waits for a connection; not those of all waiting tasks, because open slides use memory. Posting results takes no slot.
/// </summary>
sealed class ClassifierSlots(ClassifierOptions options) : IDisposable
{
    /// <summary>Opening a slide takes a few round trips; opening this many ahead hides them, even from a classifier that takes only one round trip's time.</summary>
    public const int Ahead = 8;

    readonly SemaphoreSlim open = new(options.Concurrency + Ahead);
    readonly SemaphoreSlim classify = new(options.Concurrency);
    readonly SemaphoreSlim alone = new(1);

    /// <summary>Waits until slides may be opened. Disposing the result lets the next task open its slides.</summary>
    public Task<Place> OpenAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAsync, cancellationToken);

    /// <summary>Waits until no other task has open slides, and makes the others wait: for a task that may end the process.</summary>
    public Task<Place> OpenAloneAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAllAsync, cancellationToken);

    async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await open.WaitAsync(cancellationToken);
        return new Slot(() => open.Release());
    }

    async Task<IDisposable> TakeAllAsync(CancellationToken cancellationToken)
    {
        await alone.WaitAsync(cancellationToken); // Two callers that collect slots at the same time would wait for each other.
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

    /// <summary>Waits until the node runs fewer classifications than its limit. Disposing the result lets the next one in.</summary>
    /// <param name="place">What the caller already waited for; released together with the result.</param>
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

    /// <summary>A task's place among those with open slides. The task may release the place for a while and take one again.</summary>
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

        /// <summary>Waits for a place; call it only while the task holds none.</summary>
        public async Task TakeAsync(CancellationToken cancellationToken) => held = await take(cancellationToken);

        public void GiveUp() => Interlocked.Exchange(ref held, null)?.Dispose();

        public void Dispose() => GiveUp();
    }

    /// <summary>Releases the slot once, however often it is disposed.</summary>
    sealed class Slot(Action free) : IDisposable
    {
        Action? free = free;

        public void Dispose() => Interlocked.Exchange(ref free, null)?.Invoke();
    }
}
