namespace Slidebridge.Tasks;

/// <summary>What the delivery of a result needs of the store beside a run's steps. Only the bridge delivers.</summary>
interface IDeliveryStore : ITaskStore
{
    /// <summary>The saved result's JSON, or null.</summary>
    Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>Records that a post of the saved result begins. False where the result was made from other slides than the task has now: then the task begins anew.</summary>
    /// <exception cref="TaskMovedOnException">The task is in another state, or another run has it.</exception>
    Task<bool> BeginPostAsync(TaskLease lease);

    /// <summary>Makes sure that the task is still this run's, at this moment.</summary>
    /// <exception cref="TaskMovedOnException">It is not.</exception>
    /// <exception cref="StorageException">That cannot be seen.</exception>
    Task VerifyLeaseAsync(TaskLease lease);
}
