using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Lists;

/// <summary>A filter as conditions on the numbers of columns.</summary>
sealed class TaskMatch
{
    readonly List<(TaskColumn Column, bool[] Chosen)> chosen = [];
    readonly bool[]? states;
    readonly Search? search;

    /// <param name="Task">A task's number, or null.</param>
    /// <param name="Case">A case's number, or null.</param>
    /// <param name="Scan">A scan's key.</param>
    sealed record Search(long? Task, long? Case, long Scan);

    public TaskMatch(TaskFilter filter, ColumnTexts texts)
    {
        if (filter.States is { Count: > 0 } named) states = [.. Enum.GetValues<TaskState>().Select(named.Contains)];
        Choose(TaskColumn.Company, filter.Company);
        Choose(TaskColumn.Model, filter.Model);
        Choose(TaskColumn.Group, filter.Group);
        Choose(TaskColumn.Node, filter.Node);
        if (filter.Classifier is { } classifier) Add(TaskColumn.Classifier, text => (text ?? "") == classifier || ClassifierName.Of(text) == classifier);
        if (filter.Stain is { } stain) Add(TaskColumn.Stains, text => stain.Length == 0 ? text is null : text?.Split('\n').Contains(stain) == true);
        if (filter.Companies is { Count: > 0 } companies) Add(TaskColumn.Company, text => text is not null && companies.Contains(text));
        if (filter.Since is { } since) From = new TaskKey(since.UtcTicks, long.MinValue);
        if (filter.Until is { } until) To = new TaskKey(until.UtcTicks, long.MinValue);
        if (filter.Search?.Trim() is { Length: > 0 } sought)
            search = new Search(PlatformId.TryParse(sought, "task", out var task) ? task : null, PlatformId.TryParse(sought, "case", out var number) ? number : null, ListedTask.KeyOf(sought));

        void Choose(TaskColumn column, string? value)
        {
            if (value is not null) Add(column, text => (text ?? "") == value);
        }

        void Add(TaskColumn column, Func<string?, bool> condition) => chosen.Add((column, texts.Where(column, condition)));
    }

    /// <summary>The first key that matches.</summary>
    public TaskKey From { get; } = TaskKey.First;

    /// <summary>The first key after those that match.</summary>
    public TaskKey To { get; } = TaskKey.Last;

    /// <summary>No task can match: a filter names a text that no task has.</summary>
    public bool IsNothing => From >= To || chosen.Exists(one => !one.Chosen.Contains(true));

    /// <summary>The whole block is between <see cref="From"/> and <see cref="To"/>.</summary>
    public bool IsInside(ColumnSnapshot.Block block) => block.First >= From && block.End <= To;

    /// <summary>The blocks that may have matching tasks.</summary>
    public async Task<IReadOnlyList<ColumnSnapshot.Block>> BlocksAsync(ColumnSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (IsNothing) return [];
        List<ColumnSnapshot.Block> blocks = [.. snapshot.Blocks.Where(block => block.First < To && block.End > From)];
        if (search is null) return blocks;
        return await snapshot.ThatMayHaveAsync(blocks,
            [.. search.Task is { } task ? [(TaskColumn.Number, task)] : Array.Empty<(TaskColumn, long)>(), .. search.Case is { } number ? [(TaskColumn.Case, number)] : Array.Empty<(TaskColumn, long)>(), (TaskColumn.ScanKeys, search.Scan)], cancellationToken);
    }

    /// <summary>What <see cref="Rows"/> reads of a block.</summary>
    /// <param name="isInside">The whole block is between <see cref="From"/> and <see cref="To"/>.</param>
    /// <param name="withStates">Tasks in other states do not match.</param>
    public HashSet<TaskColumn> Columns(bool isInside, bool withStates)
    {
        HashSet<TaskColumn> columns = [.. chosen.Select(one => one.Column)];
        if (withStates && states is not null) columns.Add(TaskColumn.State);
        if (search is not null) columns.UnionWith([TaskColumn.Number, TaskColumn.Case, TaskColumn.Scans, TaskColumn.ScanKeys]);
        if (!isInside) columns.UnionWith([TaskColumn.Accepted, TaskColumn.Number]);
        return columns;
    }

    /// <summary>Which rows match.</summary>
    public bool[] Rows(TaskRows rows, bool isInside, bool withStates)
    {
        var matching = new bool[rows.Count];
        Array.Fill(matching, true);
        foreach (var (column, allowed) in chosen) And(rows[column], allowed);
        if (withStates && states is not null) And(rows[TaskColumn.State], states);
        if (search is not null) Find(rows, matching);
        if (isInside) return matching;
        for (var row = 0; row < matching.Length; row++)
            if (matching[row]) matching[row] = rows.KeyAt(row) is var key && key >= From && key < To;
        return matching;

        void And(ReadOnlySpan<long> values, bool[] allowed)
        {
            for (var row = 0; row < matching.Length; row++) matching[row] &= allowed[values[row]];
        }
    }

    void Find(TaskRows rows, bool[] matching)
    {
        var numbers = rows[TaskColumn.Number];
        var cases = rows[TaskColumn.Case];
        var scans = rows[TaskColumn.Scans];
        var keys = rows[TaskColumn.ScanKeys];
        var hasScan = keys.Contains(search!.Scan);
        for (int row = 0, key = 0; row < matching.Length; key += (int)scans[row++])
        {
            matching[row] &= numbers[row] == search.Task || cases[row] == search.Case || (hasScan && keys.Slice(key, (int)scans[row]).Contains(search.Scan));
        }
    }
}
