using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>
/// Where a task stands. <c>accepted → running → classified → delivering → completed</c>, or <c>failed</c>, <c>cancelled</c>.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
enum TaskState
{
    /// <summary>Committed and acknowledged; not begun.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted,

    /// <summary>A classifier was started on it. Found so at a start: the run was cut off, and is made again.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>Its valid result is saved, and is certainly not on the platform.</summary>
    [JsonStringEnumMemberName("classified")] Classified,

    /// <summary>A post was begun: its result may be on the platform. Never posted again before looking.</summary>
    [JsonStringEnumMemberName("delivering")] Delivering,

    /// <summary>Its result is on the platform, once.</summary>
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>It ended without a result on the platform; the last error says why.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>An operator ended it.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

static class TaskStates
{
    /// <summary>The states that need no more work.</summary>
    public static readonly TaskState[] Ended = [TaskState.Completed, TaskState.Failed, TaskState.Cancelled];

    /// <summary>The states of a task whose result is saved and is still to be delivered.</summary>
    public static readonly TaskState[] ToDeliver = [TaskState.Classified, TaskState.Delivering];

    public static bool IsToDeliver(this TaskState state) => ToDeliver.Contains(state);

    /// <summary>The state as the API writes it.</summary>
    public static string Name(this TaskState state) => state.ToString().ToLowerInvariant();

    public static bool IsEnded(this TaskState state) => Ended.Contains(state);
}
