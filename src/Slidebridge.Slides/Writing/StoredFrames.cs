using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Writing;

/// <summary>The levels of a slide whose tiles are all JPEGs of one kind, so that another container can store them unchanged.</summary>
sealed class StoredFrames
{
    // A pyramid whose smallest level is larger than this has no overview: its smaller levels must be created.
    const int LargestLast = 8192;

    // Tiles whose bytes are requested together.
    const int Together = 64;

    const byte App15 = 0xEF, Comment = 0xFE;

    readonly Slide slide;

    StoredFrames(Slide slide, IReadOnlyList<Level> levels, FrameKind kind, long bytes) => (this.slide, Levels, Kind, Bytes) = (slide, levels, kind, bytes);

    /// <summary>The levels, the largest first.</summary>
    public IReadOnlyList<Level> Levels { get; }

    public FrameKind Kind { get; }

    /// <summary>The kind of all tiles' JPEGs.</summary>
    public long Bytes { get; }

    /// <summary>Null if a level has tiles that are missing or not usable JPEGs. Checks the index of all tiles, and one tile of each level.</summary>
    public static async Task<StoredFrames?> FindAsync(Slide slide, int first, CancellationToken cancellationToken)
    {
        Level[] levels = [.. slide.Levels.Skip(first)];
        if (levels.Any(level => level.Compression != "jpeg" || level.TileWidth % 16 != 0 || level.TileHeight % 16 != 0) || Math.Max(levels[^1].Width, levels[^1].Height) > LargestLast) return null;
        FrameKind? kind = null;
        var bytes = 0L;
        foreach (var level in levels)
        {
            if (await slide.ReadJpegAsync(level.Index, 0, 0, cancellationToken) is not { } jpeg || FrameKind.Of(jpeg, level.TileWidth, level.TileHeight) is not { } found) return null;
            if ((kind ??= found) != found) return null;
            var tiles = slide.TilesOf(level.Index);
            foreach (var position in tiles.AllTiles())
            {
                if (!await tiles.IsStoredAsync(position, cancellationToken)) return null;
                bytes += await tiles.EncodedBytesAsync(position, cancellationToken);
            }
        }
        return new StoredFrames(slide, levels, kind!.Value, bytes);
    }

    /// <summary>Passes a level's tiles to a sink. False if a tile is of another kind: then the written level is incomplete.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <param name="sink">Receives the tiles in order.</param>
    /// <param name="took">Receives the bytes of each tile.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public async Task<bool> WriteAsync(Level level, ILevelSink sink, Action<long> took, CancellationToken cancellationToken)
    {
        var index = 0;
        var tiles = slide.TilesOf(level.Index);
        foreach (var positions in tiles.AllTiles().Chunk(Together))
        {
            await tiles.PrefetchAsync(positions, cancellationToken);
            foreach (var (column, row) in positions)
            {
                if (await slide.ReadJpegAsync(level.Index, column, row, cancellationToken) is not { } jpeg || FrameKind.Of(jpeg, level.TileWidth, level.TileHeight) != Kind) return false;
                await sink.WriteAsync(index++, Bare(jpeg), cancellationToken);
                took(jpeg.Length);
            }
        }
        return true;
    }

    /// <summary>Removes comments and application data (Exif), which may contain names and dates. JFIF and Adobe's marker are kept, because they state the colour model.</summary>
    static byte[] Bare(byte[] jpeg)
    {
        var bare = new byte[jpeg.Length];
        var (length, rest) = (JpegStream.Append(jpeg.AsSpan(0, 2), bare), 2);
        foreach (var segment in new JpegSegments(jpeg))
        {
            rest = segment.End;
            if (segment.Marker is not (> JpegSegments.App0 and < JpegSegments.App14 or App15 or Comment)) length += JpegStream.Append(segment.Bytes, bare.AsSpan(length));
        }
        return bare[..(length + JpegStream.Append(jpeg.AsSpan(rest), bare.AsSpan(length)))];
    }
}
