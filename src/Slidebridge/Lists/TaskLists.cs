using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Lists;

/// <summary>Lists of tasks, and how many there are. Their cost hardly depends on the number of tasks: docs/decisions/lists.md.</summary>
sealed class TaskLists(IDbContextFactory<TaskDatabase> databases)
{
    /// <summary>Texts get new numbers and never lose them, so each is read once.</summary>
    volatile ColumnTexts known = new();

    public async Task<ColumnSnapshot> OpenAsync(CancellationToken cancellationToken) =>
        await ColumnSnapshot.OpenAsync(await databases.CreateDbContextAsync(cancellationToken), TextsAsync, cancellationToken);

    /// <summary>A page of the tasks that match.</summary>
    public async Task<TaskPage> PageAsync(TaskFilter filter, TaskPageRequest request, CancellationToken cancellationToken)
    {
        await using var snapshot = await OpenAsync(cancellationToken);
        var keys = await new PageWalk(snapshot, new TaskMatch(filter, snapshot.Texts), request).FindAsync(cancellationToken);
        var hasMore = keys.Count > request.Limit;
        if (hasMore) keys.RemoveAt(keys.Count - 1);
        if (request.Before is not null) keys.Reverse();
        var numbers = keys.Select(key => key.Number).ToArray();
        var tasks = await snapshot.Database.Tasks.AsNoTracking().Where(t => EF.Parameter(numbers).Contains(t.Number)).ToDictionaryAsync(t => t.Number, cancellationToken);
        var (isNewest, isOldest) = request.Before is null ? (request is { After: null, Offset: 0 }, !hasMore) : (!hasMore, false);
        return new TaskPage([.. numbers.Select(number => tasks[number])], isNewest || keys.Count == 0 ? null : keys[0], isOldest || keys.Count == 0 ? null : keys[^1]);
    }

    /// <summary>How many tasks match, by state.</summary>
    public async Task<TaskCounts> CountAsync(TaskFilter filter, CancellationToken cancellationToken)
    {
        await using var snapshot = await OpenAsync(cancellationToken);
        var counts = new int[Enum.GetValues<TaskState>().Length];
        await foreach (var (rows, matching) in MatchingAsync(snapshot, new TaskMatch(filter, snapshot.Texts), [TaskColumn.State], withStates: false, cancellationToken))
        {
            var states = rows[TaskColumn.State];
            for (var row = 0; row < matching.Length; row++)
                if (matching[row]) counts[states[row]]++;
        }
        return new TaskCounts(Enum.GetValues<TaskState>().ToDictionary(state => state, state => counts[(int)state]));
    }

    /// <summary>What filters can choose.</summary>
    /// <param name="companies">The companies that the caller may see; null or empty: all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<FilterValues> ValuesAsync(IReadOnlyList<string>? companies, CancellationToken cancellationToken)
    {
        await using var snapshot = await OpenAsync(cancellationToken);
        TaskColumn[] columns = [.. TaskColumns.All.Where(column => column.HasTexts())];
        var counts = columns.ToDictionary(column => column, _ => new int[snapshot.Texts.Last + 1]);
        await foreach (var (rows, matching) in MatchingAsync(snapshot, new TaskMatch(new TaskFilter { Companies = companies }, snapshot.Texts), columns, withStates: false, cancellationToken))
        {
            foreach (var column in columns)
            {
                var values = rows[column];
                var count = counts[column];
                for (var row = 0; row < matching.Length; row++)
                    if (matching[row]) count[values[row]]++;
            }
        }
        return new FilterValues(Of(TaskColumn.Company), Of(TaskColumn.Model), Of(TaskColumn.Classifier, text => [ClassifierName.Of(text)!]), Of(TaskColumn.Stains, text => text.Split('\n')), Of(TaskColumn.Group), Of(TaskColumn.Node));

        IReadOnlyList<FilterValue> Of(TaskColumn column, Func<string, IEnumerable<string>>? values = null) =>
            [.. counts[column].Select((tasks, id) => (Text: snapshot.Texts[id], Tasks: tasks)).Where(each => each is { Text: not null, Tasks: > 0 })
                .SelectMany(each => values is null ? [(Text: each.Text!, each.Tasks)] : values(each.Text!).Select(value => (Text: value, each.Tasks)))
                .GroupBy(each => each.Text, each => each.Tasks).Select(value => new FilterValue(value.Key, value.Sum()))
                .OrderByDescending(value => value.Tasks).ThenBy(value => value.Value, StringComparer.Ordinal).Take(FilterValues.Most)];
    }

    /// <summary>Every block that may hold matching tasks, and which of its rows match.</summary>
    /// <param name="snapshot">The tasks.</param>
    /// <param name="match">The filter.</param>
    /// <param name="columns">The columns that the rows have.</param>
    /// <param name="withStates">Tasks in other states than the filter's do not match.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <param name="only">Leaves blocks out; null: none.</param>
    public static async IAsyncEnumerable<(TaskRows Rows, bool[] Matching)> MatchingAsync(ColumnSnapshot snapshot, TaskMatch match, IReadOnlyCollection<TaskColumn> columns, bool withStates,
        [EnumeratorCancellation] CancellationToken cancellationToken, Func<ColumnSnapshot.Block, bool>? only = null)
    {
        foreach (var alike in (await match.BlocksAsync(snapshot, cancellationToken)).Where(block => only?.Invoke(block) != false).GroupBy(match.IsInside))
            await foreach (var (_, rows) in snapshot.ReadAsync([.. alike], [.. columns, .. match.Columns(alike.Key, withStates)], cancellationToken))
                yield return (rows, match.Rows(rows, alike.Key, withStates));
    }

    async Task<ColumnTexts> TextsAsync(TaskDatabase database, CancellationToken cancellationToken)
    {
        var before = known;
        var last = before.Last;
        var more = await database.ColumnValues.AsNoTracking().Where(v => v.Id > last).ToListAsync(cancellationToken);
        if (more.Count == 0) return before;
        var texts = new ColumnTexts(before);
        texts.Add(more);
        return known = texts;
    }
}
