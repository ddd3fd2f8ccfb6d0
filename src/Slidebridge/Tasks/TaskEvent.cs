namespace Slidebridge.Tasks;

/// <summary>One recorded step in the life of a task.</summary>
sealed class TaskEvent
{
    public long Id { get; init; }

    public long TaskNumber { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The state after the step.</summary>
    public TaskState State { get; init; }

    /// <summary>The operator whose doing it was; null: the bridge's own.</summary>
    public string? Who { get; init; }

    /// <summary>What happened, in one sentence without secrets.</summary>
    public required string What { get; init; }
}
