using System.Buffers;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Formats;

/// <summary>A tile's encoded bytes.</summary>
/// <param name="Rented">Pooled memory; return it to the pool.</param>
/// <param name="Length">The number of bytes in it that belong to the tile.</param>
/// <param name="Described">The container's description of the tile.</param>
readonly record struct EncodedTile(byte[] Rented, int Length, StoredTile Described);

/// <summary>Tiles whose encoded bytes lie in byte sources and are decoded by a codec. The steps for a tile: locate, read, unwrap, determine its colour model, decode.</summary>
abstract class StoredTileSource : TileSource
{
    // A frame of 16384×16384 as JPEG of the best quality, or as uncompressed grey.
    const int MostEncoded = 512 * 1024 * 1024;

    readonly ITileCodec? codec;
    readonly ColorJudge judge;
    readonly SlideWarnings warnings;

    protected StoredTileSource(Level level, ITileCodec? codec, SlideWarnings warnings) : base(level)
    {
        this.codec = codec;
        this.warnings = warnings;
        judge = new ColorJudge(this, Name, warnings);
    }

    public override int MaxReduction =>
        codec is not null && (Level.Columns == 1 || Level.TileWidth % codec.MaxReduction == 0) && (Level.Rows == 1 || Level.TileHeight % codec.MaxReduction == 0)
            ? codec.MaxReduction
            : 1;

    /// <summary>Null for a tile that is not stored.</summary>
    /// <exception cref="SlideFormatException">The tile lies outside its source, or is larger than a tile can be.</exception>
    protected abstract ValueTask<TileLocation?> LocateAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>The container's description of a tile's pixels.</summary>
    protected abstract ValueTask<StoredTile> DescribeAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>Removes, in place, what the container has put between a tile's bytes; returns the number of bytes left.</summary>
    protected virtual int Unwrap(Span<byte> bytes) => bytes.Length;

    public sealed override async ValueTask<bool> IsStoredAsync(TilePosition tile, CancellationToken cancellationToken) =>
        await LocateAsync(tile, cancellationToken) is not null;

    public sealed override async ValueTask<long> EncodedBytesAsync(TilePosition tile, CancellationToken cancellationToken) =>
        await LocateAsync(tile, cancellationToken) is { } found ? found.Length : 0;

    public sealed override async ValueTask PrefetchAsync(IReadOnlyList<TilePosition> tiles, CancellationToken cancellationToken)
    {
        var room = PrefetchBytes;
        if (room == 0) return;
        var ranges = new Dictionary<ByteSource, List<ByteRange>>();
        foreach (var tile in tiles)
        {
            if (await LocateAsync(tile, cancellationToken) is not { } found) continue;
            if ((room -= found.Length) < 0) break;
            if (!ranges.TryGetValue(found.Source, out var ofSource)) ranges[found.Source] = ofSource = [];
            ofSource.Add(new ByteRange(found.Offset, found.Length));
        }
        await Task.WhenAll(ranges.Select(each => each.Key.PrefetchAsync(each.Value, cancellationToken).AsTask()));
    }

    public sealed override async ValueTask DecodeAsync(TilePosition tile, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (await TryDecodeAsync(tile, null, reduction, target, cancellationToken)) return;
        if (IsDoubtfulWithoutTiles) WarnOfMissing();
        target.FillBackground();
    }

    public sealed override async ValueTask ExamineAsync(CancellationToken cancellationToken)
    {
        if (!IsDoubtfulWithoutTiles) return;
        foreach (var tile in AllTiles())
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (await IsStoredAsync(tile, cancellationToken)) continue;
            WarnOfMissing();
            return;
        }
    }

    /// <summary>Adds a warning that a tile that is not stored may have been lost.</summary>
    public void WarnOfMissing() => warnings.Add(WarningCode.TilesMissing, $"{Name} does not store all of its tiles; missing tiles are shown as background.");

    /// <summary>Decodes like <see cref="DecodeAsync"/>; false if the tile is not stored.</summary>
    /// <param name="tile">The tile's position.</param>
    /// <param name="color">The colour model to decode with; null for the tile's own.</param>
    /// <param name="reduction">1, or up to <see cref="MaxReduction"/>.</param>
    /// <param name="target">The top left of the tile.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async ValueTask<bool> TryDecodeAsync(TilePosition tile, StoredColor? color, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (await LocateAsync(tile, cancellationToken) is not { } found) return false;
        var encoded = ArrayPool<byte>.Shared.Rent((int)found.Length);
        try
        {
            var (length, described) = await ReadAsync(tile, found, encoded, color, cancellationToken);
            codec!.Decode(encoded.AsSpan(0, length), described, reduction, target);
            return true;
        }
        catch (SlideFormatException e) when (e.Offset is null)
        {
            throw Named(e, tile, found.Offset);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>Throws if a tile needs more memory than one tile may use.</summary>
    protected void CheckSize(long offset, int tag)
    {
        var most = LargeTiles.LargestOf(Level.TileWidth, HasRows);
        if ((long)Level.TileWidth * Level.TileHeight > most)
            throw new SlideFormatException($"{Name} is stored in tiles, frames or strips of {Level.TileWidth}×{Level.TileHeight}; at most {most} pixels of this compression are decoded. Export it in smaller tiles.", offset, tag);
    }

    /// <summary>True if large tiles can be decoded by rows.</summary>
    public bool HasRows => codec?.HasRows == true;

    /// <summary>A tile's encoded bytes in pooled memory, for <see cref="OpenRows"/>; null if the tile is not stored.</summary>
    public async ValueTask<EncodedTile?> ReadEncodedAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (await LocateAsync(tile, cancellationToken) is not { } found) return null;
        if (found.Length > MostEncoded) throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row}, has {found.Length} encoded bytes; at most {MostEncoded} are decoded by rows. Export the slide in smaller tiles.", found.Offset);
        var rented = ArrayPool<byte>.Shared.Rent((int)found.Length);
        try
        {
            var (length, described) = await ReadAsync(tile, found, rented, null, cancellationToken);
            return new EncodedTile(rented, length, described);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(rented);
            throw;
        }
    }

    /// <summary>Starts to decode a large tile by rows.</summary>
    public IRowDecoder OpenRows(TilePosition tile, EncodedTile encoded, int reduction)
    {
        IRowDecoder? rows = null;
        Naming(tile, () => rows = codec!.OpenRows(encoded.Rented.AsMemory(0, encoded.Length), encoded.Described, reduction));
        return rows!;
    }

    /// <summary>Adds the tile's position to a codec's error.</summary>
    public void Naming(TilePosition tile, Action decode)
    {
        try
        {
            decode();
        }
        catch (SlideFormatException e) when (e.Offset is null)
        {
            throw Named(e, tile, null);
        }
    }

    SlideFormatException Named(SlideFormatException e, TilePosition tile, long? offset) =>
        new($"{Name}, tile {tile.Column},{tile.Row}{(offset is null ? "" : $" at byte {offset}")}: {e.Message}", offset, innerException: e);

    public sealed override async ValueTask<byte[]?> ReadJpegAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (codec is not JpegCodec || await LocateAsync(tile, cancellationToken) is not { } found) return null;
        var bytes = new byte[found.Length];
        var (length, described) = await ReadAsync(tile, found, bytes, null, cancellationToken);
        return JpegCodec.Complete(bytes.AsSpan(0, length), described);
    }

    public sealed override async ValueTask<byte[]?> ReadPictureJpegAsync(CancellationToken cancellationToken)
    {
        if (codec is not JpegCodec || Level.Columns != 1) return null;
        var stored = new List<(TilePosition Tile, TileLocation Found)>();
        foreach (var tile in AllTiles())
        {
            if (await LocateAsync(tile, cancellationToken) is not { } found) return null;
            stored.Add((tile, found));
        }
        var room = stored.Sum(each => each.Found.Length);
        if (room > (long)Level.Width * Level.Height) return null; // More than a byte a pixel: smaller when it is encoded again.
        using var strips = new JpegStrips(Level.Width, Level.Height, (int)room);
        foreach (var (tile, found) in stored)
        {
            var bytes = new byte[found.Length];
            var (length, described) = await ReadAsync(tile, found, bytes, null, cancellationToken);
            if (described.JpegTables.Length > JpegStrips.MostHeader || JpegCodec.Complete(bytes.AsSpan(0, length), described with { Height = VisibleHeight(tile.Row) }) is not { } jpeg || !strips.TryAdd(jpeg)) return null;
        }
        return strips.TryFinish();
    }

    /// <summary>Reads a tile's bytes and returns them with their description.</summary>
    async ValueTask<(int Length, StoredTile Described)> ReadAsync(TilePosition tile, TileLocation found, byte[] encoded, StoredColor? color, CancellationToken cancellationToken)
    {
        var described = await DescribeAsync(tile, cancellationToken);
        var bytes = encoded.AsMemory(0, (int)found.Length);
        await found.Source.ReadAsync(found.Offset, bytes, cancellationToken);
        var length = Unwrap(bytes.Span);
        if (color is null)
        {
            var stated = codec!.StatedColorOf(bytes.Span[..length], described);
            if (stated.IsDoubtful) color = await judge.JudgeAsync(described, stated, cancellationToken);
        }
        return (length, color is { } known ? described with { Color = known } : described);
    }
}
