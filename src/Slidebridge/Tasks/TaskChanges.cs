namespace Slidebridge.Tasks;

/// <summary>What a step of a run changes in its task's row, beside the state. What is null stays as it is.</summary>
sealed record TaskChanges
{
    /// <summary>The last thing that went wrong, in one sentence; the step's event says it too.</summary>
    public string? Error { get; init; }

    /// <summary>The exact cause below <see cref="Error"/>.</summary>
    public string? Cause { get; init; }

    /// <summary>What went wrong before is over: the task goes on. Its events still tell it.</summary>
    public bool Recovers { get; init; }

    /// <summary>How often the present stage has failed.</summary>
    public int? Delays { get; init; }

    /// <summary>How long from now the delivery is tried; a result that was saved earlier keeps its own limit.</summary>
    public TimeSpan? DeliverWithin { get; init; }

    /// <summary>The saved result tells the platform that the analysis failed. False: it has no saved result any more.</summary>
    public bool? ReportsFailure { get; init; }

    /// <summary>What the run has cost.</summary>
    public RunCost? Cost { get; init; }

    /// <summary>Makes the changes in a row.</summary>
    public void ApplyTo(BridgeTask task, DateTimeOffset now)
    {
        if (Recovers) (task.LastError, task.LastCause) = (null, null);
        if (Error is not null) (task.LastError, task.LastCause) = (Error, Cause);
        if (Delays is { } delays) task.Delays = delays;
        if (DeliverWithin is { } window) task.DeliverUntil = now + window;
        if (ReportsFailure is { } reports) (task.ReportsFailure, task.HasResult) = (reports, reports && task.HasResult);
        Cost?.AddTo(task);
    }
}
