namespace Slidebridge.Lists;

/// <summary>Tasks by columns, those accepted first in front.</summary>
/// <param name="count">How many.</param>
sealed class TaskRows(int count)
{
    readonly long[]?[] columns = new long[TaskColumns.All.Count + 1][];

    public int Count => count;

    /// <summary>A column; it must have been read.</summary>
    public long[] this[TaskColumn column]
    {
        get => columns[(int)column] ?? throw new InvalidOperationException($"The column {column} was not read.");
        set => columns[(int)column] = value;
    }

    public TaskKey KeyAt(int row) => new(this[TaskColumn.Accepted][row], this[TaskColumn.Number][row]);

    /// <summary>These rows without those of some tasks, and with others.</summary>
    /// <param name="gone">The tasks that are left out.</param>
    /// <param name="added">Rows to add, those accepted first in front.</param>
    /// <param name="wanted">The columns of the result. These rows must have them, and <see cref="TaskColumn.Number"/> and <see cref="TaskColumn.Accepted"/>, and for scan keys <see cref="TaskColumn.Scans"/>.</param>
    /// <param name="texts">The numbers of texts.</param>
    public TaskRows With(HashSet<long> gone, IReadOnlyList<ListedTask> added, IReadOnlyCollection<TaskColumn> wanted, ColumnTexts texts)
    {
        // The place of each row of the result: here from 0, in the added rows from -1 down.
        var places = new List<int>(Count + added.Count);
        var next = 0;
        for (var row = 0; row < Count; row++)
        {
            if (gone.Contains(this[TaskColumn.Number][row])) continue;
            for (var key = KeyAt(row); next < added.Count && added[next].Key < key; next++) places.Add(~next);
            places.Add(row);
        }
        for (; next < added.Count; next++) places.Add(~next);

        var result = new TaskRows(places.Count);
        foreach (var column in wanted.Where(column => column is not TaskColumn.ScanKeys))
        {
            var (from, to) = (Count > 0 ? this[column] : [], new long[places.Count]);
            for (var i = 0; i < to.Length; i++) to[i] = places[i] >= 0 ? from[places[i]] : added[~places[i]].ValueOf(column, texts);
            result[column] = to;
        }
        if (wanted.Contains(TaskColumn.ScanKeys)) result[TaskColumn.ScanKeys] = ScanKeys(places, added);
        return result;
    }

    /// <summary>Some of these rows, in their order.</summary>
    public TaskRows Part(int start, int length)
    {
        var part = new TaskRows(length);
        foreach (var column in TaskColumns.All.Where(column => column is not TaskColumn.ScanKeys)) part[column] = this[column][start..(start + length)];
        var first = (int)this[TaskColumn.Scans].Take(start).Sum();
        part[TaskColumn.ScanKeys] = this[TaskColumn.ScanKeys][first..(first + (int)part[TaskColumn.Scans].Sum())];
        return part;
    }

    long[] ScanKeys(List<int> places, IReadOnlyList<ListedTask> added)
    {
        var starts = new int[Count + 1];
        for (var row = 0; row < Count; row++) starts[row + 1] = starts[row] + (int)this[TaskColumn.Scans][row];
        var keys = new List<long>();
        foreach (var place in places)
        {
            if (place >= 0) keys.AddRange(this[TaskColumn.ScanKeys].AsSpan(starts[place]..starts[place + 1]));
            else keys.AddRange(added[~place].Scans.Select(scan => ListedTask.KeyOf(scan.ScanId)));
        }
        return [.. keys];
    }
}
