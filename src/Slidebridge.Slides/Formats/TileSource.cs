using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>The stored tiles (or strips, which are tiles as wide as the picture) of one level or associated image.</summary>
abstract class TileSource(Level level)
{
    // Pixels of all tiles that one read decodes at the same time: 128 tiles of 512×512, one of the largest.
    const long MostPixelsInFlight = 32L * 1024 * 1024;

    long pixelsDecoded;

    public Level Level { get; } = level;

    /// <summary>Pixels that readers had decoded so far.</summary>
    public long PixelsDecoded => Volatile.Read(ref pixelsDecoded);

    public void CountDecoded(long pixels) => Interlocked.Add(ref pixelsDecoded, pixels);

    /// <summary>How many tiles to decode at the same time: fewer than wanted where they are so large that memory would suffer.</summary>
    public virtual int AtOnce(int wanted) => (int)Math.Clamp(MostPixelsInFlight / ((long)Level.TileWidth * Level.TileHeight), 1, wanted);

    /// <summary>
    /// The largest r of 1, 2, 4, 8 for which a tile can be decoded at 1/r of its size for less than the whole price.
    /// A tile's width and height are multiples of it.
    /// </summary>
    public virtual int MaxReduction => 1;

    /// <summary>Encoded bytes that may be asked of <see cref="PrefetchAsync"/> at once; 0 where it does nothing.</summary>
    public virtual long PrefetchBytes => 0;

    /// <summary>Says why no tile of this picture can be decoded. Asked before memory is taken for one, as a size may be absurd.</summary>
    /// <exception cref="SlideFormatException">It needs another codec, or its tiles are too large.</exception>
    public virtual void CheckDecodable()
    {
    }

    /// <summary>False for a tile that is not stored: it is background.</summary>
    public abstract ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>True where a tile that is not stored may be one that was lost: it is background with a warning.</summary>
    public virtual bool IsDoubtfulWithoutTiles => false;

    /// <summary>Looks through the index of the tiles for what would be a warning when they are read.</summary>
    public virtual ValueTask ExamineAsync(CancellationToken cancellationToken) => default;

    /// <summary>All tiles, row by row.</summary>
    public IEnumerable<TilePosition> AllTiles()
    {
        for (var row = 0; row < Level.Rows; row++)
            for (var column = 0; column < Level.Columns; column++) yield return new TilePosition(column, row);
    }

    /// <summary>Encoded bytes of a tile, as far as they count for <see cref="PrefetchBytes"/>; 0 for a tile that is not stored.</summary>
    public virtual ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken) => default;

    /// <summary>Says which tiles will be decoded next, so that neighbours come in one request; those beyond <see cref="PrefetchBytes"/> are left out.</summary>
    public virtual ValueTask PrefetchAsync(IReadOnlyList<TilePosition> tiles, CancellationToken cancellationToken) => default;

    /// <summary>After <see cref="CheckDecodable"/>: decodes the top left target.Width × target.Height pixels of a tile at 1/<paramref name="reduction"/> of its size. A tile that is not stored is background.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged or needs another codec; names level, tile and offset.</exception>
    public abstract ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken);

    /// <summary>A tile's own JPEG, made complete (tables, colour), for a viewer that takes it undecoded; null where it is not stored, or not as a JPEG.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged.</exception>
    public virtual ValueTask<byte[]?> ReadJpegAsync(TilePosition tile, CancellationToken cancellationToken) => default;

    /// <summary>The whole picture as one JPEG, without decoding; null where it is not stored in strips of JPEG that can be joined. Its entropy-coded data is not checked.</summary>
    /// <exception cref="SlideFormatException">A strip is damaged.</exception>
    public virtual ValueTask<byte[]?> ReadPictureJpegAsync(CancellationToken cancellationToken) => default;

    /// <summary>A tile's width that lies inside the level: less than a whole tile in the last column.</summary>
    public int VisibleWidth(int column) => (int)Math.Min(Level.TileWidth, Level.Width - (long)column * Level.TileWidth);

    /// <summary>A tile's height that lies inside the level: less than a whole tile in the last row.</summary>
    public int VisibleHeight(int row) => (int)Math.Min(Level.TileHeight, Level.Height - (long)row * Level.TileHeight);

    /// <summary>The largest reduction, and the size that a tile's part inside the level has at it.</summary>
    public (int Reduction, int Width, int Height) Reduced(TilePosition tile)
    {
        var reduction = MaxReduction;
        return (reduction, (VisibleWidth(tile.Column) + reduction - 1) / reduction, (VisibleHeight(tile.Row) + reduction - 1) / reduction);
    }

    /// <summary>What a message calls this picture.</summary>
    protected string Name => Level.Index < 0 ? "The associated image" : $"Level {Level.Index}";
}
