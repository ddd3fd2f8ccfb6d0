using System.Buffers;

namespace Slidebridge.Lists;

/// <summary>Tasks by columns, those accepted first in front. Disposing it gives borrowed memory back.</summary>
/// <param name="count">How many.</param>
sealed class TaskRows(int count) : IDisposable
{
    readonly (long[] Values, int Length, bool IsBorrowed)[] columns = new (long[], int, bool)[TaskColumns.All.Count + 1];

    public int Count => count;

    /// <summary>A column; it must have been read.</summary>
    public ReadOnlySpan<long> this[TaskColumn column] =>
        columns[(int)column] is { Values: not null } known ? known.Values.AsSpan(0, known.Length) : throw new InvalidOperationException($"The column {column} was not read.");

    public TaskKey KeyAt(int row) => new(this[TaskColumn.Accepted][row], this[TaskColumn.Number][row]);

    public void Set(TaskColumn column, long[] values) => columns[(int)column] = (values, values.Length, false);

    /// <summary>Reads a column from its bytes into borrowed memory.</summary>
    public void Read(TaskColumn column, ReadOnlySpan<byte> bytes)
    {
        var length = ColumnBytes.Count(bytes);
        var values = ArrayPool<long>.Shared.Rent(length);
        ColumnBytes.Decode(bytes, values.AsSpan(0, length));
        columns[(int)column] = (values, length, true);
    }

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
            var from = this[column];
            var to = new long[places.Count];
            for (var i = 0; i < to.Length; i++) to[i] = places[i] >= 0 ? from[places[i]] : added[~places[i]].ValueOf(column, texts);
            result.Set(column, to);
        }
        if (wanted.Contains(TaskColumn.ScanKeys)) result.Set(TaskColumn.ScanKeys, ScanKeys(places, added));
        return result;
    }

    /// <summary>Some of these rows, in their order.</summary>
    public TaskRows Part(int start, int length)
    {
        var part = new TaskRows(length);
        foreach (var column in TaskColumns.All.Where(column => column is not TaskColumn.ScanKeys)) part.Set(column, this[column].Slice(start, length).ToArray());
        var (first, keys) = (Sum(this[TaskColumn.Scans][..start]), Sum(part[TaskColumn.Scans]));
        part.Set(TaskColumn.ScanKeys, this[TaskColumn.ScanKeys].Slice(first, keys).ToArray());
        return part;
    }

    public void Dispose()
    {
        for (var i = 0; i < columns.Length; i++)
        {
            if (columns[i].IsBorrowed) ArrayPool<long>.Shared.Return(columns[i].Values);
            columns[i] = default;
        }
    }

    long[] ScanKeys(List<int> places, IReadOnlyList<ListedTask> added)
    {
        var starts = new int[Count + 1];
        for (var row = 0; row < Count; row++) starts[row + 1] = starts[row] + (int)this[TaskColumn.Scans][row];
        var keys = new List<long>();
        foreach (var place in places)
        {
            if (place >= 0) keys.AddRange(this[TaskColumn.ScanKeys][starts[place]..starts[place + 1]]);
            else keys.AddRange(added[~place].Scans.Select(scan => ListedTask.KeyOf(scan.ScanId)));
        }
        return [.. keys];
    }

    static int Sum(ReadOnlySpan<long> numbers)
    {
        var sum = 0L;
        foreach (var number in numbers) sum += number;
        return (int)sum;
    }
}
