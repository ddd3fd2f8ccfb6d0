using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>The stored tiles (or strips, which are tiles as wide as the picture) of one level or associated image.</summary>
abstract class TileSource(Level level)
{
    // Maximum pixels of all tiles that one read decodes at the same time: 128 tiles of 512×512, or one of the largest.
    const long MostPixelsInFlight = 32L * 1024 * 1024;

    long pixelsDecoded;

    public Level Level { get; } = level;

    /// <summary>Pixels decoded so far for readers.</summary>
    public long PixelsDecoded => Volatile.Read(ref pixelsDecoded);

    public void CountDecoded(long pixels) => Interlocked.Add(ref pixelsDecoded, pixels);

    /// <summary>How many tiles to decode at the same time: fewer than requested if the tiles are so large that they would use too much memory.</summary>
    public virtual int AtOnce(int wanted) => (int)Math.Clamp(MostPixelsInFlight / ((long)Level.TileWidth * Level.TileHeight), 1, wanted);

    /// <summary>
    /// The largest r of 1, 2, 4, 8 for which a tile can be decoded at 1/r of its size for less than the full cost.
    /// A tile's width and height are multiples of it.
    /// </summary>
    public virtual int MaxReduction => 1;

    /// <summary>Maximum encoded bytes that one <see cref="PrefetchAsync"/> call may request; 0 if it does nothing.</summary>
    public virtual long PrefetchBytes => 0;

    /// <summary>Throws if no tile of this picture can be decoded. Called before memory is allocated for a tile, because the stated size may be absurd.</summary>
    /// <exception cref="SlideFormatException">The picture needs another codec, or its tiles are too large.</exception>
    public virtual void CheckDecodable()
    {
    }

    /// <summary>False for a tile that is not stored: it is background.</summary>
    public abstract ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>True if a tile that is not stored may have been lost: it is shown as background, with a warning.</summary>
    public virtual bool IsDoubtfulWithoutTiles => false;

    /// <summary>Checks the index of the tiles for problems that would cause a warning when the tiles are read.</summary>
    public virtual ValueTask ExamineAsync(CancellationToken cancellationToken) => default;

    /// <summary>All tiles, row by row.</summary>
    public IEnumerable<TilePosition> AllTiles()
    {
        for (var row = 0; row < Level.Rows; row++)
            for (var column = 0; column < Level.Columns; column++) yield return new TilePosition(column, row);
    }

    /// <summary>The encoded bytes of a tile that count for <see cref="PrefetchBytes"/>; 0 for a tile that is not stored.</summary>
    public virtual ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken) => default;

    /// <summary>Announces which tiles will be decoded next, so that neighbours are fetched in one request; tiles beyond <see cref="PrefetchBytes"/> are ignored.</summary>
    public virtual ValueTask PrefetchAsync(IReadOnlyList<TilePosition> tiles, CancellationToken cancellationToken) => default;

    /// <summary>Fetches the index of the tiles if it is not larger than <paramref name="mostBytes"/>; does nothing if there is none, or if it is already here.</summary>
    public virtual ValueTask PrefetchIndexAsync(long mostBytes, CancellationToken cancellationToken) => default;

    /// <summary>Call <see cref="CheckDecodable"/> first. Decodes the top left target.Width × target.Height pixels of a tile at 1/<paramref name="reduction"/> of its size. A tile that is not stored is background.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged or needs another codec; the message names level, tile and offset.</exception>
    public abstract ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken);

    /// <summary>A tile's own JPEG, made complete (tables, colour model), for a viewer that decodes it itself; null if the tile is not stored, or not as a JPEG.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged.</exception>
    public virtual ValueTask<byte[]?> ReadJpegAsync(TilePosition tile, CancellationToken cancellationToken) => default;

    /// <summary>The whole picture as one JPEG, without decoding; null if it is not stored in strips of JPEG that can be joined, or takes more than a byte a pixel. Its entropy-coded data is not checked.</summary>
    /// <exception cref="SlideFormatException">A strip is damaged.</exception>
    public virtual ValueTask<byte[]?> ReadPictureJpegAsync(CancellationToken cancellationToken) => default;

    /// <summary>The width of a tile's part inside the level: less than a whole tile in the last column.</summary>
    public int VisibleWidth(int column) => (int)Math.Min(Level.TileWidth, Level.Width - (long)column * Level.TileWidth);

    /// <summary>The height of a tile's part inside the level: less than a whole tile in the last row.</summary>
    public int VisibleHeight(int row) => (int)Math.Min(Level.TileHeight, Level.Height - (long)row * Level.TileHeight);

    /// <summary>The largest reduction, and the size of a tile's part inside the level at this reduction.</summary>
    public (int Reduction, int Width, int Height) Reduced(TilePosition tile)
    {
        var reduction = MaxReduction;
        return (reduction, (VisibleWidth(tile.Column) + reduction - 1) / reduction, (VisibleHeight(tile.Row) + reduction - 1) / reduction);
    }

    /// <summary>This picture's name in messages.</summary>
    protected string Name => Level.Index < 0 ? "The associated image" : $"Level {Level.Index}";
}
