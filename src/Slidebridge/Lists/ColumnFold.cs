using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Lists;

/// <summary>
/// Brings the columns up to date with the tasks that were changed. It may be late: <see cref="ColumnSnapshot"/> reads changed tasks from their rows, but the more there are, the longer that takes.
/// One node at a time does it, in a commit that other changes share, so a change is either in the columns or still noted.
/// </summary>
sealed partial class ColumnFold(CommitQueue commits, IDbContextFactory<TaskDatabase> databases, TimeProvider time, ILogger<ColumnFold> logger) : BackgroundService
{
    /// <summary>Maximum changes of one commit, because webhooks wait for the commit.</summary>
    public int Batch { get; init; } = 1000;

    /// <summary>A block with more tasks is split, into blocks of half as many.</summary>
    public int MostTasks { get; init; } = 8192;

    /// <summary>With fewer changes, the columns are brought up to date seldom: that writes whole blocks.</summary>
    const int Enough = 2000;

    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(2), Seldom = TimeSpan.FromMinutes(10), BetweenPrunings = TimeSpan.FromDays(1);

    readonly SemaphoreSlim one = new(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(BetweenLooks, time);
        var (last, pruned) = (time.GetTimestamp(), time.GetTimestamp());
        try
        {
            do
            {
                try
                {
                    var changes = await CountAsync(stoppingToken);
                    if (changes == 0 || (changes < Enough && time.GetElapsedTime(last) < Seldom)) continue;
                    while (await FoldAsync() == Batch && !stoppingToken.IsCancellationRequested)
                    {
                    }
                    last = time.GetTimestamp();
                    if (time.GetElapsedTime(pruned) < BetweenPrunings) continue;
                    await commits.CommitAsync(async database => await database.TryFoldAsync(CancellationToken.None) ? await UnusedTexts.DeleteAsync(database) : 0);
                    pruned = time.GetTimestamp();
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogFailed(logger, e.GetBaseException().Message);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException && stoppingToken.IsCancellationRequested)
        {
            // The bridge stops.
        }
    }

    public override void Dispose()
    {
        one.Dispose();
        base.Dispose();
    }

    async Task<int> CountAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.ChangedTasks.Take(Enough).CountAsync(cancellationToken);
    }

    /// <summary>Brings the columns up to date with the oldest changes.</summary>
    /// <returns>How many; 0 also if another node does it.</returns>
    public async Task<int> FoldAsync()
    {
        // Two in one commit would not see each other's blocks.
        await one.WaitAsync();
        try
        {
            return await commits.CommitAsync(FoldAsync);
        }
        finally
        {
            one.Release();
        }
    }

    async Task<int> FoldAsync(TaskDatabase database)
    {
        if (!await database.TryFoldAsync(CancellationToken.None)) return 0;
        // The rows are read after the changes are: a change that is committed in between is noted again.
        var changes = await database.ChangedTasks.AsNoTracking().OrderBy(c => c.Id).Take(Batch).ToListAsync();
        if (changes.Count == 0) return 0;
        var rows = await ListedTask.ReadAsync(database, [.. changes.Select(c => c.Number).Distinct()], CancellationToken.None);
        var texts = new ColumnTexts();
        texts.Add(await database.ColumnValues.AsNoTracking().ToListAsync());
        var stored = await database.Blocks.ToListAsync();
        var blocks = ColumnSnapshot.BlocksOf(stored);
        ColumnSnapshot.Spread(blocks, changes.Select(c => new TaskKey(c.AcceptedAt.UtcTicks, c.Number)), rows);
        var next = stored.Count == 0 ? 1 : stored.Max(block => block.Id) + 1;
        foreach (var block in blocks.Where(block => block.IsChanged))
        {
            var columns = block.Stored is null ? [] : await ColumnsAsync(database, block.Stored.Id);
            var read = new TaskRows(block.Stored?.Tasks ?? 0);
            foreach (var column in TaskColumns.All) read.Set(column, columns.Find(c => c.Column == (int)column) is { } own ? ColumnBytes.Decode(own.Bytes) : []);
            var merged = read.With(block.Gone, block.Added, [.. TaskColumns.All], texts);
            var parts = merged.Count <= MostTasks ? [merged] : Split(merged).ToList();
            Write(database, block.Stored, columns, parts[0], ref next);
            foreach (var part in parts.Skip(1)) Write(database, null, [], part, ref next);
        }
        database.ColumnValues.AddRange(texts.Added);
        var folded = changes.Select(c => c.Id).ToArray();
        await database.ChangedTasks.Where(c => EF.Parameter(folded).Contains(c.Id)).ExecuteDeleteAsync();
        return changes.Count;
    }

    static Task<List<BlockColumn>> ColumnsAsync(TaskDatabase database, long block)
    {
        int[] all = [.. TaskColumns.All.Select(column => (int)column)];
        return database.Columns.Where(c => EF.Parameter(all).Contains(c.Column) && c.Block == block).ToListAsync();
    }

    IEnumerable<TaskRows> Split(TaskRows rows)
    {
        var parts = (rows.Count + MostTasks / 2 - 1) / (MostTasks / 2);
        for (var part = 0; part < parts; part++)
        {
            var start = (int)((long)rows.Count * part / parts);
            yield return rows.Part(start, (int)((long)rows.Count * (part + 1) / parts) - start);
        }
    }

    static void Write(TaskDatabase database, ColumnBlock? block, List<BlockColumn> columns, TaskRows rows, ref long next)
    {
        if (rows.Count == 0)
        {
            database.RemoveRange(columns);
            if (block is not null) database.Remove(block);
            return;
        }
        if (block is null) database.Add(block = new ColumnBlock { Id = next++ });
        var first = rows.KeyAt(0);
        (block.FirstAccepted, block.FirstNumber, block.Tasks) = (new DateTimeOffset(first.Accepted, TimeSpan.Zero), first.Number, rows.Count);
        block.LastChange = LastChange(rows);
        foreach (var column in TaskColumns.All)
        {
            var bytes = ColumnBytes.Encode(rows[column]);
            if (columns.Find(c => c.Column == (int)column) is not { } own) database.Add(own = new BlockColumn { Block = block.Id, Column = (int)column, Bytes = bytes });
            (own.Least, own.Most) = ColumnBytes.Range(rows[column]);
            if (!own.Bytes.AsSpan().SequenceEqual(bytes)) own.Bytes = bytes; // Most columns of most tasks never change.
        }
    }

    static DateTimeOffset LastChange(TaskRows rows)
    {
        var accepted = rows[TaskColumn.Accepted];
        var ended = rows[TaskColumn.Ended];
        var changed = rows[TaskColumn.Changed];
        var last = 0L;
        for (var row = 0; row < rows.Count; row++)
        {
            var end = accepted[row] + (ended[row] == TaskColumns.NotEnded ? 0 : ended[row]);
            last = Math.Max(last, Math.Max(end, end + changed[row]));
        }
        return new DateTimeOffset(last, TimeSpan.Zero);
    }

    [LoggerMessage(165, LogLevel.Warning, "Lists: the columns could not be brought up to date; the bridge tries again: {Why}")]
    static partial void LogFailed(ILogger logger, string why);
}
