using System.Globalization;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>How a grid is read from a slide: from which level, at which reduction of its tiles, and the remaining scale.</summary>
sealed class TilePlan
{
    // A slide with more than 10¹² tiles is a mistake in the grid.
    const long MostTiles = 1L << 32;

    readonly TileGrid grid;
    readonly double originX, originY;
    readonly long extentX, extentY;

    // Twice as fine as the slide in both directions: three of four pixels are interpolated.
    const double FinestFactor = 2, Hair = 1e-6;

    public TilePlan(TileGrid grid, SlideContent content, SlideWarnings warnings)
    {
        grid.Validate();
        this.grid = grid;
        var full = content.Levels[0].Level;
        var wanted = Wanted(grid, content);
        if (grid.Level is null && wanted < 1 - grid.Tolerance) CheckDetail(wanted, content, warnings);
        var tiles = grid.Level is { } index ? content.Levels[index] : Nearest(content.Levels, wanted, grid.Tolerance);
        IsScaled = grid.Level is null && Math.Abs(wanted / tiles.Level.Downsample - 1) > grid.Tolerance;
        Downsample = IsScaled ? wanted : tiles.Level.Downsample;
        var left = Downsample / tiles.Level.Downsample;
        Pixels = IsScaled ? LevelPixels.AtMost(tiles, left) : new LevelPixels(tiles);
        Scale = left / Pixels.Reduction;

        var within = grid.Within ?? new SlideBounds(0, 0, full.Width, full.Height);
        // Unscaled tiles must align with the level's own pixels.
        (originX, originY) = (within.X / ToSlide, within.Y / ToSlide);
        if (!IsScaled) (originX, originY) = (Math.Round(originX), Math.Round(originY));
        extentX = Extent(within.Width, grid.Within is null ? tiles.Level.Width : null, IsScaled);
        extentY = Extent(within.Height, grid.Within is null ? tiles.Level.Height : null, IsScaled);
        (Columns, Rows) = (Tiles(extentX, grid.Width), Tiles(extentY, grid.Height));
        if ((long)Columns * Rows > MostTiles) throw new ArgumentException($"The grid would cut the slide into {Columns}×{Rows} tiles; at most {MostTiles}.");
    }

    public LevelPixels Pixels { get; }

    /// <summary>Pixels of <see cref="Pixels"/> per tile pixel; 1 if nothing is scaled.</summary>
    public double Scale { get; }

    public bool IsScaled { get; }

    /// <summary>Level-0 pixels per tile pixel.</summary>
    public double Downsample { get; }

    public int Columns { get; }

    public int Rows { get; }

    /// <summary>The size of a tile that is not cropped.</summary>
    public int Width => grid.Width;

    public int Height => grid.Height;

    public PixelFormat Format => grid.Format;

    public bool InOrder => grid.InOrder;

    public int Concurrency => grid.Concurrency;

    /// <summary>A tile's size: the full size, or the part inside if edges are cropped.</summary>
    public (int Width, int Height) SizeOf(TilePosition tile) => grid.Edges != TileEdges.Crop
        ? (grid.Width, grid.Height)
        : ((int)Math.Min(grid.Width, extentX - (long)tile.Column * StepX), (int)Math.Min(grid.Height, extentY - (long)tile.Row * StepY));

    /// <summary>A tile's left and top edge in pixels of <see cref="Pixels"/>.</summary>
    public (double X, double Y) PlaceOf(TilePosition tile) => (originX + (double)tile.Column * StepX * Scale, originY + (double)tile.Row * StepY * Scale);

    /// <summary>A tile's left and top edge in level-0 pixels.</summary>
    public (double X, double Y) SlidePlaceOf(TilePosition tile)
    {
        var (x, y) = PlaceOf(tile);
        return (x * ToSlide, y * ToSlide);
    }

    /// <summary>The rectangle of <see cref="Pixels"/> that a tile is made from; may extend beyond the level.</summary>
    public (long X, long Y, int Width, int Height) SourceOf(TilePosition tile)
    {
        var (x, y) = PlaceOf(tile);
        var (width, height) = SizeOf(tile);
        if (!IsScaled) return ((long)x, (long)y, width, height);
        long left = (long)Math.Floor(x) - 1, top = (long)Math.Floor(y) - 1;
        return (left, top, Length(x + width * Scale, left), Length(y + height * Scale, top));

        static int Length(double end, long from) => (int)Math.Min((long)Math.Ceiling(end) + 1 - from, int.MaxValue);
    }

    /// <summary>True if no stored tile is needed by two tiles of the grid.</summary>
    public bool IsAligned => !IsScaled && grid.Overlap == 0
        && grid.Width % Pixels.TileWidth == 0 && grid.Height % Pixels.TileHeight == 0 && originX % Pixels.TileWidth == 0 && originY % Pixels.TileHeight == 0;

    /// <summary>
    /// The positions of the tiles to read: row by row, or, if any order is allowed, in stripes so narrow that the stored tiles between two rows
    /// of the grid are still cached when the next row needs them.
    /// </summary>
    /// <param name="kept">Bytes of decoded stored tiles that are cached.</param>
    public IEnumerable<TilePosition> Positions(long kept)
    {
        var stripe = InOrder || IsAligned ? Columns : StripeColumns(kept);
        for (var first = 0; first < Columns; first += stripe)
            for (var row = 0; row < Rows; row++)
                for (var column = first; column < Math.Min(Columns, first + stripe); column++)
                    if (HasTissue(new(column, row)))
                        yield return new TilePosition(column, row);
    }

    public long Count() => grid.Mask is null ? (long)Columns * Rows : Positions(0).LongCount();

    // Level-0 pixels per pixel of Pixels.
    double ToSlide => Pixels.Tiles.Level.Downsample * Pixels.Reduction;

    int StepX => grid.Width - grid.Overlap;

    int StepY => grid.Height - grid.Overlap;

    bool HasTissue(TilePosition tile)
    {
        if (grid.Mask is null) return true;
        var (x, y) = SlidePlaceOf(tile);
        var (width, height) = SizeOf(tile);
        // A sum of whole mask pixels may differ from 1 by a rounding error.
        return grid.Mask.FractionOf(x, y, width * Downsample, height * Downsample) >= grid.MinTissue - 1e-9;
    }

    // The stored rows that one row of the grid covers, twice.
    int StripeColumns(long kept)
    {
        var rows = grid.Height * Scale / Pixels.TileHeight + 2;
        var bytesOfColumn = StepX * Scale * rows * Pixels.TileHeight * Format.BytesPerPixel();
        return (int)Math.Clamp(kept / bytesOfColumn, Math.Min(8, Columns), Columns);
    }

    int Tiles(long extent, int size)
    {
        var step = size - grid.Overlap;
        // The last tile begins before the end, and contains pixels that the previous one does not.
        var count = grid.Edges == TileEdges.Skip ? (extent - size) / step + (extent < size ? 0 : 1) : Math.Max(1, (extent - grid.Overlap + step - 1) / step);
        return (int)Math.Clamp(count, 0, int.MaxValue);
    }

    // If the whole level is divided, use its exact size: the slide's size divided by the downsample may differ by one.
    long Extent(long slidePixels, int? levelPixels, bool scaled) =>
        !scaled && levelPixels is { } own ? own : Math.Max(1, (long)Math.Ceiling(slidePixels / Downsample - 1e-6));

    static double Wanted(TileGrid grid, SlideContent content)
    {
        if (grid.Level is { } level)
        {
            if (level < 0 || level >= content.Levels.Count) throw new ArgumentOutOfRangeException(nameof(grid), level, $"TileGrid.Level must be 0 to {content.Levels.Count - 1}.");
            return content.Levels[level].Level.Downsample;
        }
        if (grid.Mpp is not { } mpp) return grid.Downsample ?? 1;
        if (content.Mpp is not { } own) throw new InvalidOperationException("The slide does not state its resolution (microns per pixel). Set TileGrid.Downsample or TileGrid.Level instead of TileGrid.Mpp.");
        return mpp * 2 / (own.X + own.Y);
    }

    void CheckDetail(double wanted, SlideContent content, SlideWarnings warnings)
    {
        var factor = 1 / wanted;
        var what = content.Mpp is { } own
            ? string.Create(CultureInfo.InvariantCulture, $"The slide has {(own.X + own.Y) / 2:0.####} µm/pixel, but {(own.X + own.Y) / 2 * wanted:0.####} µm/pixel is requested: {factor:0.##} times the slide's detail.")
            : string.Create(CultureInfo.InvariantCulture, $"A downsample of {wanted:0.####} is requested: {factor:0.##} times the slide's detail.");
        if (factor <= FinestFactor * (1 + Hair)) warnings.Add(WarningCode.Enlarged, $"{what} Its pixels are enlarged.");
        else if (grid.AllowUpsampling) warnings.Add(WarningCode.Enlarged, $"{what} Its pixels are enlarged, because allowUpsampling is set.");
        else throw new SlideResolutionException($"{what} This detail was never scanned. Scan the slide at a higher magnification, correct its resolution (mpp) if it is wrong, or set allowUpsampling if enlarged pixels are acceptable.");
    }

    // The smallest level with at least the wanted detail; a level with nearly the wanted detail counts too.
    static TileSource Nearest(IReadOnlyList<TileSource> levels, double wanted, double tolerance)
    {
        for (var i = levels.Count - 1; i > 0; i--)
            if (levels[i].Level.Downsample <= wanted * (1 + tolerance)) return levels[i];
        return levels[0];
    }
}
