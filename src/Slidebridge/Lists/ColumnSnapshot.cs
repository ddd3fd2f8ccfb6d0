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
            if (!known.Has(rows)) known = new ColumnTexts(known, rows);
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

    /// <summary>Reads columns of some blocks, with the rows as they are now.</summary>
    public async Task<IReadOnlyList<TaskRows>> ReadAsync(IReadOnlyList<Block> blocks, IReadOnlyCollection<TaskColumn> columns, CancellationToken cancellationToken)
    {
        var read = new Dictionary<(long, int), long[]>();
        await ReadAsync([.. blocks.Where(b => b.Stored is not null && !b.IsChanged)], [.. columns]);
        HashSet<TaskColumn> merging = [.. columns, TaskColumn.Number, TaskColumn.Accepted];
        if (merging.Contains(TaskColumn.ScanKeys)) merging.Add(TaskColumn.Scans);
        await ReadAsync([.. blocks.Where(b => b.Stored is not null && b.IsChanged)], merging);
        return [.. blocks.Select(block =>
        {
            var rows = new TaskRows(block.Stored?.Tasks ?? 0);
            foreach (var column in block.IsChanged ? merging : columns)
                if (block.Stored is { } stored) rows[column] = read[(stored.Id, (int)column)];
            return block.IsChanged ? rows.With(block.Gone, block.Added, merging, Texts) : rows;
        })];

        async Task ReadAsync(List<Block> some, HashSet<TaskColumn> wanted)
        {
            if (some.Count == 0 || wanted.Count == 0) return;
            var ids = some.Select(b => b.Stored!.Id).ToArray();
            foreach (var column in wanted.Select(c => (int)c))
                await foreach (var stored in Database.Columns.AsNoTracking().Where(c => c.Column == column && EF.Parameter(ids).Contains(c.Block)).AsAsyncEnumerable().WithCancellation(cancellationToken))
                    read[(stored.Block, column)] = ColumnBytes.Decode(stored.Bytes);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await Database.DisposeAsync();
    }
}
