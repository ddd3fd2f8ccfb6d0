namespace Slidebridge.Tasks;

/// <summary>A task of the platform as the bridge keeps it: one row, the truth about it. (<c>Task</c> is .NET's.)</summary>
sealed class BridgeTask
{
    /// <summary>The platform's number of the task, as in <c>task:185714</c>; the key, and the Quartz job's name.</summary>
    public long Number { get; init; }

    /// <summary>The task's id as the platform wrote it; used to talk to the platform.</summary>
    public required string PlatformId { get; init; }

    public long? CaseNumber { get; init; }

    public string? CompanyId { get; init; }

    public string? Model { get; init; }

    /// <summary>The request without its tokens, unknown fields included; erased when the task completes, for it holds presigned URLs.</summary>
    public string? Request { get; set; }

    /// <summary>The task's own access token; erased when the task ends.</summary>
    public string? Token { get; set; }

    public TaskState State { get; set; }

    public DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Nothing is done for the task before this moment: the wait between two tries. Null: at once.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>How often a classifier was started on it.</summary>
    public int Runs { get; set; }

    /// <summary>How often a post of its result was begun.</summary>
    public int Posts { get; set; }

    /// <summary>How often the present stage has failed and was put off; zero again at the next stage.</summary>
    public int Delays { get; set; }

    /// <summary>When its delivery is given up; set when the result is saved.</summary>
    public DateTimeOffset? DeliverUntil { get; set; }

    /// <summary>The last thing that went wrong, fit for an operator; kept after a later success.</summary>
    public string? LastError { get; set; }

    public List<TaskScan> Scans { get; init; } = [];

    public List<TaskEvent> Events { get; init; } = [];

    public SavedResult? Result { get; set; }
}
