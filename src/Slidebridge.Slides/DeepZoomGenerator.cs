using System.Globalization;
using System.Numerics;

namespace Slidebridge.Slides;

/// <summary>
/// Serves a slide to a Deep Zoom viewer: a description, and the tiles of a pyramid. The last level of the pyramid is the slide's level 0; every other level
/// has half the size of the next, down to one pixel. Safe for concurrent callers.
/// </summary>
/// <remarks>The format: Microsoft, "Deep Zoom File Format Overview"; schema <c>http://schemas.microsoft.com/deepzoom/2008</c>.</remarks>
public sealed class DeepZoomGenerator
{
    const int DefaultTileSize = 256, SmallestStored = 128, LargestStored = 1024;

    readonly Slide slide;
    readonly DeepZoomOptions options;

    /// <summary>Prepares the pyramid from the slide's levels; no pixel is read.</summary>
    /// <param name="slide">The caller keeps ownership, and must keep the slide open while tiles are read.</param>
    /// <param name="options">Tile size, overlap and format; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range.</exception>
    public DeepZoomGenerator(Slide slide, DeepZoomOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(slide);
        this.slide = slide;
        this.options = options ?? new DeepZoomOptions();
        this.options.Validate();
        var level = slide.Levels[0];
        TileSize = this.options.TileSize ?? (level.TileWidth == level.TileHeight && level.TileWidth is >= SmallestStored and <= LargestStored ? level.TileWidth : DefaultTileSize);
        LevelCount = BitOperations.Log2((uint)(Math.Max(slide.Width, slide.Height) * 2L - 1)) + 1;
    }

    /// <summary>A tile's width and height in pixels, without its overlap.</summary>
    public int TileSize { get; }

    /// <summary>The number of levels, from one pixel (level 0) to the whole slide (level LevelCount − 1).</summary>
    public int LevelCount { get; }

    /// <summary>A level's size in its own pixels.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public (int Width, int Height) SizeOf(int level)
    {
        var downsample = DownsampleOf(level);
        return ((int)((slide.Width + downsample - 1) / downsample), (int)((slide.Height + downsample - 1) / downsample));
    }

    /// <summary>The number of a level's tile columns and rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level.</exception>
    public (int Columns, int Rows) TilesOf(int level)
    {
        var (width, height) = SizeOf(level);
        return ((width - 1) / TileSize + 1, (height - 1) / TileSize + 1);
    }

    /// <summary>The description (<c>.dzi</c>), XML.</summary>
    public string GetDescription() => string.Create(CultureInfo.InvariantCulture, $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="{(options.Format == DeepZoomFormat.Jpeg ? "jpeg" : "png")}" Overlap="{options.Overlap}" TileSize="{TileSize}"><Size Width="{slide.Width}" Height="{slide.Height}"/></Image>
        """);

    /// <summary>A tile; the slide's own encoded bytes if the grid, the format and the overlap allow it.</summary>
    /// <param name="level">0 (one pixel) to LevelCount − 1.</param>
    /// <param name="column">From 0 at the left.</param>
    /// <param name="row">From 0 at the top.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such tile.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public async Task<DeepZoomTile> GetTileAsync(int level, int column, int row, CancellationToken cancellationToken = default)
    {
        var (columns, rows) = TilesOf(level);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, columns);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, rows);
        if (StoredLevel(level, column, row) is { } stored && await slide.ReadJpegAsync(stored, column, row, cancellationToken) is { } own) return new DeepZoomTile(own, "image/jpeg", true);

        await foreach (var tile in slide.ReadTilesAsync(GridOf(level, column, row), cancellationToken))
        {
            using (tile)
            {
                var picture = tile.ToRaster();
                return options.Format == DeepZoomFormat.Jpeg
                    ? new DeepZoomTile(picture.EncodeJpeg(options.Quality), "image/jpeg", false)
                    : new DeepZoomTile(picture.EncodePng(), "image/png", false);
            }
        }
        throw new InvalidOperationException("The grid holds no tile.");
    }

    /// <summary>
    /// Fetches what some tiles need into the cache, neighbours in one request, so that <see cref="GetTileAsync"/> does not wait for each of them. Tiles that do not exist are ignored. Does nothing for a slide on this machine.
    /// </summary>
    /// <param name="tiles">Levels, columns and rows.</param>
    /// <param name="cancellationToken">Stops the fetching.</param>
    /// <exception cref="SlideFormatException">The index of the tiles is damaged.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task FetchTilesAsync(IEnumerable<(int Level, int Column, int Row)> tiles, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(tiles);
        return slide.FetchTilesAsync(tiles.Where(IsTile).Select(tile => GridOf(tile.Level, tile.Column, tile.Row)), cancellationToken);
    }

    /// <summary>Fetches the indices of the slide's tiles into the cache, except those of levels whose index is larger than a limit. Without its index, the first tile of each region costs one more round trip. Does nothing for a slide on this machine.</summary>
    /// <param name="mostBytes">Maximum bytes of the index of one level.</param>
    /// <param name="cancellationToken">Stops the fetching.</param>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task FetchIndicesAsync(long mostBytes, CancellationToken cancellationToken = default) =>
        Task.WhenAll(slide.Levels.Select(level => slide.FetchIndexAsync(level.Index, mostBytes, cancellationToken)));

    bool IsTile((int Level, int Column, int Row) tile) =>
        tile is { Level: >= 0, Column: >= 0, Row: >= 0 } && tile.Level < LevelCount && TilesOf(tile.Level) is var (columns, rows) && tile.Column < columns && tile.Row < rows;

    /// <summary>One tile as a grid.</summary>
    TileGrid GridOf(int level, int column, int row)
    {
        var ((left, width), (top, height)) = (Span(column, SizeOf(level).Width), Span(row, SizeOf(level).Height));
        var downsample = DownsampleOf(level);
        // The stored bytes are used only if they match the wanted pixels exactly over the whole slide.
        return new TileGrid { Width = width, Height = height, Downsample = downsample, Tolerance = 0.5 / Math.Max(2, Math.Max(slide.Width, slide.Height)), Within = new(left * downsample, top * downsample, width * downsample, height * downsample) };
    }

    long DownsampleOf(int level)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(level);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(level, LevelCount);
        return 1L << (LevelCount - 1 - level);
    }

    (long From, int Length) Span(int index, int size)
    {
        var from = Math.Max(0, (long)index * TileSize - options.Overlap);
        return (from, (int)(Math.Min(size, (index + 1L) * TileSize + options.Overlap) - from));
    }

    /// <summary>The slide's level that stores exactly this tile at this position; null if there is none.</summary>
    int? StoredLevel(int level, int column, int row)
    {
        if (options.Format != DeepZoomFormat.Jpeg || options.Overlap > 0) return null;
        var (width, height) = SizeOf(level);
        // A stored tile at the edge is padded; a viewer needs it without padding.
        if ((column + 1L) * TileSize > width || (row + 1L) * TileSize > height) return null;
        foreach (var stored in slide.Levels)
            // Halved sides are rounded up here and often down there: the pictures differ by at most a pixel at the edge.
            if (stored.TileWidth == TileSize && stored.TileHeight == TileSize && Math.Abs(stored.Width - width) <= 1 && Math.Abs(stored.Height - height) <= 1
                && (column + 1L) * TileSize <= stored.Width && (row + 1L) * TileSize <= stored.Height)
                return stored.Index;
        return null;
    }
}
