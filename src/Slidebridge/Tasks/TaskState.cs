using System.Text.Json.Serialization;

namespace Slidebridge.Tasks;

/// <summary>
/// The state of a task. <c>accepted → running → classified → delivering → completed</c>, or <c>failed</c>, <c>cancelled</c>; with <c>hold</c> in its route, <c>held</c> before classified.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<TaskState>))]
enum TaskState
{
    /// <summary>Committed and acknowledged; not started.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted,

    /// <summary>A classifier was started on the task. If a bridge finds this state at its start, the run was interrupted and is repeated.</summary>
    [JsonStringEnumMemberName("running")] Running,

    /// <summary>The valid result is saved, and waits until an operator releases or rejects it. It is certainly not on the platform.</summary>
    [JsonStringEnumMemberName("held")] Held,

    /// <summary>The valid result is saved, and is certainly not on the platform.</summary>
    [JsonStringEnumMemberName("classified")] Classified,

    /// <summary>A post was started: the result may be on the platform. The bridge checks the platform before it posts again.</summary>
    [JsonStringEnumMemberName("delivering")] Delivering,

    /// <summary>The result is on the platform, once.</summary>
    [JsonStringEnumMemberName("completed")] Completed,

    /// <summary>The task ended without a result on the platform; the last error says why.</summary>
    [JsonStringEnumMemberName("failed")] Failed,

    /// <summary>An operator ended the task.</summary>
    [JsonStringEnumMemberName("cancelled")] Cancelled,
}

static class TaskStates
{
    /// <summary>The states in which no more work is needed.</summary>
    public static readonly TaskState[] Ended = [TaskState.Completed, TaskState.Failed, TaskState.Cancelled];

    /// <summary>The states of a task whose result is saved and not delivered yet.</summary>
    public static readonly TaskState[] ToDeliver = [TaskState.Held, TaskState.Classified, TaskState.Delivering];

    /// <summary>
    /// The states that may follow each state. A step that only records something keeps the state. An ended task restarts when an operator or the platform asks for it;
    /// a task whose slides a verified webhook replaces restarts as accepted.
    /// </summary>
    public static readonly IReadOnlyDictionary<TaskState, IReadOnlySet<TaskState>> Transitions = new Dictionary<TaskState, IReadOnlySet<TaskState>>
    {
        [TaskState.Accepted] = new HashSet<TaskState> { TaskState.Accepted, TaskState.Running, TaskState.Failed, TaskState.Cancelled },
        [TaskState.Running] = new HashSet<TaskState> { TaskState.Running, TaskState.Accepted, TaskState.Held, TaskState.Classified, TaskState.Failed, TaskState.Cancelled },
        // Classified: an operator has released the result, or it is the report that the task failed. Never delivering at once.
        [TaskState.Held] = new HashSet<TaskState> { TaskState.Held, TaskState.Classified, TaskState.Accepted, TaskState.Failed, TaskState.Cancelled },
        // Completed without a post: the result was found on the platform; it was posted before the task was restarted.
        [TaskState.Classified] = new HashSet<TaskState> { TaskState.Classified, TaskState.Delivering, TaskState.Completed, TaskState.Accepted, TaskState.Failed, TaskState.Cancelled },
        // A post cannot be undone, so cancelled may not follow.
        [TaskState.Delivering] = new HashSet<TaskState> { TaskState.Delivering, TaskState.Completed, TaskState.Classified, TaskState.Accepted, TaskState.Failed },
        [TaskState.Completed] = new HashSet<TaskState> { TaskState.Completed, TaskState.Delivering },
        [TaskState.Failed] = new HashSet<TaskState> { TaskState.Failed, TaskState.Accepted, TaskState.Held, TaskState.Classified, TaskState.Delivering },
        [TaskState.Cancelled] = new HashSet<TaskState> { TaskState.Cancelled, TaskState.Accepted, TaskState.Held, TaskState.Classified, TaskState.Delivering },
    };

    public static bool MayBecome(this TaskState from, TaskState to) => Transitions[from].Contains(to);

    public static bool IsToDeliver(this TaskState state) => ToDeliver.Contains(state);

    /// <summary>The state as the API writes it.</summary>
    public static string Name(this TaskState state) => state.ToString().ToLowerInvariant();

    /// <summary>Parses state names separated by commas; null if one is none.</summary>
    public static IReadOnlyList<TaskState>? Parse(string text)
    {
        var states = new List<TaskState>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            // Not by Enum.TryParse: it also takes numbers.
            if (Enum.GetValues<TaskState>().Cast<TaskState?>().FirstOrDefault(state => state!.Value.Name().Equals(part, StringComparison.OrdinalIgnoreCase)) is not { } found) return null;
            states.Add(found);
        }
        return states;
    }

    public static bool IsEnded(this TaskState state) => Ended.Contains(state);
}
