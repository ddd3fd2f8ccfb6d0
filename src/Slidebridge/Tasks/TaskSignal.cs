namespace Slidebridge.Tasks;

/// <summary>Wakes this node's dispatcher: a task came, a place is free, or a wait is over. A signal that is lost costs one poll.</summary>
sealed class TaskSignal(TimeProvider time) : IDisposable
{
    readonly SemaphoreSlim wake = new(0);
    int isAwake;

    /// <summary>Wakes it now; returns at once.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref isAwake, 1) == 0) wake.Release();
    }

    /// <summary>Wakes it at a moment: a task's next try.</summary>
    public void WakeAt(DateTimeOffset moment)
    {
        var left = moment - time.GetUtcNow();
        // What is far off is found by a poll.
        if (left < TimeSpan.FromMinutes(1)) _ = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time).ContinueWith(_ => Wake(), TaskScheduler.Default);
    }

    /// <summary>Waits for a signal, at most for <paramref name="limit"/>.</summary>
    public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await wake.WaitAsync(limit, cancellationToken);
        Volatile.Write(ref isAwake, 0);
    }

    public void Dispose() => wake.Dispose();
}
