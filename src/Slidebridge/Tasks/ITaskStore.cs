using Slidebridge.Slides;

namespace Slidebridge.Tasks;

/// <summary>
/// Where a run of a task writes its steps. Each step is refused to a run that was overtaken, and outlives a store that is away for a while: what a
/// classifier worked out for an hour is not lost to a restart.
/// </summary>
/// <remarks>Each step throws <see cref="TaskMovedOnException"/> where another run has the task or it is in another state, and <see cref="StorageException"/> where the store is away for too long.</remarks>
interface ITaskStore
{
    /// <summary>A task without its result and events, or null.</summary>
    Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken);

    /// <summary>Gives a claimed task back that no run has acquired yet. Never throws.</summary>
    Task UnclaimAsync(long number);

    /// <summary>Begins a run: fences all earlier ones off. Null where there is nothing to run.</summary>
    /// <param name="number">The task.</param>
    /// <param name="classifier">Its classifier's name, for the event.</param>
    /// <returns>The row, with its token and URLs where they can be decrypted.</returns>
    Task<BridgeTask?> AcquireAsync(long number, string classifier);

    /// <summary>Moves a task to its next state.</summary>
    /// <param name="lease">The run whose step it is.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="what">What happened, for the task's events.</param>
    /// <param name="changes">Further changes.</param>
    Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null);

    /// <summary>Saves a run's result, from which on it is never computed again.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    Task SaveResultAsync(TaskLease lease, byte[] json, string what, TaskChanges changes);

    /// <summary>Ends a run that has failed for now: any node may claim its task after a wait.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes);

    /// <summary>Ends a run whose node stops or failed: its task stays as it is, and any node may claim it.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="why">For the task's events.</param>
    /// <param name="wait">Before it may be claimed again; zero: at once.</param>
    Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait = default);

    /// <summary>Adds what a run has cost that did not come to its end. Never throws.</summary>
    Task ChargeAsync(TaskLease lease, RunCost cost);

    /// <summary>Keeps what a run's classifier wrote, in place of what an earlier one did. A log that cannot be kept is no reason to lose a result: never throws.</summary>
    Task KeepLogAsync(TaskLease lease, string text);

    /// <summary>Keeps what was repaired, skipped or doubted of a run's slides, and records what is new of it as events. Never throws.</summary>
    Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings);

    /// <summary>Whether a scan has a picture already.</summary>
    Task<bool> HasPictureAsync(long number, string scanId, CancellationToken cancellationToken);

    /// <summary>Keeps a scan's picture. One that is there stays.</summary>
    Task KeepPictureAsync(TaskLease lease, ScanPicture picture);
}
