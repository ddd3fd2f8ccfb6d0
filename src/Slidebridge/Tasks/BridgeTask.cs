namespace Slidebridge.Tasks;

/// <summary>A task of the platform as the bridge stores it, in one row. (<c>Task</c> is .NET's.)</summary>
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

    /// <summary>Why the task's token and URLs cannot be decrypted; null if they can. Not stored.</summary>
    public SlidebridgeException? Locked { get; set; }

    /// <summary>The webhook contained no token.</summary>
    public bool IsWithoutToken { get; set; }

    /// <summary>When the platform confirmed the task. Null: not confirmed; anybody could have sent the webhook, so nothing is fetched or posted for the task.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>How the platform confirmed the task; null before that, and for tasks of a version that did not ask the platform.</summary>
    public TaskProof? Proof { get; set; }

    /// <summary>When the bridge next asks the platform to confirm the task; null: never.</summary>
    public DateTimeOffset? VerifyAt { get; set; }

    /// <summary>A hash of the task's scans and of the objects that their URLs name.</summary>
    public string Objects { get; set; } = "";

    /// <summary>The <see cref="Objects"/> that the saved result was made from. The result is posted only while both are equal.</summary>
    public string? ResultObjects { get; set; }

    public TaskState State { get; set; }

    /// <summary>The execution group whose nodes classify the task: <c>--group</c> of the node that received it, <c>--serve</c> of the nodes that run it.</summary>
    public string Group { get; set; } = "default";

    /// <summary>The classifier that a route chose when the task was received; null if none did. A run chooses again.</summary>
    public string? Classifier { get; set; }

    /// <summary>When the first of the presigned URLs expires; null if no URL says.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The task with the earliest value runs next. The expiry of the URLs; if they do not say, one hour after acceptance, the usual lifetime of the platform's URLs.</summary>
    public DateTimeOffset Turn { get; set; }

    /// <summary>When a node claimed the task: it has a job, or runs. Null: the task waits.</summary>
    public DateTimeOffset? ClaimedAt { get; set; }

    /// <summary>The node that has claimed the task, or had claimed it last.</summary>
    public string? Node { get; set; }

    /// <summary>A worker elsewhere runs the task, until it does not renew its lease any more. Null: no worker does.</summary>
    public DateTimeOffset? LeasedUntil { get; set; }

    /// <summary>The fencing token of the newest run. Steps of earlier runs are refused: docs/decisions/fencing.md.</summary>
    public int FencingToken { get; set; }

    /// <summary>Runs that ended without a result because the process died, or froze for so long that another node took over.</summary>
    public int Crashes { get; set; }

    /// <summary>How many of the <see cref="Crashes"/> are this task's fault, as it was the only one on its node.</summary>
    public int LoneCrashes { get; set; }

    /// <summary>The node or worker of the last run that counts as a crash.</summary>
    public string? CrashNode { get; set; }

    /// <summary>That run was alone there.</summary>
    public bool CrashWasLone { get; set; }

    /// <summary>The present run has its node to itself, because earlier runs ended in crashes.</summary>
    public bool IsAlone { get; set; }

    public DateTimeOffset AcceptedAt { get; init; }

    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>No node claims the task before this time: the wait between two attempts. Null: no wait.</summary>
    public DateTimeOffset? NotBefore { get; set; }

    /// <summary>How often the task's slides were opened for a classifier.</summary>
    public int Attempts { get; set; }

    /// <summary>How often a post of the result was started.</summary>
    public int Posts { get; set; }

    /// <summary>How often the current stage has failed and was rescheduled; 0 again at the next stage.</summary>
    public int Delays { get; set; }

    /// <summary>When the bridge gives up the delivery; set when the result is saved.</summary>
    public DateTimeOffset? DeliverUntil { get; set; }

    /// <summary>The last error in one sentence, for an operator; null once the task has continued after it. The events keep the error.</summary>
    public string? LastError { get; set; }

    /// <summary>The exact cause of <see cref="LastError"/>, for the person who repairs it; null if the sentence says everything.</summary>
    public string? LastCause { get; set; }

    /// <summary>Why the task failed, in one sentence that contains no host, file, value or patient: <see cref="SlidebridgeException.PlainMessage"/>. Null if it has not failed since its last start.</summary>
    public string? PlainError { get; set; }

    /// <summary>The task has a saved result.</summary>
    public bool HasResult { get; set; }

    /// <summary>The saved result is not a classifier's: it reports to the platform that the analysis failed.</summary>
    public bool ReportsFailure { get; set; }

    /// <summary>The saved result must not be posted before an operator releases it; if nobody does until then, the task fails. Null: it needs no release, or was released.</summary>
    public DateTimeOffset? HeldUntil { get; set; }

    /// <summary>Why an operator rejected the held result, and who; null: nobody did.</summary>
    public string? Rejection { get; set; }

    /// <summary>When the task first ended. Its usage is billed in that month, whatever happens to the task later.</summary>
    public DateTimeOffset? EndedAt { get; set; }

    /// <summary>The W3C <c>traceparent</c> of its trace, which all its runs on all nodes continue.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The staging directory that holds copies of the slides, because the URLs were about to expire: one node's directory, or one that nodes share.</summary>
    public string? StagedOn { get; set; }

    /// <summary>Pixels decoded for the classifier, in all its runs.</summary>
    public long PixelsRead { get; set; }

    /// <summary>Seconds of classifier time, in all its runs.</summary>
    public double ClassifierSeconds { get; set; }

    /// <summary>The platform may have received the report that the task failed: for the platform, the task has ended.</summary>
    public bool FailureIsReported => ReportsFailure && State is TaskState.Failed && Posts > 0;

    public List<TaskScan> Scans { get; set; } = [];

    /// <summary>Further webhooks for this task number that are not verified yet.</summary>
    public List<TaskRequest> Requests { get; init; } = [];

    public List<TaskEvent> Events { get; init; } = [];

    public List<ScanPicture> Pictures { get; init; } = [];

    public SavedResult? Result { get; set; }

    public ClassifierLog? Log { get; set; }

    /// <summary>Copies everything that a webhook says into this row.</summary>
    /// <param name="claim">The webhook's content.</param>
    /// <param name="secrets">The webhook's secrets, encrypted.</param>
    public void Adopt(TaskClaim claim, byte[] secrets)
    {
        (PlatformId, CaseNumber, CompanyId, Model) = (claim.PlatformId, claim.CaseNumber, claim.CompanyId, claim.Model);
        (Group, Classifier, ExpiresAt, Turn) = (claim.Group, claim.Classifier, claim.ExpiresAt, claim.Turn);
        (Secrets, IsWithoutToken, Objects) = (secrets, claim.Token is null, claim.Objects);
        Scans = [.. claim.Scans.Select(s => s.ToScan())];
    }
}
