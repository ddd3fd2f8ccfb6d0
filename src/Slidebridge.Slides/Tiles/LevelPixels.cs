using System.Buffers;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>The part of one stored tile that lies in a wanted rectangle.</summary>
/// <param name="Tile">The tile.</param>
/// <param name="Left">Pixels of the tile to the left of the part.</param>
/// <param name="Top">Rows of the tile above the part.</param>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Rows.</param>
/// <param name="X">The part's left edge in the rectangle.</param>
/// <param name="Y">The part's top edge in the rectangle.</param>
readonly record struct TilePart(TilePosition Tile, int Left, int Top, int Width, int Height, int X, int Y);

/// <summary>A level, decoded at 1/<paramref name="reduction"/> of its size, as one plane of pixels.</summary>
/// <param name="tiles">The level.</param>
/// <param name="reduction">1, or up to <see cref="TileSource.MaxReduction"/>.</param>
sealed class LevelPixels(TileSource tiles, int reduction = 1)
{
    const double Hair = 1e-6;

    /// <summary>The level at the smallest size that the decoder supports without losing wanted detail.</summary>
    /// <param name="tiles">The level.</param>
    /// <param name="scale">Pixels of the level per wanted pixel.</param>
    public static LevelPixels AtMost(TileSource tiles, double scale)
    {
        var reduction = tiles.MaxReduction;
        while (reduction > 1 && reduction > scale * (1 + Hair)) reduction /= 2;
        return new LevelPixels(tiles, reduction);
    }

    public TileSource Tiles { get; } = tiles;

    public int Reduction { get; } = reduction;

    public int Width { get; } = Reduce(tiles.Level.Width, reduction);

    public int Height { get; } = Reduce(tiles.Level.Height, reduction);

    // A tile's edges are multiples of the reduction, except in a picture of one tile.
    public int TileWidth { get; } = Reduce(tiles.Level.TileWidth, reduction);

    public int TileHeight { get; } = Reduce(tiles.Level.TileHeight, reduction);

    /// <inheritdoc cref="PartsOf(long, long, int, int)"/>
    public IEnumerable<TilePart> PartsOf((long X, long Y, int Width, int Height) rectangle) => PartsOf(rectangle.X, rectangle.Y, rectangle.Width, rectangle.Height);

    /// <summary>The parts of the tiles that a rectangle touches, row by row; none if it lies outside.</summary>
    public IEnumerable<TilePart> PartsOf(long x, long y, int width, int height)
    {
        long left = Math.Max(x, 0), top = Math.Max(y, 0);
        long right = Math.Min(x + width, Width), bottom = Math.Min(y + height, Height);
        if (left >= right || top >= bottom) yield break;
        for (var row = (int)(top / TileHeight); (long)row * TileHeight < bottom; row++)
            for (var column = (int)(left / TileWidth); (long)column * TileWidth < right; column++)
            {
                long tileLeft = (long)column * TileWidth, tileTop = (long)row * TileHeight;
                long l = Math.Max(left, tileLeft), t = Math.Max(top, tileTop);
                long r = Math.Min(right, tileLeft + TileWidth), b = Math.Min(bottom, tileTop + TileHeight);
                yield return new TilePart(new(column, row), (int)(l - tileLeft), (int)(t - tileTop), (int)(r - l), (int)(b - t), (int)(l - x), (int)(t - y));
            }
    }

    /// <summary>Fills the part of a rectangle that lies outside the level with background.</summary>
    public void FillOutside(long x, long y, PixelTarget target)
    {
        if (x < 0 || y < 0 || x + target.Width > Width || y + target.Height > Height) target.FillBackground();
    }

    /// <summary>Decodes a part of a tile into its place: directly if it begins at the tile's corner, otherwise through pooled memory.</summary>
    public async ValueTask DecodeAsync(TilePart part, PixelTarget target, CancellationToken cancellationToken)
    {
        var place = target.Cut(part.X, part.Y, part.Width, part.Height);
        if (part is { Left: 0, Top: 0 })
        {
            await DecodeTileAsync(part.Tile, place, cancellationToken);
            return;
        }

        // The rectangle begins inside this tile: decode up to the needed pixels, then crop.
        int width = part.Left + part.Width, height = part.Top + part.Height, stride = width * target.Format.BytesPerPixel();
        var rented = ArrayPool<byte>.Shared.Rent(checked(stride * height));
        try
        {
            await DecodeTileAsync(part.Tile, new PixelTarget(rented, stride, width, height, target.Format), cancellationToken);
            place.CopyFrom(rented, stride, part.Left, part.Top);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Decodes the top left pixels of a tile. If a reduced pixel lies partly beyond the level's edge, the decoder would mix the tile's padding into it:
    /// such a tile is decoded at full size, and the mean uses only pixels of the level.
    /// </summary>
    public async ValueTask DecodeTileAsync(TilePosition tile, PixelTarget target, CancellationToken cancellationToken)
    {
        Tiles.CountDecoded((long)target.Width * target.Height);
        int width = Math.Min(target.Width * Reduction, Tiles.VisibleWidth(tile.Column)), height = Math.Min(target.Height * Reduction, Tiles.VisibleHeight(tile.Row));
        if (Reduction == 1 || (width == target.Width * Reduction && height == target.Height * Reduction) || !await Tiles.IsStoredAsync(tile, cancellationToken))
        {
            await Tiles.DecodeAsync(tile, Reduction, target, cancellationToken);
            return;
        }
        var stride = width * target.Format.BytesPerPixel();
        var rented = ArrayPool<byte>.Shared.Rent(checked(stride * height));
        try
        {
            await Tiles.DecodeAsync(tile, 1, new PixelTarget(rented, stride, width, height, target.Format), cancellationToken);
            using var across = new Taps(0, Reduction, target.Width, width);
            using var down = new Taps(0, Reduction, target.Height, height);
            Resampler.Run(rented, stride, across, down, target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    static int Reduce(int size, int reduction) => (size + reduction - 1) / reduction;
}
