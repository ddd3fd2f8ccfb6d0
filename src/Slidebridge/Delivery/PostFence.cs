using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>
/// A run may freeze between recording its intent to post and sending the post. This prevents it from sending the post later: the last byte of a post is sent only within
/// half the settle time after the lease was verified. A node that takes the task over waits for the whole settle time before it checks the platform,
/// and no verification succeeds after it has taken over. docs/decisions/fencing.md
/// </summary>
sealed class PostFence(IDeliveryStore store, TaskLease lease, TimeSpan settle, TimeProvider time)
{
    const int MostChecks = 5;

    long verified = time.GetTimestamp();
    DateTimeOffset verifiedAt = time.GetUtcNow();

    /// <summary>The monotonic clock may not count the time that a machine slept, so both clocks are checked.</summary>
    bool IsStale => settle > TimeSpan.Zero && (time.GetElapsedTime(verified) > settle / 2 || (time.GetUtcNow() - verifiedAt).Duration() > settle / 2);

    /// <summary>Returns once the last byte may be sent.</summary>
    /// <exception cref="TaskMovedOnException">Another run has acquired the task.</exception>
    /// <exception cref="StorageException">The lease could not be verified.</exception>
    public async ValueTask PassAsync()
    {
        for (var checks = 0; IsStale; checks++)
        {
            if (checks == MostChecks) throw new StorageException(new TimeoutException("checking that this node still owns the task takes too long"));
            (verified, verifiedAt) = (time.GetTimestamp(), time.GetUtcNow());
            await store.VerifyLeaseAsync(lease);
        }
    }
}
