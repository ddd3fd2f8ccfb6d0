using Slidebridge.Classifiers.Catalog;

namespace Slidebridge.Execution;

/// <summary>
/// Limits how many tasks have open slides, and how many of those are classified, at the same time. Some slides are opened ahead (<see cref="OpenedAhead"/>), so that a classifier
/// never waits for a connection; not those of all waiting tasks, because open slides use memory. Posting results takes no slot.
/// </summary>
sealed class ClassifierSlots(ClassifierOptions options) : IDisposable
{
    readonly OpenedAhead ahead = new(options.Concurrency);
    readonly Lock gate = new();
    readonly SemaphoreSlim open = new(options.Concurrency + OpenedAhead.Least);
    readonly SemaphoreSlim beside = new(options.ShadowConcurrency);
    readonly SemaphoreSlim classify = new(options.Concurrency);
    readonly SemaphoreSlim alone = new(1);
    int capacity = options.Concurrency + OpenedAhead.Least;
    bool isCollected;

    /// <summary>Maximum tasks to classify that this node has claimed: those that run, and some whose slides are opened ahead.</summary>
    public int Places => PlacesOf(options, ahead.Count);

    /// <summary><see cref="Places"/> with a number of tasks that are opened ahead.</summary>
    public static int PlacesOf(ClassifierOptions options, int ahead) => options.IsClusterWide ? options.Concurrency : options.Concurrency + ahead;

    /// <summary>Waits until slides may be opened. Disposing the result lets the next task open its slides.</summary>
    public Task<Place> OpenAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAsync, cancellationToken);

    /// <summary>Waits until no other task has open slides, and makes the others wait: for a task that may end the process.</summary>
    public Task<Place> OpenAloneAsync(CancellationToken cancellationToken) => Place.OfAsync(TakeAllAsync, cancellationToken, isAlone: true);

    /// <summary>Waits for one of the places of shadow classifiers, which are separate from all others.</summary>
    public Task<Place> OpenBesideAsync(CancellationToken cancellationToken) => Place.OfAsync(async token =>
    {
        await beside.WaitAsync(token);
        return new Slot(() => beside.Release());
    }, cancellationToken);

    /// <summary>Records how long the slides of a task took to open.</summary>
    public void Opened(TimeSpan time)
    {
        ahead.Opened(time);
        Resize();
    }

    /// <summary>Records how long a task was classified.</summary>
    public void Classified(TimeSpan time)
    {
        ahead.Classified(time);
        Resize();
    }

    async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await open.WaitAsync(cancellationToken);
        return new Slot(Release);
    }

    async Task<IDisposable> TakeAllAsync(CancellationToken cancellationToken)
    {
        await alone.WaitAsync(cancellationToken); // Two callers that collect slots at the same time would wait for each other.
        var (taken, takenBeside) = (0, 0);
        lock (gate) isCollected = true; // From here on, the number of slots stays the same.
        try
        {
            for (; taken < capacity; taken++) await open.WaitAsync(cancellationToken);
            for (; takenBeside < options.ShadowConcurrency; takenBeside++) await beside.WaitAsync(cancellationToken);
            return new Slot(Release);
        }
        catch
        {
            Release();
            throw;
        }

        void Release()
        {
            lock (gate) isCollected = false;
            for (; taken > 0; taken--) this.Release();
            if (takenBeside > 0) beside.Release(takenBeside);
            alone.Release();
        }
    }

    /// <summary>More slots at once. Fewer when slots are released: a task keeps the slot that it has.</summary>
    void Resize()
    {
        var wanted = options.Concurrency + ahead.Count;
        lock (gate)
        {
            for (; !isCollected && capacity < wanted; capacity++) open.Release();
        }
    }

    void Release()
    {
        var wanted = options.Concurrency + ahead.Count;
        lock (gate)
        {
            if (!isCollected && capacity > wanted) capacity--;
            else open.Release();
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
        beside.Dispose();
        classify.Dispose();
        alone.Dispose();
    }

    /// <summary>A task's place among those with open slides. The task may release the place for a while and take one again.</summary>
    /// <param name="take">Takes a slot.</param>
    /// <param name="isAlone">No other task has open slides while this one holds the place.</param>
    public sealed class Place(Func<CancellationToken, Task<IDisposable>> take, bool isAlone) : IDisposable
    {
        IDisposable? held;

        public static async Task<Place> OfAsync(Func<CancellationToken, Task<IDisposable>> take, CancellationToken cancellationToken, bool isAlone = false)
        {
            var place = new Place(take, isAlone);
            await place.TakeAsync(cancellationToken);
            return place;
        }

        public bool IsHeld => held is not null;

        public bool IsAlone => isAlone;

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
