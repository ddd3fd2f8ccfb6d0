using System.Collections.Concurrent;

namespace Slidebridge.Tasks;

/// <summary>The runs of this node, so that one can be told to stop.</summary>
sealed class RunningTasks(TimeProvider time) : IDisposable
{
    readonly CancellationTokenSource draining = new();

    readonly TimeProvider time = time;
    readonly ConcurrentDictionary<Running, byte> runs = new();
    volatile TaskCompletionSource empty = Done();

    /// <summary>Fires when the node is told to stop: what waits, and has not begun, is handed back at once.</summary>
    public CancellationToken Draining => draining.Token;

    public int Count => runs.Count;

    /// <summary>Every run that is under way.</summary>
    public IReadOnlyCollection<TaskLease> Leases => [.. runs.Keys.Select(r => r.Lease)];

    /// <summary>Counts a run in until it is disposed.</summary>
    /// <param name="task">The row as the run acquired it.</param>
    /// <param name="stopping">The bridge stops.</param>
    public Running Begin(BridgeTask task, CancellationToken stopping)
    {
        var run = new Running(this, task, stopping);
        lock (runs)
        {
            if (runs.IsEmpty) empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
            runs[run] = 0;
        }
        return run;
    }

    /// <summary>Tells the runs of a task to stop: it was cancelled.</summary>
    public void Stop(long number)
    {
        foreach (var run in runs.Keys)
            if (run.Lease.Number == number) run.Stop();
    }

    /// <summary>Tells one run to stop: its task went on without it. A later run of the same task may be this node's too, and goes on.</summary>
    public void Stop(TaskLease lease)
    {
        foreach (var running in runs.Keys)
            if (ReferenceEquals(running.Lease, lease)) running.Stop();
    }

    /// <summary>Has what waits handed back, then waits until nothing runs, at most for <paramref name="limit"/>.</summary>
    public async Task EmptyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await draining.CancelAsync();
        try
        {
            await empty.Task.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What runs still is handed back.
        }
    }

    public void Dispose() => draining.Dispose();

    static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    /// <summary>A run under way.</summary>
    public sealed class Running : IDisposable
    {
        readonly RunningTasks owner;
        readonly CancellationTokenSource stop, drain;

        internal Running(RunningTasks owner, BridgeTask task, CancellationToken stopping)
        {
            this.owner = owner;
            stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            drain = CancellationTokenSource.CreateLinkedTokenSource(stop.Token, owner.Draining);
            Lease = new TaskLease(task, owner.time.GetTimestamp(), stop.Token, drain.Token);
        }

        public TaskLease Lease { get; }

        /// <summary>It was told to stop for its task's sake, not the bridge's.</summary>
        public bool IsCalledOff { get; private set; }

        internal void Stop()
        {
            IsCalledOff = true;
            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // It has just ended.
            }
        }

        public void Dispose()
        {
            lock (owner.runs)
            {
                owner.runs.TryRemove(this, out _);
                if (owner.runs.IsEmpty) owner.empty.TrySetResult();
            }
            drain.Dispose();
            stop.Dispose();
        }
    }
}
