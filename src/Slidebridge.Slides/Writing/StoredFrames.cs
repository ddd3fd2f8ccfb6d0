using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Writing;

/// <summary>A slide's levels whose tiles all are JPEGs of one kind, which another container can hold as they are.</summary>
sealed class StoredFrames
{
    // A pyramid that ends above this has no overview: its smaller levels must be made.
    const int LargestLast = 8192;

    // Tiles of which the bytes are asked for together.
    const int Together = 64;

    const byte App15 = 0xEF, Comment = 0xFE;

    readonly Slide slide;

    StoredFrames(Slide slide, IReadOnlyList<Level> levels, FrameKind kind, long bytes) => (this.slide, Levels, Kind, Bytes) = (slide, levels, kind, bytes);

    /// <summary>The largest first.</summary>
    public IReadOnlyList<Level> Levels { get; }

    public FrameKind Kind { get; }

    /// <summary>Of all tiles, as they are stored.</summary>
    public long Bytes { get; }

    /// <summary>Null where a level's tiles are no JPEGs that can be taken, or one is missing. Looks at the index of all tiles and at one tile of each level.</summary>
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

    /// <summary>Hands a level's tiles to a sink. False where one is of another kind: then what was written is no level.</summary>
    /// <param name="level">One of <see cref="Levels"/>.</param>
    /// <param name="sink">Takes them in their order.</param>
    /// <param name="took">Told the bytes of each.</param>
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

    /// <summary>Without comments and what applications add (Exif): names and dates stay behind. JFIF and Adobe's marker say what the colours are.</summary>
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
