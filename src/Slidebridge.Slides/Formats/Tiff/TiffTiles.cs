using System.Buffers;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The tiles or strips of one page: found through its index, decoded by the codec of its compression.</summary>
sealed class TiffTiles : TileSource
{
    readonly TiffPage page;
    readonly ITileCodec? codec;
    volatile StoredTile? storage;

    /// <param name="page">The picture.</param>
    /// <param name="index">The level's index, or -1 for an associated image.</param>
    /// <param name="full">Level 0's page, for the downsample; the page itself for an associated image.</param>
    public TiffTiles(TiffPage page, int index, TiffPage full)
        : base(new Level(index, page.Width, page.Height, Downsample(full, page), page.TileWidth, page.TileHeight, page.Compression))
    {
        this.page = page;
        codec = TileCodecs.Find(page.Compression);
    }

    public override int MaxReduction =>
        codec is not null && (Level.Columns == 1 || Level.TileWidth % codec.MaxReduction == 0) && (Level.Rows == 1 || Level.TileHeight % codec.MaxReduction == 0)
            ? codec.MaxReduction
            : 1;

    public override void CheckDecodable()
    {
        if (codec is null) throw TileCodecs.Missing(page.Compression, page.Directory.Offset);
        if (page.Unsupported is { } reason)
            throw new SlideFormatException($"{Name} is stored as {reason}. Export the slide again as 8-bit RGB.", page.Directory.Offset);
        if ((long)Level.TileWidth * Level.TileHeight > TiffPage.MostTilePixels)
            throw new SlideFormatException($"{Name} is stored in strips of {Level.TileWidth}×{Level.TileHeight}; at most {TiffPage.MostTilePixels} pixels are decoded at once. Export it tiled.", page.Directory.Offset, TiffTag.RowsPerStrip);
    }

    public override async ValueTask<ByteRange?> LocateAsync(int column, int row, CancellationToken cancellationToken)
    {
        if (page.Offsets is null || page.ByteCounts is null)
            throw new SlideFormatException($"{Name} has no index of its tiles or strips.", page.Directory.Offset, TiffTag.TileOffsets);
        var index = (long)row * Level.Columns + column;
        var length = await page.ByteCounts.GetAsync(index, cancellationToken);
        var offset = await page.Offsets.GetAsync(index, cancellationToken);
        if (length == 0 || offset == 0) return null;
        var sourceLength = page.Directory.Reader.Source.Length;
        if (offset > sourceLength - length)
            throw new SlideFormatException($"{Name}, tile {column},{row}, lies at bytes {offset} to {(Int128)offset + length}, but the slide has {sourceLength}. It is damaged or was cut short: copy it again.", offset);
        // No codec here makes a tile more than about twice its decoded size; what claims more is an attack on memory.
        var decoded = (long)Level.TileWidth * Level.TileHeight * Math.Clamp(page.Samples, 1, 4);
        if (length > decoded * 2 + 65536)
            throw new SlideFormatException($"{Name}, tile {column},{row}, takes {length} bytes for {decoded} bytes of pixels. The slide is damaged.", offset);
        return new ByteRange(offset, length);
    }

    public override async ValueTask DecodeAsync(int column, int row, int reduction, PixelTarget target, CancellationToken cancellationToken)
    {
        if (await LocateAsync(column, row, cancellationToken) is not { } range)
        {
            target.FillBackground();
            return;
        }
        var tile = storage ??= await ReadStorageAsync(cancellationToken);
        if (!page.IsTiled) tile = tile with { Height = VisibleHeight(row) };

        var encoded = ArrayPool<byte>.Shared.Rent((int)range.Length);
        try
        {
            var bytes = encoded.AsMemory(0, (int)range.Length);
            await page.Directory.Reader.Source.ReadAsync(range.Offset, bytes, cancellationToken);
            codec!.Decode(bytes.Span, tile, reduction, target);
        }
        catch (SlideFormatException e) when (e.Offset is null)
        {
            throw new SlideFormatException($"{Name}, tile {column},{row} at byte {range.Offset}: {e.Message}", range.Offset, innerException: e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(encoded);
        }
    }

    string Name => Level.Index < 0 ? "The associated image" : $"Level {Level.Index}";

    async Task<StoredTile> ReadStorageAsync(CancellationToken cancellationToken) => new(
        Level.TileWidth, Level.TileHeight, page.Samples, page.Color, page.Predicted,
        page.Compression == "jpeg" ? await page.Directory.BlobAsync(TiffTag.JpegTables, cancellationToken) : default);

    static double Downsample(TiffPage full, TiffPage page) =>
        ((double)full.Width / page.Width + (double)full.Height / page.Height) / 2;
}
