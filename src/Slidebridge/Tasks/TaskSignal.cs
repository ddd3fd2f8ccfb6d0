namespace Slidebridge.Tasks;

/// <summary>Wakes this node's dispatcher when a task arrives, a place is free or a wait is over. If a signal is lost, the next poll finds the task.</summary>
sealed class TaskSignal(TimeProvider time) : IDisposable
{
    readonly SemaphoreSlim wake = new(0);
    int isAwake;

    /// <summary>Wakes the dispatcher now; returns at once.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref isAwake, 1) == 0) wake.Release();
    }

    /// <summary>Wakes the dispatcher at a given time: a task's next attempt.</summary>
    public void WakeAt(DateTimeOffset moment)
    {
        var left = moment - time.GetUtcNow();
        // Later tasks are found by a poll.
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
