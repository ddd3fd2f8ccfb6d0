namespace Slidebridge.Staging;

/// <summary>Work that several callers need at the same time and that is done once. It is cancelled when the last caller has given up.</summary>
sealed class SharedWork<T>
{
    sealed class Work
    {
        public CancellationTokenSource Abandoned { get; } = new();
        public Task<T> Done { get; set; } = null!;
        public int Waiters { get; set; }
    }

    readonly Dictionary<string, Work> running = [];
    readonly Lock gate = new();

    public async Task<T> RunAsync(string key, Func<CancellationToken, Task<T>> run, CancellationToken cancellationToken)
    {
        Work? work;
        lock (gate)
        {
            if (!running.TryGetValue(key, out work))
            {
                var begun = work = running[key] = new Work();
                begun.Done = Task.Run(() => run(begun.Abandoned.Token), CancellationToken.None);
            }
            work.Waiters++;
        }
        try
        {
            return await work.Done.WaitAsync(cancellationToken);
        }
        finally
        {
            lock (gate)
            {
                if (--work.Waiters == 0)
                {
                    running.Remove(key);
                    if (work.Done.IsCompleted) work.Abandoned.Dispose();
                    else Abandon(work);
                }
            }
        }
    }

    static void Abandon(Work work)
    {
        work.Abandoned.Cancel();
        _ = work.Done.ContinueWith(done =>
        {
            _ = done.Exception; // Observed here, because nobody awaits it.
            work.Abandoned.Dispose();
        }, TaskScheduler.Default);
    }
}
