using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>
/// Assembles a rectangle of a level from its tiles:
/// 1. the part outside the level is background;
/// 2. the tiles that it touches are read in batches whose bytes fit the source's prefetch limit;
/// 3. in each batch, neighbours are fetched together, and tiles are decoded in parallel.
/// </summary>
static class RegionReader
{
    // Maximum tiles of a batch.
    const int Batch = 256;

    /// <param name="tiles">The level.</param>
    /// <param name="x">Left edge in the level's own pixels.</param>
    /// <param name="y">Top edge in the level's own pixels.</param>
    /// <param name="target">The whole rectangle.</param>
    /// <param name="concurrency">Tiles decoded at the same time.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public static ValueTask ReadAsync(TileSource tiles, long x, long y, PixelTarget target, int concurrency, CancellationToken cancellationToken) =>
        ReadAsync(new LevelPixels(tiles), x, y, target, concurrency, cancellationToken);

    /// <summary>The same for a level that is decoded at a reduced size, in pixels of that size.</summary>
    public static async ValueTask ReadAsync(LevelPixels level, long x, long y, PixelTarget target, int concurrency, CancellationToken cancellationToken)
    {
        var tiles = level.Tiles;
        level.FillOutside(x, y, target);
        foreach (var batch in level.PartsOf(x, y, target.Width, target.Height).Chunk(tiles.PrefetchBytes > 0 ? Batch : int.MaxValue))
        {
            tiles.CheckDecodable();
            if (batch.Length == 1)
            {
                await level.DecodeAsync(batch[0], target, cancellationToken);
                continue;
            }
            if (tiles.PrefetchBytes > 0) await tiles.PrefetchAsync([.. batch.Select(part => part.Tile)], cancellationToken);
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = tiles.AtOnce(concurrency), CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(batch, parallel, (part, token) => level.DecodeAsync(part, target, token));
        }
    }
}
