using System.Collections.Concurrent;
using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>
/// How long to wait after a post that may still be on its way before checking the platform. Counted by this process's own monotonic clock, from a time
/// after which no node can have sent a byte of such a post, so a clock that is set, or that differs between nodes, has no effect.
/// docs/decisions/fencing.md
/// </summary>
sealed class Settling(DeliveryOptions options, TimeProvider time)
{
    /// <summary>The posts of this process that ended without an answer: the number of the post within its task, and when it ended.</summary>
    readonly ConcurrentDictionary<long, (int Post, long Ended)> ended = new();

    /// <summary>Records that a post of this process ended without an answer, now.</summary>
    public void Ended(long number, int post) => ended[number] = (post, time.GetTimestamp());

    /// <summary>Forgets a task that needs no more checks.</summary>
    public void Forget(long number) => ended.TryRemove(number, out _);

    /// <summary>Waits until every post of the task has had its settle time.</summary>
    /// <param name="lease">The run that wants to check the platform.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitAsync(TaskLease lease, CancellationToken cancellationToken)
    {
        var since = ended.TryGetValue(lease.Number, out var own) && own.Post == lease.Task.Posts ? own.Ended : lease.AcquiredAt;
        var left = options.Settle - time.GetElapsedTime(since);
        if (left > TimeSpan.Zero) await Task.Delay(left, time, cancellationToken);
    }
}
