namespace Slidebridge.Tasks;

/// <summary>One run of a task: the right to take its next step, until a later run has taken the task over.</summary>
/// <param name="Task">The row as it was when the run took it.</param>
/// <param name="Taken">When it had taken it, by the monotonic clock (<see cref="TimeProvider.GetTimestamp"/>).</param>
/// <param name="Stopping">Fires when the run is to end: the bridge stops, an operator cancelled the task, or another run has overtaken this one.</param>
sealed record TaskRun(BridgeTask Task, long Taken, CancellationToken Stopping)
{
    public long Number => Task.Number;

    /// <summary>Its number, the fencing token: each step commits only while the row still has it.</summary>
    public int Run => Task.Run;
}
