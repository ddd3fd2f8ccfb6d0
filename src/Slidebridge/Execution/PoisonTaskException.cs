namespace Slidebridge.Execution;

/// <summary>A task in whose runs the process died too often.</summary>
sealed class PoisonTaskException(int crashes) : SlidebridgeException(
    $"The bridge's process ended {crashes} times while it worked on this task: it is set aside. Find what ended it (its log, the system's out-of-memory messages), then retry the task.")
{
    public override string PlainMessage => "The analysis program broke down on this case, several times.";
}
