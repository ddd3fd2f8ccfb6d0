using Slidebridge.Tasks;

namespace Slidebridge.Lists;

/// <summary>Which page of a list, the newest tasks first.</summary>
/// <param name="Limit">The most tasks of the page.</param>
/// <param name="After">Only tasks that come after this one in the list: older ones.</param>
/// <param name="Before">The page before this task: newer ones. Not together with <paramref name="After"/>.</param>
/// <param name="Offset">Matching tasks to skip from there on.</param>
sealed record TaskPageRequest(int Limit, TaskKey? After = null, TaskKey? Before = null, int Offset = 0);

/// <param name="Tasks">The newest first.</param>
/// <param name="Previous">The page before is before this task. Null: there is none.</param>
/// <param name="Next">The next page is after this task. Null: there is none.</param>
sealed record TaskPage(IReadOnlyList<BridgeTask> Tasks, TaskKey? Previous, TaskKey? Next);

/// <summary>How many tasks match a filter, whatever states it names.</summary>
/// <param name="ByState">The number for each state, also 0.</param>
sealed record TaskCounts(IReadOnlyDictionary<TaskState, int> ByState)
{
    /// <summary>The number of those in some states; null or empty: in all.</summary>
    public int Of(IReadOnlyList<TaskState>? states) => states is { Count: > 0 } ? states.Distinct().Sum(state => ByState[state]) : ByState.Values.Sum();
}

/// <summary>What filters can choose: for each the values that most tasks have, at most <see cref="Most"/>, the most frequent first.</summary>
sealed record FilterValues(IReadOnlyList<FilterValue> Companies, IReadOnlyList<FilterValue> Models, IReadOnlyList<FilterValue> Classifiers, IReadOnlyList<FilterValue> Stains, IReadOnlyList<FilterValue> Groups, IReadOnlyList<FilterValue> Nodes)
{
    public const int Most = 200;
}

/// <param name="Value">As <see cref="TaskFilter"/> takes it; a classifier by its short name.</param>
/// <param name="Tasks">The number of tasks.</param>
sealed record FilterValue(string Value, int Tasks);
