using System.Collections.Concurrent;
using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>
/// How long a post that may be under way is left alone before looking. It is counted by this process's own monotonic clock, from a moment
/// after which no byte of such a post can have left any node, so a stepped clock, or one that differs between nodes, changes nothing.
/// docs/decisions/fencing.md
/// </summary>
sealed class Settling(DeliveryOptions options, TimeProvider time)
{
    /// <summary>The posts of this process that ended without an answer: which post of the task it was, and when it ended.</summary>
    readonly ConcurrentDictionary<long, (int Post, long Ended)> ended = new();

    /// <summary>A post of this process ended without an answer, now.</summary>
    public void Ended(long number, int post) => ended[number] = (post, time.GetTimestamp());

    /// <summary>Nothing more is to be known of a task.</summary>
    public void Forget(long number) => ended.TryRemove(number, out _);

    /// <summary>Waits until whatever was posted for the task has had its time.</summary>
    /// <param name="lease">The run that wants to look.</param>
    /// <param name="cancellationToken">The wait is not worth going on with.</param>
    public async Task WaitAsync(TaskLease lease, CancellationToken cancellationToken)
    {
        var since = ended.TryGetValue(lease.Number, out var own) && own.Post == lease.Task.Posts ? own.Ended : lease.AcquiredAt;
        var left = options.Settle - time.GetElapsedTime(since);
        if (left > TimeSpan.Zero) await Task.Delay(left, time, cancellationToken);
    }
}
