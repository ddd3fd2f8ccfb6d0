using Slidebridge.Storage;

namespace Slidebridge.Verification;

/// <summary>
/// The claims that this node is to ask the platform about. Callers take turns: whoever sends a thousand webhooks delays his own, and nobody else's.
/// </summary>
sealed class VerificationQueue : IDisposable
{
    readonly Dictionary<string, Queue<PendingCheck>> byCaller = [];
    readonly Queue<string> turns = new();
    readonly HashSet<(long, long?)> held = [];
    readonly SemaphoreSlim waiting = new(0);
    readonly Lock gate = new();

    /// <summary>Claims that wait or are being asked about.</summary>
    public int Count
    {
        get
        {
            lock (gate) return held.Count;
        }
    }

    /// <summary>Adds a claim; one that is there already is not added twice.</summary>
    public void Add(PendingCheck check)
    {
        lock (gate)
        {
            if (!held.Add((check.Number, check.Request))) return;
            if (!byCaller.TryGetValue(check.From, out var queue)) byCaller[check.From] = queue = new();
            if (queue.Count == 0) turns.Enqueue(check.From);
            queue.Enqueue(check);
        }
        waiting.Release();
    }

    /// <summary>The next claim; <see cref="Done"/> follows.</summary>
    public async Task<PendingCheck> TakeAsync(CancellationToken cancellationToken)
    {
        await waiting.WaitAsync(cancellationToken);
        lock (gate)
        {
            var caller = turns.Dequeue();
            var queue = byCaller[caller];
            var check = queue.Dequeue();
            if (queue.Count > 0) turns.Enqueue(caller);
            else byCaller.Remove(caller);
            return check;
        }
    }

    public void Done(PendingCheck check)
    {
        lock (gate) held.Remove((check.Number, check.Request));
    }

    public void Dispose() => waiting.Dispose();
}
