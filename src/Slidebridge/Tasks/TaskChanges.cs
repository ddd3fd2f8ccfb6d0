namespace Slidebridge.Tasks;

/// <summary>What a step of a run changes in the task's row, besides the state. Members that are null change nothing.</summary>
sealed record TaskChanges
{
    /// <summary>The error, in one sentence; the step's event contains it too.</summary>
    public string? Error { get; init; }

    /// <summary>The exact cause of <see cref="Error"/>.</summary>
    public string? Cause { get; init; }

    /// <summary>Why the task fails, for everybody: see <see cref="BridgeTask.PlainError"/>.</summary>
    public string? Plain { get; init; }

    /// <summary>Clears the task's last error, because the task continues. The events keep the error.</summary>
    public bool Recovers { get; init; }

    /// <summary>How often the current stage has failed.</summary>
    public int? Delays { get; init; }

    /// <summary>How long from now the bridge retries the delivery; a result that was saved earlier keeps its own limit.</summary>
    public TimeSpan? DeliverWithin { get; init; }

    /// <summary>The result waits for an operator, at most this long.</summary>
    public TimeSpan? HoldFor { get; init; }

    /// <summary>Classifiers that run on the task once its result is delivered, and whose results are never posted.</summary>
    public IReadOnlyList<string> Shadows { get; init; } = [];

    /// <summary>True: the saved result reports to the platform that the analysis failed. False: the task has no saved result any more.</summary>
    public bool? ReportsFailure { get; init; }

    /// <summary>What the run has cost.</summary>
    public RunCost? Cost { get; init; }

    /// <summary>Makes the changes in a row.</summary>
    public void ApplyTo(BridgeTask task, DateTimeOffset now)
    {
        if (Recovers) (task.LastError, task.LastCause, task.PlainError) = (null, null, null);
        if (Error is not null) (task.LastError, task.LastCause) = (Error, Cause);
        if (Plain is not null) task.PlainError = Plain;
        if (Delays is { } delays) task.Delays = delays;
        if (DeliverWithin is { } window) task.DeliverUntil = now + window;
        if (HoldFor is { } hold) task.HeldUntil = now + hold;
        if (ReportsFailure is { } reports) (task.ReportsFailure, task.HasResult) = (reports, reports && task.HasResult);
        Cost?.AddTo(task);
    }
}
