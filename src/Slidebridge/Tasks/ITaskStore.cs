using Slidebridge.Slides;

namespace Slidebridge.Tasks;

/// <summary>
/// Where a run of a task writes its steps. A step of a run that no longer owns the task is refused. A step is retried while the database is down for a while, so that
/// a restart of the database does not lose the work of an hour.
/// </summary>
/// <remarks>Each step throws <see cref="TaskMovedOnException"/> if another run has acquired the task or the task is in another state, and <see cref="StorageException"/> if the database is down for too long.</remarks>
interface ITaskStore
{
    /// <summary>A task without its result and events, or null.</summary>
    Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken);

    /// <summary>Releases a claimed task that no run has acquired yet. Never throws.</summary>
    Task UnclaimAsync(long number);

    /// <summary>Begins a run: from now on, steps of earlier runs are refused. Null if there is nothing to run.</summary>
    /// <param name="number">The task.</param>
    /// <param name="classifier">The classifier's name, for the event.</param>
    /// <param name="isAlone">The run has its node to itself: if the process ends before the run does, it is the task's fault.</param>
    /// <param name="waitAfterCrash">If the task's last run did not end, the next one begins after this wait. Zero: now.</param>
    /// <returns>The row, with its token and URLs where they can be decrypted.</returns>
    Task<BridgeTask?> AcquireAsync(long number, string classifier, bool isAlone = false, TimeSpan waitAfterCrash = default);

    /// <summary>Releases a claimed task that no run has acquired, for workers elsewhere. Never throws.</summary>
    /// <param name="number">The task.</param>
    /// <param name="group">The workers' execution group.</param>
    /// <param name="classifier">The classifier that its route names now.</param>
    Task HandOverAsync(long number, string group, string classifier);

    /// <summary>Moves a task to its next state.</summary>
    /// <param name="lease">The run whose step it is.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="what">What happened, for the task's event log.</param>
    /// <param name="changes">Further changes.</param>
    Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null);

    /// <summary>Saves a run's result. A saved result is never computed again.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    Task SaveResultAsync(TaskLease lease, ClassifiedResult result, string what, TaskChanges changes);

    /// <summary>Ends a run that failed temporarily: any node may claim the task after a wait.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes);

    /// <summary>Ends a run whose node stops or failed: the task keeps its state, and any node may claim it.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="why">For the task's event log.</param>
    /// <param name="wait">Time before the task may be claimed again; zero: none.</param>
    Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait = default);

    /// <summary>Adds the cost of a run that did not complete. Never throws.</summary>
    Task ChargeAsync(TaskLease lease, RunCost cost);

    /// <summary>Saves what a run's classifier wrote, in place of the log of an earlier run. A result must not be lost because its log cannot be saved: never throws.</summary>
    Task KeepLogAsync(TaskLease lease, string text);

    /// <summary>Saves the warnings of a run's slides, and records new ones as events. Never throws.</summary>
    Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings);

    /// <summary>Whether a scan already has a picture.</summary>
    Task<bool> HasPictureAsync(long number, string scanId, CancellationToken cancellationToken);

    /// <summary>Saves a scan's picture. An existing picture is not replaced.</summary>
    Task KeepPictureAsync(TaskLease lease, ScanPicture picture);
}
