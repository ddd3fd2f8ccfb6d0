namespace Slidebridge.Tasks;

/// <summary>How a run ends: the bridge posts to the platform; a worker elsewhere leaves that to the bridge.</summary>
interface IDelivery
{
    /// <summary>One attempt with the result that an earlier run saved.</summary>
    Task ResumeAsync(TaskLease lease);

    /// <summary>One attempt with a result that was just saved. After it, the task has ended or is rescheduled.</summary>
    /// <param name="lease">The delivering run.</param>
    /// <param name="results">The saved result.</param>
    Task DeliverAsync(TaskLease lease, byte[] results);

    /// <summary>Ends a permanently failed task.</summary>
    /// <param name="lease">The run that failed.</param>
    /// <param name="plain">Why, in one sentence for the pathologist.</param>
    /// <param name="failure">Why, for the operator.</param>
    Task FailAsync(TaskLease lease, string plain, TaskChanges failure);
}
