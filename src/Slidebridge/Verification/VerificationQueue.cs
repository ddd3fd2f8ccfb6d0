using Slidebridge.Storage;

namespace Slidebridge.Verification;

/// <summary>
/// The claims that this node must ask the platform about. Senders take turns: a sender of a thousand webhooks delays only its own.
/// </summary>
sealed class VerificationQueue : IDisposable
{
    readonly Dictionary<string, Queue<PendingCheck>> byCaller = [];
    readonly Queue<string> turns = new();
    readonly HashSet<(long, long?)> held = [];
    readonly SemaphoreSlim waiting = new(0);
    readonly Lock gate = new();

    /// <summary>The claims that wait, and those whose answer is not there yet.</summary>
    public int Count
    {
        get
        {
            lock (gate) return held.Count;
        }
    }

    /// <summary>Adds a claim, unless it is already in the queue.</summary>
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

    /// <summary>The next claim; the caller must then call <see cref="Done"/>.</summary>
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
