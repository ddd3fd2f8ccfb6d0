namespace Slidebridge.Classifiers;

/// <summary>
/// How many tasks have their slides open, and how many of those are classified, at a time. Some are opened ahead, so that a classifier
/// never waits for a connection; not all that wait, for open slides hold memory. Posting results takes no slot.
/// </summary>
sealed class ClassifierSlots(ClassifierOptions options) : IDisposable
{
    /// <summary>Opening a slide takes a few round trips; this many at once hide them from a classifier that takes no longer than one.</summary>
    const int Ahead = 8;

    readonly SemaphoreSlim open = new(options.Concurrency + Ahead);
    readonly SemaphoreSlim classify = new(options.Concurrency);

    /// <summary>Waits until slides may be opened; disposing what is returned lets the next task open its own.</summary>
    public Task<IDisposable> OpenAsync(CancellationToken cancellationToken) => EnterAsync(open, cancellationToken);

    /// <summary>Waits for the classifier; disposing what is returned frees it.</summary>
    public Task<IDisposable> ClassifyAsync(CancellationToken cancellationToken) => EnterAsync(classify, cancellationToken);

    static async Task<IDisposable> EnterAsync(SemaphoreSlim free, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        return new Slot(free);
    }

    public void Dispose()
    {
        open.Dispose();
        classify.Dispose();
    }

    sealed class Slot(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
