using System.Runtime.CompilerServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Slidebridge.Storage;

namespace Slidebridge.Lists;

/// <summary>
/// The tasks by columns as they are at one moment: the stored blocks, with the rows of the tasks that were changed since.
/// </summary>
sealed class ColumnSnapshot : IAsyncDisposable
{
    /// <summary>A block, and what was changed in it.</summary>
    /// <param name="stored">The block; null: no block is stored yet.</param>
    /// <param name="first">The first key of the block.</param>
    /// <param name="end">The first key after it.</param>
    public sealed class Block(ColumnBlock? stored, TaskKey first, TaskKey end)
    {
        public ColumnBlock? Stored => stored;

        public TaskKey First => first;

        public TaskKey End => end;

        /// <summary>The newest change of its tasks.</summary>
        public DateTimeOffset LastChange { get; set; } = stored?.LastChange ?? DateTimeOffset.MinValue;

        /// <summary>The numbers of changed tasks, whose stored rows do not count.</summary>
        public HashSet<long> Gone { get; } = [];

        /// <summary>The present rows of changed tasks, those accepted first in front.</summary>
        public List<ListedTask> Added { get; } = [];

        public bool IsChanged => Gone.Count > 0;
    }

    readonly IDbContextTransaction transaction;

    ColumnSnapshot(TaskDatabase database, IDbContextTransaction transaction, IReadOnlyList<Block> blocks, ColumnTexts texts) =>
        (Database, this.transaction, Blocks, Texts) = (database, transaction, blocks, texts);

    public TaskDatabase Database { get; }

    /// <summary>The first tasks in front.</summary>
    public IReadOnlyList<Block> Blocks { get; }

    public ColumnTexts Texts { get; }

    /// <param name="database">Belongs to the snapshot from then on.</param>
    /// <param name="texts">Reads the texts of the database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<ColumnSnapshot> OpenAsync(TaskDatabase database, Func<TaskDatabase, CancellationToken, Task<ColumnTexts>> texts, CancellationToken cancellationToken)
    {
        IDbContextTransaction? transaction = null;
        try
        {
            transaction = await database.BeginSnapshotAsync(cancellationToken);
            var changed = await database.ChangedTasks.AsNoTracking().Select(c => new { c.Number, c.AcceptedAt }).Distinct().ToListAsync(cancellationToken);
            var blocks = BlocksOf(await database.Blocks.AsNoTracking().ToListAsync(cancellationToken));
            var known = await texts(database, cancellationToken);
            if (changed.Count == 0) return new ColumnSnapshot(database, transaction, blocks, known);
            var rows = await ListedTask.ReadAsync(database, [.. changed.Select(c => c.Number).Distinct()], cancellationToken);
            if (!known.Has(rows)) (known = new ColumnTexts(known)).AddOf(rows); // Before filters look for their texts.
            Spread(blocks, changed.Select(c => new TaskKey(c.AcceptedAt.UtcTicks, c.Number)), rows);
            return new ColumnSnapshot(database, transaction, blocks, known);
        }
        catch
        {
            if (transaction is not null) await transaction.DisposeAsync();
            await database.DisposeAsync();
            throw;
        }
    }

    /// <summary>The stored blocks by their keys. The first begins at the beginning and the last does not end, so that each task belongs to one.</summary>
    public static List<Block> BlocksOf(IReadOnlyList<ColumnBlock> stored)
    {
        if (stored.Count == 0) return [new(null, TaskKey.First, TaskKey.Last)];
        var sorted = stored.Select(block => (Block: block, First: new TaskKey(block.FirstAccepted.UtcTicks, block.FirstNumber))).OrderBy(each => each.First).ToList();
        return [.. sorted.Select((each, i) => new Block(each.Block, i == 0 ? TaskKey.First : each.First, i + 1 < sorted.Count ? sorted[i + 1].First : TaskKey.Last))];
    }

    /// <summary>Puts changed tasks into the blocks that they belong to.</summary>
    public static void Spread(IReadOnlyList<Block> blocks, IEnumerable<TaskKey> changed, IEnumerable<ListedTask> rows)
    {
        foreach (var key in changed) blocks[IndexOf(blocks, key)].Gone.Add(key.Number);
        foreach (var row in rows)
        {
            var block = blocks[IndexOf(blocks, row.Key)];
            block.Added.Add(row);
            if (row.LastChange > block.LastChange) block.LastChange = row.LastChange;
        }
    }

    public static int IndexOf(IReadOnlyList<Block> blocks, TaskKey key)
    {
        var (low, high) = (0, blocks.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (blocks[middle].First <= key) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    /// <summary>Reads columns of some blocks, with the rows as they are now, in any order. The rows of a block are valid until the next iteration.</summary>
    public async IAsyncEnumerable<(Block Block, TaskRows Rows)> ReadAsync(IReadOnlyCollection<Block> blocks, IReadOnlyCollection<TaskColumn> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        HashSet<TaskColumn> plain = [.. columns], merging = [.. columns, TaskColumn.Number, TaskColumn.Accepted];
        if (merging.Contains(TaskColumn.ScanKeys)) merging.Add(TaskColumn.Scans);
        foreach (var alike in blocks.GroupBy(block => block.IsChanged))
        {
            await foreach (var (block, rows) in StoredAsync([.. alike], alike.Key ? merging : plain, cancellationToken))
            {
                using (rows)
                {
                    if (!alike.Key) yield return (block, rows);
                    else yield return (block, rows.With(block.Gone, block.Added, merging, Texts));
                }
            }
        }
    }

    /// <summary>Those of some blocks that may have one of these numbers in one of these columns. Changed blocks may have any.</summary>
    public async Task<IReadOnlyList<Block>> ThatMayHaveAsync(IReadOnlyList<Block> blocks, IReadOnlyCollection<(TaskColumn Column, long Number)> wanted, CancellationToken cancellationToken)
    {
        var found = new HashSet<long>();
        foreach (var (each, number) in wanted)
        {
            var column = (int)each;
            found.UnionWith(await Database.Columns.Where(c => c.Column == column && c.Least <= number && c.Most >= number).Select(c => c.Block).ToListAsync(cancellationToken));
        }
        return [.. blocks.Where(block => block.IsChanged || (block.Stored is { } stored && found.Contains(stored.Id)))];
    }

    /// <summary>The rows as they are stored, as soon as all columns of a block have arrived. EF would make an object and an array for each column.</summary>
    async IAsyncEnumerable<(Block, TaskRows)> StoredAsync(List<Block> blocks, HashSet<TaskColumn> columns, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var block in blocks.Where(block => block.Stored is null || columns.Count == 0)) yield return (block, Empty(block, columns));
        var stored = blocks.Where(block => block.Stored is not null).ToDictionary(block => block.Stored!.Id);
        if (stored.Count == 0 || columns.Count == 0) yield break;
        var (ids, wanted) = (stored.Keys.Order().ToArray(), columns.Select(column => (int)column).ToArray());
        var partial = new Dictionary<long, (TaskRows Rows, int Columns)>();
        await using var command = Database.Columns.Where(c => EF.Parameter(ids).Contains(c.Block) && EF.Parameter(wanted).Contains(c.Column)).Select(c => new { c.Block, c.Column, c.Bytes }).CreateDbCommand();
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var block = stored[reader.GetInt64(0)];
            var (rows, read) = partial.GetValueOrDefault(block.Stored!.Id, (new TaskRows(block.Stored.Tasks), 0));
            rows.Read((TaskColumn)reader.GetInt32(1), reader.GetFieldValue<byte[]>(2));
            partial[block.Stored.Id] = (rows, read + 1);
            if (read + 1 < columns.Count) continue;
            partial.Remove(block.Stored.Id);
            yield return (block, rows);
        }
        if (partial.Count > 0) throw new InvalidDataException("A block of the task lists lacks columns.");
    }

    static TaskRows Empty(Block block, HashSet<TaskColumn> columns)
    {
        var rows = new TaskRows(block.Stored?.Tasks ?? 0);
        foreach (var column in columns) rows.Set(column, []);
        return rows;
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await Database.DisposeAsync();
    }
}
