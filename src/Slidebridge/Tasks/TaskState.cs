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

    /// <summary>
    /// Where a task may go from each state. A step that is only recorded stays where it is; what has ended begins anew by an operator's or the platform's wish;
    /// a task whose slides are replaced by a verified webhook begins anew as accepted.
    /// </summary>
    public static readonly IReadOnlyDictionary<TaskState, IReadOnlySet<TaskState>> Transitions = new Dictionary<TaskState, IReadOnlySet<TaskState>>
    {
        [TaskState.Accepted] = new HashSet<TaskState> { TaskState.Accepted, TaskState.Running, TaskState.Failed, TaskState.Cancelled },
        [TaskState.Running] = new HashSet<TaskState> { TaskState.Running, TaskState.Accepted, TaskState.Classified, TaskState.Failed, TaskState.Cancelled },
        // Completed without a post: a result of an earlier life of the task was found on the platform.
        [TaskState.Classified] = new HashSet<TaskState> { TaskState.Classified, TaskState.Delivering, TaskState.Completed, TaskState.Accepted, TaskState.Failed, TaskState.Cancelled },
        // A post cannot be called back: not to cancelled.
        [TaskState.Delivering] = new HashSet<TaskState> { TaskState.Delivering, TaskState.Completed, TaskState.Classified, TaskState.Accepted, TaskState.Failed },
        [TaskState.Completed] = new HashSet<TaskState> { TaskState.Completed, TaskState.Delivering },
        [TaskState.Failed] = new HashSet<TaskState> { TaskState.Failed, TaskState.Accepted, TaskState.Classified, TaskState.Delivering },
        [TaskState.Cancelled] = new HashSet<TaskState> { TaskState.Cancelled, TaskState.Accepted, TaskState.Classified, TaskState.Delivering },
    };

    public static bool MayBecome(this TaskState from, TaskState to) => Transitions[from].Contains(to);

    public static bool IsToDeliver(this TaskState state) => ToDeliver.Contains(state);

    /// <summary>The state as the API writes it.</summary>
    public static string Name(this TaskState state) => state.ToString().ToLowerInvariant();

    public static bool IsEnded(this TaskState state) => Ended.Contains(state);
}
