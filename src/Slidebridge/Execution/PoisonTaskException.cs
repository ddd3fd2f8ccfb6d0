namespace Slidebridge.Execution;

/// <summary>The process crashed too often in the runs of this task.</summary>
sealed class PoisonTaskException(int crashes) : SlidebridgeException(
    $"The bridge's process ended {crashes} times while it worked on this task: the task is marked failed. Find out why the process ended (its log, the system's out-of-memory messages), then retry the task.")
{
    public override string PlainMessage => "The analysis program crashed several times on this case.";
}
