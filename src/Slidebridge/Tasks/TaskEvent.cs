namespace Slidebridge.Tasks;

/// <summary>One recorded step of a task.</summary>
sealed class TaskEvent
{
    public long Id { get; init; }

    public long TaskNumber { get; init; }

    public DateTimeOffset At { get; init; }

    /// <summary>The state after the step.</summary>
    public TaskState State { get; init; }

    /// <summary>The operator who did it; null: the bridge did.</summary>
    public string? Who { get; init; }

    /// <summary>What happened, in the bridge's words, without secrets.</summary>
    public required string What { get; init; }

    /// <summary>The words of a classifier, the platform or a slide's server. They may name a patient, and are erased with the result.</summary>
    public string? Words { get; set; }

    /// <summary>The webhook caller's address; null if the event is not a webhook.</summary>
    public string? From { get; init; }

    /// <summary>Size of the webhook's body in bytes.</summary>
    public int? Bytes { get; init; }

    /// <summary>SHA-256 of the webhook's body, in hexadecimal.</summary>
    public string? BodyHash { get; init; }

    /// <summary>The full text, for readers who may see <see cref="Words"/>.</summary>
    public string Text => Words is null ? What : $"{What}: {Words}";
}
