namespace Slidebridge.Storage;

/// <summary>An event that one receiver has not acknowledged yet: a row of the outbox, written in the commit that changes what the event tells. docs/decisions/events.md</summary>
sealed class OutgoingEvent
{
    /// <summary>Events of one subject are sent in the order of their ids.</summary>
    public long Id { get; init; }

    /// <summary>The receiver: <c>url</c> or <c>sqs</c>. An event for both has two rows.</summary>
    public required string Sink { get; init; }

    /// <summary>The event's id for receivers, the same in every attempt and for every receiver.</summary>
    public required string EventId { get; init; }

    /// <summary>What the event is about, such as <c>task-185714</c> or <c>group-gpu</c>: order is kept within a subject.</summary>
    public required string Subject { get; init; }

    /// <summary>Such as <c>task.completed</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The JSON that is sent.</summary>
    public required string Body { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Attempts that failed.</summary>
    public int Tries { get; set; }

    /// <summary>No attempt is made before this time.</summary>
    public DateTimeOffset NextAt { get; set; }

    /// <summary>The claim of the sender that makes an attempt now, or made the last one.</summary>
    public string? Claim { get; set; }

    /// <summary>Until then, no other sender makes an attempt. Null: nobody makes one.</summary>
    public DateTimeOffset? ClaimedUntil { get; set; }
}
