namespace Slidebridge.Tasks;

/// <summary>A run's right to take the next steps of a task, until a later run acquires the task.</summary>
/// <param name="Task">The row after this run's last step: the store keeps it up to date.</param>
/// <param name="AcquiredAt">When the run acquired it, by the monotonic clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Stopping">Cancelled when the run must end: the bridge stops, an operator cancelled the task, or another run has taken it over.</param>
/// <param name="Draining">Cancelled with <paramref name="Stopping"/>, and when the node drains: tasks that have not begun are released at once.</param>
sealed record TaskLease(BridgeTask Task, long AcquiredAt, CancellationToken Stopping, CancellationToken Draining)
{
    public long Number => Task.Number;

    /// <summary>A step commits only while the row has this fencing token and the state in which this run left it: docs/decisions/fencing.md.</summary>
    public int FencingToken => Task.FencingToken;
}
