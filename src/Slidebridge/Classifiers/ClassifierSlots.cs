namespace Slidebridge.Classifiers;

/// <summary>How many classifications run at a time. Opening slides and posting results take no slot.</summary>
sealed class ClassifierSlots(ClassifierOptions options) : IDisposable
{
    readonly SemaphoreSlim free = new(options.Concurrency, options.Concurrency);

    /// <summary>Waits for a slot; disposing what is returned frees it.</summary>
    public async Task<IDisposable> EnterAsync(CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        return new Slot(free);
    }

    public void Dispose() => free.Dispose();

    sealed class Slot(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}
