using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Delivery;

/// <summary>
/// Keeps a run that froze between recording its intent and sending the post from sending it later: the last byte of a post leaves only within
/// half the settle time after the row was proven to be this run's. Whoever takes the task over waits the whole settle time before it looks,
/// and no proof succeeds after it has taken over. docs/decisions/fencing.md
/// </summary>
sealed class PostFence(TaskStore store, TaskRun run, TimeSpan settle, TimeProvider time)
{
    const int MostProofs = 5;

    long proven = time.GetTimestamp();
    DateTimeOffset provenAt = time.GetUtcNow();

    /// <summary>A machine that slept may not count its sleep in the monotonic clock, so both clocks are asked.</summary>
    bool IsStale => settle > TimeSpan.Zero && (time.GetElapsedTime(proven) > settle / 2 || (time.GetUtcNow() - provenAt).Duration() > settle / 2);

    /// <summary>Returns when the last byte may leave now.</summary>
    /// <exception cref="TaskMovedOnException">The task is another run's.</exception>
    /// <exception cref="StorageException">It could not be proven to be this run's.</exception>
    public async ValueTask PassAsync()
    {
        for (var proofs = 0; IsStale; proofs++)
        {
            if (proofs == MostProofs) throw new StorageException(new TimeoutException("the proof that a task is still this node's takes too long"));
            (proven, provenAt) = (time.GetTimestamp(), time.GetUtcNow());
            await store.ProveAsync(run, TaskState.Delivering);
        }
    }
}
