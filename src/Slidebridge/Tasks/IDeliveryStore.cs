namespace Slidebridge.Tasks;

/// <summary>The store as the delivery of results uses it, in addition to a run's steps. Only the bridge delivers.</summary>
interface IDeliveryStore : ITaskStore
{
    /// <summary>The saved result's JSON, or null.</summary>
    Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken);

    /// <summary>Records that a post of the saved result begins. False if the result was made from other slides than the task has now: the task then restarts.</summary>
    /// <exception cref="TaskMovedOnException">The task is in another state, or another run has acquired it.</exception>
    Task<bool> BeginPostAsync(TaskLease lease);

    /// <summary>Checks that this run still owns the task.</summary>
    /// <exception cref="TaskMovedOnException">Another run has acquired the task.</exception>
    /// <exception cref="StorageException">The database did not answer.</exception>
    Task VerifyLeaseAsync(TaskLease lease);
}
