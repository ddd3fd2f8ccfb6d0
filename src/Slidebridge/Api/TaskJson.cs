using System.Text.Json.Serialization;
using Slidebridge.Lists;
using Slidebridge.Provenance;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Api;

/// <summary>A task as the API returns it.</summary>
sealed record TaskJson
{
    /// <summary>The platform's number of the task.</summary>
    public required long Task { get; init; }

    /// <summary>The task's id as the platform wrote it.</summary>
    public required string TaskId { get; init; }

    public long? Case { get; init; }

    public string? Company { get; init; }

    public string? Model { get; init; }

    public required TaskState State { get; init; }

    public required DateTimeOffset AcceptedAt { get; init; }

    /// <summary>When the platform confirmed the task; absent: it has not.</summary>
    public DateTimeOffset? VerifiedAt { get; init; }

    /// <summary>How the platform confirmed the task: with the task's own token, or only to the API key.</summary>
    public TaskProof? VerifiedBy { get; init; }

    /// <summary>The webhook contained no token.</summary>
    public bool? WithoutToken { get; init; }

    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>When the next attempt starts; absent: no wait.</summary>
    public DateTimeOffset? NextTryAt { get; init; }

    /// <summary>When the first of its presigned URLs expires, if they say.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The node that has claimed the task, or had claimed it last.</summary>
    public string? Node { get; init; }

    public required TaskAttempts Attempts { get; init; }

    public string? LastError { get; init; }

    /// <summary>The exact cause of the last error.</summary>
    public string? LastCause { get; init; }

    public required IReadOnlyList<TaskScanJson> Scans { get; init; }

    /// <summary>The last time that an operator had the task classified again; only in the answer for one task.</summary>
    public RerunSummary? Rerun { get; init; }

    /// <summary>The result waits for an operator until then; absent: it is not held.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>What the shadow classifiers of the task's route did; only in the answer for one task.</summary>
    public IReadOnlyList<ShadowJson>? Shadows { get; init; }

    /// <summary>What made the saved result; only in the answer for one task.</summary>
    public ResultProvenance? Provenance { get; init; }

    /// <summary>What made the result of the last rerun; only in the answer for one task.</summary>
    public ResultProvenance? RerunProvenance { get; init; }

    /// <summary>The byte ranges that were read for the saved result; only in <c>tasks show --ledger --json</c>. The API has them at <c>/api/tasks/{id}/ledger</c>.</summary>
    public IReadOnlyList<ScanLedger>? Ledger { get; init; }

    /// <summary>The same for the last rerun.</summary>
    public IReadOnlyList<ScanLedger>? RerunLedger { get; init; }

    /// <summary>Every recorded step; only in the answer for one task.</summary>
    public IReadOnlyList<TaskEventJson>? Events { get; init; }

    public static TaskJson Of(BridgeTask task, TaskProgress progress, bool withEvents) => new()
    {
        Task = task.Number,
        TaskId = task.PlatformId,
        Case = task.CaseNumber,
        Company = task.CompanyId,
        Model = task.Model,
        State = task.State,
        AcceptedAt = task.AcceptedAt,
        VerifiedAt = task.VerifiedAt,
        VerifiedBy = task.Proof,
        WithoutToken = task.IsWithoutToken ? true : null,
        UpdatedAt = task.UpdatedAt,
        NextTryAt = task.State is TaskState.Held ? null : task.NotBefore,
        HeldUntil = task.State is TaskState.Held ? task.HeldUntil : null,
        ExpiresAt = task.ExpiresAt,
        Node = task.Node,
        Attempts = new TaskAttempts(task.Attempts, task.Posts, task.Crashes),
        LastError = task.LastError,
        LastCause = task.LastCause,
        Scans = [.. task.Scans.Select(s => new TaskScanJson(s.ScanId, s.StainValue, Math.Round(progress.Of(task, s.ScanId), 4), $"/api/tasks/{task.Number}/scans/{s.ScanId}/overlay.png",
            s.Warnings is [] ? null : [.. s.Warnings.Select(w => new SlideWarning(w.Code, w.Message))]))],
        Events = withEvents ? [.. task.Events.Select(e => new TaskEventJson(e.At, e.State, e.Text, e.Who, e is { From: not null, Bytes: not null, BodyHash: not null } ? new WebhookCallJson(e.From, e.Bytes.Value, e.BodyHash) : null))] : null,
    };
}

/// <summary>A shadow classifier's run.</summary>
/// <param name="HasResult">Its result is at <c>/api/tasks/{id}/shadow/result?classifier=NAME</c>.</param>
/// <param name="Provenance">What made it.</param>
sealed record ShadowJson(string Classifier, RerunState State, DateTimeOffset UpdatedAt, string? Error, string? Cause, bool HasResult, ResultProvenance? Provenance);

/// <param name="Runs">How often a classifier was started.</param>
/// <param name="Posts">How often a post was started.</param>
/// <param name="Crashes">How often a run was interrupted by a crash.</param>
sealed record TaskAttempts(int Runs, int Posts, int Crashes);

/// <param name="Progress">The completed part, 0 to 1.</param>
/// <param name="Overlay">The path of the scan's picture.</param>
/// <param name="Warnings">What was repaired, skipped or doubtful in the slide and its result; absent: nothing.</param>
sealed record TaskScanJson(string Scan, string? Stain, double Progress, string Overlay, IReadOnlyList<SlideWarning>? Warnings = null);

/// <param name="What">What happened, with the words of a classifier or the platform if there are any.</param>
/// <param name="Who">The operator who did it.</param>
/// <param name="Webhook">The webhook that the event is about.</param>
sealed record TaskEventJson(DateTimeOffset At, TaskState State, string What, string? Who, WebhookCallJson? Webhook = null);

/// <param name="From">The caller's address; behind trusted proxies, the one that they report.</param>
/// <param name="Bytes">Size of the body.</param>
/// <param name="Sha256">The body's SHA-256, in hexadecimal.</param>
sealed record WebhookCallJson(string From, int Bytes, string Sha256);

/// <param name="Total">The number of all tasks that match.</param>
/// <param name="Previous">The cursor of the page before: <c>before=</c>. Absent: there is none.</param>
/// <param name="Next">The cursor of the next page: <c>after=</c>. Absent: there is none.</param>
/// <param name="Counts">How many tasks match in each state, whatever states were asked for.</param>
sealed record TaskPageJson(int Total, int Offset, int Limit, IReadOnlyList<TaskJson> Tasks, string? Previous = null, string? Next = null, IReadOnlyDictionary<string, int>? Counts = null)
{
    public static TaskPageJson Of(TaskPage page, TaskCounts counts, TaskFilter filter, TaskPageRequest request, TaskProgress progress) =>
        new(counts.Of(filter.States), request.Offset, request.Limit, [.. page.Tasks.Select(t => TaskJson.Of(t, progress, withEvents: false))], page.Previous?.ToString(), page.Next?.ToString(), counts.ByState.ToDictionary(each => each.Key.Name(), each => each.Value));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(TaskJson))]
[JsonSerializable(typeof(TaskPageJson))]
[JsonSerializable(typeof(ExportedTask))]
[JsonSerializable(typeof(DecisionRequest))]
sealed partial class TaskJsonContext : JsonSerializerContext;
