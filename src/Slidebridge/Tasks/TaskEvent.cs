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

    /// <summary>What happened, in the bridge's own words, without secrets.</summary>
    public required string What { get; init; }

    /// <summary>What a classifier, the platform or a slide's server said about it. It may name a patient, and is erased with the result.</summary>
    public string? Words { get; set; }

    /// <summary>Of a webhook: the caller's address.</summary>
    public string? From { get; init; }

    /// <summary>Of a webhook: its body's size.</summary>
    public int? Bytes { get; init; }

    /// <summary>Of a webhook: its body's SHA-256, in hexadecimal.</summary>
    public string? BodyHash { get; init; }

    /// <summary>All of it, for whoever may read the words.</summary>
    public string Told => Words is null ? What : $"{What}: {Words}";
}
