using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>
/// A task that has ended and that an operator had classified once more, at most one for a task. The task itself stays as it is for the platform: its state, its saved result and its usage.
/// The new result is kept here, and is posted only where the operator asked for that. docs/decisions/reruns.md
/// </summary>
sealed class TaskRerun
{
    public long TaskNumber { get; init; }

    /// <summary>Counts a task's reruns. A run of an earlier one saves nothing.</summary>
    public int Turn { get; set; }

    public RerunState State { get; set; }

    public DateTimeOffset AskedAt { get; set; }

    /// <summary>The operator who asked for it.</summary>
    public required string Who { get; set; }

    /// <summary>The new result is to be posted, as a further evaluation of the case.</summary>
    public bool IsToPost { get; set; }

    /// <summary>When it ended, or was last seen to run.</summary>
    public DateTimeOffset UpdatedAt { get; set; }

    /// <summary>The node that runs it, or ran it last.</summary>
    public string? Node { get; set; }

    /// <summary>Why it failed, in one sentence.</summary>
    public string? Error { get; set; }

    /// <summary>The exact cause below <see cref="Error"/>.</summary>
    public string? Cause { get; set; }

    /// <summary>The new result as it would be posted: UTF-8 JSON in the platform's schema.</summary>
    public byte[]? Json { get; set; }
}

/// <summary>Where a <see cref="TaskRerun"/> stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RerunState>))]
enum RerunState
{
    /// <summary>Asked for, and not begun.</summary>
    [JsonStringEnumMemberName("waiting")] Waiting,

    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Its result is saved, and its only post was begun.</summary>
    [JsonStringEnumMemberName("posting")] Posting,

    /// <summary>Its result is saved, and posted where that was asked for.</summary>
    [JsonStringEnumMemberName("done")] Done,

    /// <summary>It has no result, or its post did not succeed for certain.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>A rerun without its result.</summary>
sealed record RerunSummary(RerunState State, DateTimeOffset AskedAt, string Who, bool Posts, DateTimeOffset UpdatedAt, string? Error, string? Cause, bool HasResult);
