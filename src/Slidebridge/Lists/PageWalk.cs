namespace Slidebridge.Lists;

/// <summary>Finds the tasks of a page: from the page's place on, block by block, until there are enough.</summary>
sealed class PageWalk(ColumnSnapshot snapshot, TaskMatch match, TaskPageRequest request)
{
    /// <summary>Blocks that are read first; then four times as many each time, because a filter that has matched little may match little in the rest too.</summary>
    const int FirstBlocks = 2, MostBlocks = 64;

    readonly bool isUpwards = request.Before is not null;

    /// <summary>The keys in the order of the walk, one more than the page has if there are more.</summary>
    public async Task<List<TaskKey>> FindAsync(CancellationToken cancellationToken)
    {
        var found = new List<TaskKey>();
        var skipped = 0;
        var blocks = await BlocksAsync(cancellationToken);
        for (int start = 0, count = FirstBlocks; start < blocks.Count; start += count, count = Math.Min(count * 4, MostBlocks))
        {
            foreach (var (block, matching) in await MatchingAsync(blocks.Slice(start, Math.Min(count, blocks.Count - start)), cancellationToken))
            {
                var matches = matching.AsSpan().Count(true);
                if (matches == 0) continue;
                // Whole blocks are skipped without their keys; the block of the page's place has rows on both sides of it.
                if (!IsAtPlace(block) && skipped + matches <= request.Offset)
                {
                    skipped += matches;
                    continue;
                }
                await foreach (var (_, rows) in snapshot.ReadAsync([block], [TaskColumn.Number, TaskColumn.Accepted], cancellationToken))
                {
                    for (var i = 0; i < rows.Count; i++)
                    {
                        var row = isUpwards ? i : rows.Count - 1 - i;
                        if (!matching[row] || rows.KeyAt(row) is var key && !IsOnPage(key)) continue;
                        if (skipped++ < request.Offset) continue;
                        found.Add(rows.KeyAt(row));
                        if (found.Count > request.Limit) return found;
                    }
                }
            }
        }
        return found;
    }

    async Task<List<(ColumnSnapshot.Block, bool[])>> MatchingAsync(List<ColumnSnapshot.Block> blocks, CancellationToken cancellationToken)
    {
        var matching = new Dictionary<ColumnSnapshot.Block, bool[]>();
        foreach (var alike in blocks.GroupBy(match.IsInside))
        {
            await foreach (var (block, rows) in snapshot.ReadAsync([.. alike], match.Columns(alike.Key, withStates: true), cancellationToken))
                matching[block] = match.Rows(rows, alike.Key, withStates: true);
        }
        return [.. blocks.Select(block => (block, matching[block]))];
    }

    /// <summary>The blocks in the order of the walk.</summary>
    async Task<List<ColumnSnapshot.Block>> BlocksAsync(CancellationToken cancellationToken)
    {
        var blocks = (await match.BlocksAsync(snapshot, cancellationToken)).Where(block => (request.After is not { } after || block.First < after) && (request.Before is not { } before || block.End > before)).ToList();
        if (!isUpwards) blocks.Reverse();
        return blocks;
    }

    bool IsAtPlace(ColumnSnapshot.Block block) => (request.After is { } after && block.End > after) || (request.Before is { } before && block.First <= before);

    bool IsOnPage(TaskKey key) => (request.After is not { } after || key < after) && (request.Before is not { } before || key > before);
}
