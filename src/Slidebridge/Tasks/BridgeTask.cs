namespace Slidebridge.Tasks;

/// <summary>A task of the platform as the bridge keeps it: one row, the truth about it. (<c>Task</c> is .NET's.)</summary>
sealed class BridgeTask
{
    /// <summary>The platform's number of the task, as in <c>task:185714</c>; the key, and the Quartz job's name.</summary>
    public long Number { get; init; }

    /// <summary>The task's id as the platform wrote it; used to talk to the platform.</summary>
    public required string PlatformId { get; set; }

    public long? CaseNumber { get; set; }

    public string? CompanyId { get; set; }

    public string? Model { get; set; }

    /// <summary>The <see cref="TaskSecrets"/>, encrypted; null once they are erased.</summary>
    public byte[]? Secrets { get; set; }

    /// <summary>The request's fields as JSON, without tokens and URLs. Not stored: <see cref="Storage.TaskVault.Unlock"/> fills it.</summary>
    public string? Request { get; set; }

    /// <summary>The task's own access token. Not stored: <see cref="Storage.TaskVault.Unlock"/> fills it.</summary>
    public string? Token { get; set; }

    /// <summary>Why its token and URLs cannot be decrypted; null where they can be. Not stored.</summary>
    public SlidebridgeException? Locked { get; set; }

    /// <summary>The webhook brought no token.</summary>
    public bool IsWithoutToken { get; set; }

    /// <summary>When the platform confirmed the task; null: it is a claim that anybody may have made, and nothing is fetched or posted for it.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>How the platform confirmed it; null before that, and for tasks of a version that did not ask.</summary>
    public TaskProof? Proof { get; set; }

    /// <summary>When the platform is asked about it next; null: not at all.</summary>
    public DateTimeOffset? VerifyAt { get; set; }

    /// <summary>A hash of its scans and the objects that their URLs lead to.</summary>
    public string Objects { get; set; } = "";

    /// <summary>The <see cref="Objects"/> that its saved result was made from. A result is posted for these alone.</summary>
    public string? ResultObjects { get; set; }

    public TaskState State { get; set; }

    /// <summary>The execution group whose nodes classify it: <c>--group</c> of the node that took it in, <c>--serve</c> of those that run it.</summary>
    public string Group { get; set; } = "default";

    /// <summary>The classifier that a route chose when it was taken in, as the route names it; null where none did. It is chosen anew when it runs.</summary>
    public string? Classifier { get; set; }

    /// <summary>When the first of its presigned URLs expires; null where none tells.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>Who is next: the task with the earliest moment. The URLs' expiry; for those that tell none, an hour after acceptance, as the platform's have it.</summary>
    public DateTimeOffset Turn { get; set; }

    /// <summary>Since when a node has claimed it: it has a job, or runs. Null: it waits for its turn.</summary>
    public DateTimeOffset? ClaimedAt { get; set; }

    /// <summary>The node that has claimed it, or had it last.</summary>
    public string? Node { get; set; }

    /// <summary>The number of its newest run, which fences all earlier ones off: docs/decisions/fencing.md.</summary>
    public int FencingToken { get; set; }

    /// <summary>How often a run was cut off: its process died, or froze for so long that another took over.</summary>
    public int Crashes { get; set; }

    public DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Nothing is done for the task before this moment: the wait between two tries. Null: at once.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>How often its slides were opened for a classifier.</summary>
    public int Attempts { get; set; }

    /// <summary>How often a post of its result was begun.</summary>
    public int Posts { get; set; }

    /// <summary>How often the present stage has failed and was put off; zero again at the next stage.</summary>
    public int Delays { get; set; }

    /// <summary>When its delivery is given up; set when the result is saved.</summary>
    public DateTimeOffset? DeliverUntil { get; set; }

    /// <summary>The last thing that went wrong in one sentence, fit for an operator; null once the task has gone on after it. The events keep it.</summary>
    public string? LastError { get; set; }

    /// <summary>The exact cause below <see cref="LastError"/>, for whoever mends it; null where the sentence says all.</summary>
    public string? LastCause { get; set; }

    /// <summary>It has a saved result.</summary>
    public bool HasResult { get; set; }

    /// <summary>Its saved result is not a classifier's, but tells the platform that the analysis failed.</summary>
    public bool ReportsFailure { get; set; }

    /// <summary>When it first came to an end; the month that its usage is billed in, whatever is done with it later.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The W3C <c>traceparent</c> of its trace, which all its runs on all nodes continue.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The staging directory that has its slides, because their URLs were about to expire: a node's, or one that nodes share.</summary>
    public string? StagedOn { get; set; }

    /// <summary>Pixels decoded for the classifier, in all its runs.</summary>
    public long PixelsRead { get; set; }

    /// <summary>Seconds of classifier time, in all its runs.</summary>
    public double ClassifierSeconds { get; set; }

    /// <summary>The platform may have been told that it failed: for the platform it has ended.</summary>
    public bool FailureIsReported => ReportsFailure && State is TaskState.Failed && Posts > 0;

    public List<TaskScan> Scans { get; set; } = [];

    /// <summary>Further webhooks for its number that are not verified yet.</summary>
    public List<TaskRequest> Requests { get; init; } = [];

    public List<TaskEvent> Events { get; init; } = [];

    public List<ScanPicture> Pictures { get; init; } = [];

    public SavedResult? Result { get; set; }

    public ClassifierLog? Log { get; set; }

    /// <summary>Takes over all that a webhook says.</summary>
    /// <param name="claim">What it says.</param>
    /// <param name="secrets">Its secrets, encrypted.</param>
    public void Adopt(TaskClaim claim, byte[] secrets)
    {
        (PlatformId, CaseNumber, CompanyId, Model) = (claim.PlatformId, claim.CaseNumber, claim.CompanyId, claim.Model);
        (Group, Classifier, ExpiresAt, Turn) = (claim.Group, claim.Classifier, claim.ExpiresAt, claim.Turn);
        (Secrets, IsWithoutToken, Objects) = (secrets, claim.Token is null, claim.Objects);
        Scans = [.. claim.Scans.Select(s => s.ToScan())];
    }
}
