using Slidebridge.Units;

namespace Slidebridge.Execution;

/// <summary>The process crashed too often while it ran this task and no other.</summary>
sealed class PoisonTaskException(int crashes) : SlidebridgeException(
    $"The process ended {Counted.Text(crashes, "time")} while it worked on this task alone: the task is marked failed. Find out why it ended (the log of the bridge or of its worker, the system's out-of-memory messages), then retry the task.")
{
    public override string PlainMessage => "The analysis program crashed several times on this case.";
}
