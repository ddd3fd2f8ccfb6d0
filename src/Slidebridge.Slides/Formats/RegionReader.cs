using System.Buffers;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// Puts a rectangle of a level together from its tiles:
/// 1. background where the rectangle leaves the level;
/// 2. the tiles that it touches, in batches whose bytes fit the source's prefetch;
/// 3. of each batch, neighbours fetched together;
/// 4. decoded in parallel, a tile that lies wholly inside straight into the destination, others through pooled memory.
/// </summary>
static class RegionReader
{
    readonly record struct Touched(TilePosition Tile, int Left, int Top, int Width, int Height);

    /// <param name="tiles">The level.</param>
    /// <param name="x">Left edge in the level's own pixels.</param>
    /// <param name="y">Top edge in the level's own pixels.</param>
    /// <param name="target">The whole rectangle.</param>
    /// <param name="concurrency">Tiles decoded at the same time.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public static async Task ReadAsync(
        TileSource tiles, long x, long y, PixelTarget target, int concurrency, CancellationToken cancellationToken)
    {
        var level = tiles.Level;
        long left = Math.Max(x, 0), top = Math.Max(y, 0);
        long right = Math.Min(x + target.Width, level.Width), bottom = Math.Min(y + target.Height, level.Height);
        if (right - left < target.Width || bottom - top < target.Height) target.FillBackground();
        if (left >= right || top >= bottom) return;
        tiles.CheckDecodable();

        var touched = Touch(level, left, top, right, bottom);
        foreach (var batch in touched.Chunk(tiles.PrefetchBytes > 0 ? 256 : int.MaxValue))
        {
            if (tiles.PrefetchBytes > 0 && batch.Length > 1) await tiles.PrefetchAsync([.. batch.Select(touched => touched.Tile)], cancellationToken);
            if (batch.Length == 1)
            {
                await DecodeAsync(tiles, batch[0], x, y, target, cancellationToken);
                continue;
            }
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = tiles.AtOnce(concurrency), CancellationToken = cancellationToken };
            await Parallel.ForEachAsync(batch, parallel, (tile, token) => DecodeAsync(tiles, tile, x, y, target, token));
        }
    }

    static IEnumerable<Touched> Touch(Level level, long left, long top, long right, long bottom)
    {
        for (var row = (int)(top / level.TileHeight); (long)row * level.TileHeight < bottom; row++)
            for (var column = (int)(left / level.TileWidth); (long)column * level.TileWidth < right; column++)
            {
                long tileLeft = (long)column * level.TileWidth, tileTop = (long)row * level.TileHeight;
                long l = Math.Max(left, tileLeft), t = Math.Max(top, tileTop);
                long r = Math.Min(right, tileLeft + level.TileWidth), b = Math.Min(bottom, tileTop + level.TileHeight);
                yield return new Touched(new(column, row), (int)(l - tileLeft), (int)(t - tileTop), (int)(r - l), (int)(b - t));
            }
    }

    static async ValueTask DecodeAsync(TileSource tiles, Touched tile, long x, long y, PixelTarget target, CancellationToken cancellationToken)
    {
        var level = tiles.Level;
        var bytes = target.Format.BytesPerPixel();
        var atX = (int)((long)tile.Tile.Column * level.TileWidth + tile.Left - x);
        var atY = (int)((long)tile.Tile.Row * level.TileHeight + tile.Top - y);
        var place = target with
        {
            Pixels = target.Pixels[(atY * target.Stride + atX * bytes)..],
            Width = tile.Width,
            Height = tile.Height,
        };
        if (tile is { Left: 0, Top: 0 })
        {
            await tiles.DecodeAsync(tile.Tile, 1, place, cancellationToken);
            return;
        }

        // The rectangle begins inside this tile: decode as far as needed, then cut.
        int width = tile.Left + tile.Width, height = tile.Top + tile.Height;
        var rented = ArrayPool<byte>.Shared.Rent(checked(width * height * bytes));
        try
        {
            await tiles.DecodeAsync(tile.Tile, 1, new PixelTarget(rented, width * bytes, width, height, target.Format), cancellationToken);
            place.CopyFrom(rented, width * bytes, tile.Left, tile.Top);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }
}
