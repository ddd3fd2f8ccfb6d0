namespace Slidebridge.Tasks;

/// <summary>A run's right to take the next steps of a task, until a later run acquires the task.</summary>
/// <param name="Task">The row as this run left it last: the store keeps it up to date.</param>
/// <param name="AcquiredAt">When the run acquired it, by the monotonic clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Stopping">Cancelled when the run is to end: the bridge stops, an operator cancelled the task, or another run has overtaken this one.</param>
/// <param name="Draining">Cancelled with <paramref name="Stopping"/>, and when the node drains: what waits, and has not begun, is given back at once.</param>
sealed record TaskLease(BridgeTask Task, long AcquiredAt, CancellationToken Stopping, CancellationToken Draining)
{
    public long Number => Task.Number;

    /// <summary>Each step commits only while the row still has this number, and the state in which this run left it: docs/decisions/fencing.md.</summary>
    public int FencingToken => Task.FencingToken;
}
