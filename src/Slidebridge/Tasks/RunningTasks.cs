using System.Collections.Concurrent;

namespace Slidebridge.Tasks;

/// <summary>The runs of this node, so that each can be stopped.</summary>
sealed class RunningTasks(TimeProvider time) : IDisposable
{
    readonly CancellationTokenSource draining = new();

    readonly TimeProvider time = time;
    readonly ConcurrentDictionary<Running, byte> runs = new();
    volatile TaskCompletionSource empty = Done();

    /// <summary>Cancelled when the node is stopped: tasks that have not begun are released at once.</summary>
    public CancellationToken Draining => draining.Token;

    public int Count => runs.Count;

    /// <summary>All current runs.</summary>
    public IReadOnlyCollection<TaskLease> Leases => [.. runs.Keys.Select(r => r.Lease)];

    /// <summary>Registers a run until the result is disposed.</summary>
    /// <param name="task">The row as the run acquired it.</param>
    /// <param name="stopping">Cancelled when the bridge stops.</param>
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

    /// <summary>Stops the runs of a task that was cancelled.</summary>
    public void Stop(long number)
    {
        foreach (var run in runs.Keys)
            if (run.Lease.Number == number) run.Stop();
    }

    /// <summary>Stops one run whose task was taken over. A later run of the same task may be on this node too; it continues.</summary>
    public void Stop(TaskLease lease)
    {
        foreach (var running in runs.Keys)
            if (ReferenceEquals(running.Lease, lease)) running.Stop();
    }

    /// <summary>Releases waiting tasks, then waits until no task runs, at most for <paramref name="limit"/>.</summary>
    public async Task EmptyAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        await draining.CancelAsync();
        try
        {
            await empty.Task.WaitAsync(limit, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // The tasks that still run are released.
        }
    }

    public void Dispose() => draining.Dispose();

    static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }

    /// <summary>A current run.</summary>
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

        /// <summary>The run was stopped because of its task, not because the bridge stops.</summary>
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
                // The run has just ended.
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
