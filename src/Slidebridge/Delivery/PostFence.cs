using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>
/// Keeps a run that froze between recording its intent and sending the post from sending it later: the last byte of a post leaves only within
/// half the settle time after the lease was verified. Whoever takes the task over waits the whole settle time before it looks,
/// and no verification succeeds after it has taken over. docs/decisions/fencing.md
/// </summary>
sealed class PostFence(IDeliveryStore store, TaskLease lease, TimeSpan settle, TimeProvider time)
{
    const int MostChecks = 5;

    long verified = time.GetTimestamp();
    DateTimeOffset verifiedAt = time.GetUtcNow();

    /// <summary>A machine that slept may not count its sleep in the monotonic clock, so both clocks are asked.</summary>
    bool IsStale => settle > TimeSpan.Zero && (time.GetElapsedTime(verified) > settle / 2 || (time.GetUtcNow() - verifiedAt).Duration() > settle / 2);

    /// <summary>Returns when the last byte may leave now.</summary>
    /// <exception cref="TaskMovedOnException">The task is another run's.</exception>
    /// <exception cref="StorageException">The lease could not be verified.</exception>
    public async ValueTask PassAsync()
    {
        for (var checks = 0; IsStale; checks++)
        {
            if (checks == MostChecks) throw new StorageException(new TimeoutException("the verification that a task is still this node's takes too long"));
            (verified, verifiedAt) = (time.GetTimestamp(), time.GetUtcNow());
            await store.VerifyLeaseAsync(lease);
        }
    }
}
