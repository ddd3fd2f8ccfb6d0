using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>
/// A task that has ended is classified once more: an operator asked for it, or its route names a shadow classifier. A task has at most one rerun for an operator, and one for each shadow. The task's state, saved result and usage do not change.
/// The new result is stored here, and is posted only if an operator asked for that; a shadow's never is. docs/decisions/reruns.md
/// </summary>
sealed class TaskRerun
{
    /// <summary>The <see cref="Shadow"/> of a rerun that an operator asked for.</summary>
    public const string OfOperator = "";

    public long TaskNumber { get; init; }

    /// <summary>The shadow classifier; <see cref="OfOperator"/> if an operator asked for the rerun.</summary>
    public string Shadow { get; init; } = OfOperator;

    /// <summary>Counts the reruns of a task. A run of an earlier one cannot save anything.</summary>
    public int Turn { get; set; }

    public RerunState State { get; set; }

    public DateTimeOffset AskedAt { get; set; }

    /// <summary>The operator who asked for the rerun; for a shadow, <c>the route</c>.</summary>
    public required string Who { get; set; }

    /// <summary>The bridge posts the new result, as a further evaluation of the case.</summary>
    public bool IsToPost { get; set; }

    /// <summary>When the rerun ended, or the time of its last heartbeat.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The node that runs the rerun, or ran it last.</summary>
    public string? Node { get; set; }

    /// <summary>Why the rerun failed, in one sentence.</summary>
    public string? Error { get; set; }

    /// <summary>The exact cause of <see cref="Error"/>.</summary>
    public string? Cause { get; set; }

    /// <summary>The new result as it would be posted: UTF-8 JSON in the platform's schema.</summary>
    public byte[]? Json { get; set; }

    /// <summary>What made it: UTF-8 JSON.</summary>
    public byte[]? Provenance { get; set; }

    /// <summary>The byte ranges that were read for it: UTF-8 JSON.</summary>
    public byte[]? Ledger { get; set; }
}

/// <summary>The state of a <see cref="TaskRerun"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RerunState>))]
enum RerunState
{
    /// <summary>Requested, not started.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    [JsonStringEnumMemberName("running")] Running,

    /// <summary>The result is saved, and its only post was started.</summary>
    [JsonStringEnumMemberName("posting")] Posting,

    /// <summary>The result is saved, and posted if the operator asked for that.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>There is no result, or it is not certain that the post succeeded.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>A rerun without its result.</summary>
sealed record RerunSummary(RerunState State, DateTimeOffset AskedAt, string Who, bool Posts, DateTimeOffset UpdatedAt, string? Error, string? Cause, bool HasResult);

/// <summary>A shadow classifier's run on a task, without its result.</summary>
sealed record ShadowSummary(string Classifier, RerunState State, DateTimeOffset UpdatedAt, string? Error, string? Cause, bool HasResult, byte[]? Provenance);
