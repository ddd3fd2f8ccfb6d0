using System.Runtime.CompilerServices;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Follows the order of the tiles and fetches encoded bytes one batch ahead of the decoding: while one batch is decoded, the next is fetched,
/// neighbours in one request. The first batches are small, so that the first tile does not wait for megabytes.
/// </summary>
sealed class ReadAhead(TilePlan plan)
{
    const long FirstBatch = 128 * 1024;

    // For a task that waits: until these are decoded, the next ones are here.
    const int FirstBatches = 4;

    // A tile that is not stored still costs an entry in the lists, and its part of the index.
    const long Bookkeeping = 256;

    readonly TileSource source = plan.Pixels.Tiles;

    /// <summary>The same positions; the bytes for a position are requested before it is returned.</summary>
    public async IAsyncEnumerable<TilePosition> RunAsync(IEnumerable<TilePosition> positions, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // Two batches are in progress at a time, and the bytes of both must still be cached when they are needed.
        var most = source.PrefetchBytes / 2;
        var room = Math.Min(FirstBatch, most);
        using var ordered = positions.GetEnumerator();
        var fetch = Task.CompletedTask;
        try
        {
            var batch = await TakeAsync(ordered, room, cancellationToken);
            fetch = FetchAsync(batch.Stored, cancellationToken);
            while (batch.Positions.Count > 0)
            {
                var current = fetch;
                room = Math.Min(room * 2, most);
                var next = await TakeAsync(ordered, room, cancellationToken);
                fetch = FetchAsync(next.Stored, cancellationToken);
                foreach (var position in batch.Positions) yield return position;
                await current;
                batch = next;
            }
        }
        finally
        {
            await fetch.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    /// <summary>Fetches the bytes of the first batches.</summary>
    public async Task FetchFirstAsync(IEnumerable<TilePosition> positions, CancellationToken cancellationToken)
    {
        using var ordered = positions.GetEnumerator();
        await FetchAsync((await TakeAsync(ordered, Math.Min(FirstBatches * FirstBatch, source.PrefetchBytes), cancellationToken)).Stored, cancellationToken);
    }

    Task FetchAsync(List<TilePosition> stored, CancellationToken cancellationToken) =>
        stored.Count == 0 ? Task.CompletedTask : source.PrefetchAsync(stored, cancellationToken).AsTask();

    /// <summary>The next positions, and the stored tiles that they need: as many as fit the byte limit, at least one.</summary>
    async ValueTask<(List<TilePosition> Positions, List<TilePosition> Stored)> TakeAsync(IEnumerator<TilePosition> ordered, long room, CancellationToken cancellationToken)
    {
        List<TilePosition> positions = [], stored = [];
        var seen = new HashSet<TilePosition>();
        while (room > 0 && ordered.MoveNext())
        {
            positions.Add(ordered.Current);
            var (x, y, width, height) = plan.SourceOf(ordered.Current);
            foreach (var part in plan.Pixels.PartsOf(x, y, width, height))
            {
                if (!seen.Add(part.Tile)) continue;
                stored.Add(part.Tile);
                room -= Math.Max(Bookkeeping, await source.EncodedBytesAsync(part.Tile, cancellationToken));
            }
        }
        return (positions, stored);
    }
}
