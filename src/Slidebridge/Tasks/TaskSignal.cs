using System.Collections.Immutable;

namespace Slidebridge.Tasks;

/// <summary>Wakes the services that start this node's tasks or lease them when a task arrives, a place is free or a wait is over. If a signal is lost, the next poll finds the task.</summary>
sealed class TaskSignal(TimeProvider time)
{
    ImmutableArray<Listener> listeners = [];

    /// <summary>A listener that is woken by every signal from now on.</summary>
    public Listener Listen()
    {
        var listener = new Listener();
        ImmutableInterlocked.Update(ref listeners, static (all, one) => all.Add(one), listener);
        return listener;
    }

    /// <summary>Wakes the listeners now; returns at once.</summary>
    public void Wake()
    {
        foreach (var listener in listeners) listener.Wake();
    }

    /// <summary>Wakes the listeners at a given time: a task's next attempt.</summary>
    public void WakeAt(DateTimeOffset moment)
    {
        var left = moment - time.GetUtcNow();
        // Later tasks are found by a poll.
        if (left < TimeSpan.FromMinutes(1)) _ = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, time).ContinueWith(_ => Wake(), TaskScheduler.Default);
    }

    /// <summary>One that waits for signals; several signals before it waits are one.</summary>
    public sealed class Listener
    {
        volatile TaskCompletionSource wake = New();

        public void Wake() => wake.TrySetResult();

        /// <summary>Waits for a signal, at most for <paramref name="limit"/>. Signals from then on are for the next wait, so the caller looks at what has changed afterwards.</summary>
        public async Task WaitAsync(TimeSpan limit, CancellationToken cancellationToken)
        {
            await wake.Task.WaitAsync(limit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
            if (wake.Task.IsCompleted) wake = New();
        }

        static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
