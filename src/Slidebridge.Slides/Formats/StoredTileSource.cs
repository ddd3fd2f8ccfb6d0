using System.Buffers;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats;

/// <summary>Tiles whose encoded bytes lie in byte sources and are decoded by a codec. A tile goes: locate, read, unwrap, decode.</summary>
abstract class StoredTileSource(Level level, ITileCodec? codec) : TileSource(level)
{
    public override int MaxReduction =>
        codec is not null && (Level.Columns == 1 || Level.TileWidth % codec.MaxReduction == 0) && (Level.Rows == 1 || Level.TileHeight % codec.MaxReduction == 0)
            ? codec.MaxReduction
            : 1;

    /// <summary>Null for a tile that is not stored.</summary>
    /// <exception cref="SlideFormatException">It lies outside its source, or is larger than a tile can be.</exception>
    protected abstract ValueTask<TileLocation?> LocateAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>What the container says of a tile's pixels.</summary>
    protected abstract ValueTask<StoredTile> DescribeAsync(TilePosition tile, CancellationToken cancellationToken);

    /// <summary>Takes out, in place, what the container has put between a tile's bytes; returns how many are left.</summary>
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
        if (await LocateAsync(tile, cancellationToken) is not { } found)
        {
            target.FillBackground();
            return;
        }
        var described = await DescribeAsync(tile, cancellationToken);
        var encoded = ArrayPool<byte>.Shared.Rent((int)found.Length);
        try
        {
            var bytes = encoded.AsMemory(0, (int)found.Length);
            await found.Source.ReadAsync(found.Offset, bytes, cancellationToken);
            codec!.Decode(bytes.Span[..Unwrap(bytes.Span)], described, reduction, target);
        }
        catch (SlideFormatException e) when (e.Offset is null)
        {
            throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row} at byte {found.Offset}: {e.Message}", found.Offset, innerException: e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    /// <summary>A tile's own JPEG, made complete (tables, colour), for a viewer that takes it undecoded; null where it is not stored, or not as a JPEG.</summary>
    /// <exception cref="SlideFormatException">The tile is damaged.</exception>
    public async ValueTask<byte[]?> ReadJpegAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (codec is not JpegCodec || await LocateAsync(tile, cancellationToken) is not { } found) return null;
        var described = await DescribeAsync(tile, cancellationToken);
        var bytes = new byte[found.Length];
        await found.Source.ReadAsync(found.Offset, bytes, cancellationToken);
        return JpegCodec.Complete(bytes.AsSpan(0, Unwrap(bytes)), described);
    }
}
