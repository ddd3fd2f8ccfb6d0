using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Baseline and progressive JPEG tiles, with shared tables and the colour model that the container states.</summary>
sealed class JpegCodec(IJpegDecoder? forced = null) : ITileCodec
{
    IJpegDecoder Decoder => forced ?? JpegDecoders.Best;

    // Every libjpeg supports DCT scaling by 1/2, 1/4 and 1/8.
    public int MaxReduction => 8;

    // Some writers of plain RGB claim shared chroma too, although the chroma is not subsampled.
    public StatedColor StatedColorOf(ReadOnlySpan<byte> encoded, StoredTile tile) => JpegColor.Of(encoded) is var own && own == StoredColor.Unknown
        ? new(own, tile.IsSubsampled is not false)
        : StatedColor.Of(own, tile.Color);

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        var frame = JpegFrame.Find(encoded);
        int width = Reduce(frame.Width, reduction), height = Reduce(frame.Height, reduction);
        if (frame.Width > Padded(tile.Width) || frame.Height > Padded(Math.Max(tile.Height, tile.PaddedHeight)) || width < target.Width || height < target.Height)
            throw new SlideFormatException($"the JPEG is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");

        var stream = ArrayPool<byte>.Shared.Rent(JpegStream.Room(encoded, tile.JpegTables.Span));
        try
        {
            var length = JpegStream.Compose(encoded, tile.JpegTables.Span, Color(frame, tile), stream);
            DecodeInto(stream.AsSpan(0, length), width, height, target);
            if (IsInverted(frame, tile)) Invert(target);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(stream);
        }
    }

    public bool HasRows => true;

    public IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction)
    {
        var frame = JpegFrame.Find(encoded.Span);
        if (frame.Width > Padded(tile.Width) || frame.Height > Padded(Math.Max(tile.Height, tile.PaddedHeight)) || frame.Width < tile.Width || frame.Height < tile.Height)
            throw new SlideFormatException($"the JPEG is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
        if (frame.IsProgressive) throw new SlideFormatException($"the JPEG of {frame.Width}×{frame.Height} is progressive; decoding it needs memory for the whole picture. Export the slide in smaller tiles.");
        var stream = new byte[JpegStream.Room(encoded.Span, tile.JpegTables.Span)];
        var length = JpegStream.Compose(encoded.Span, tile.JpegTables.Span, Color(frame, tile), stream);
        var rows = new JpegRows(stream.AsSpan(0, length), Reduce(frame.Width, reduction), Reduce(frame.Height, reduction));
        return IsInverted(frame, tile) ? new InvertedRows(rows) : rows;
    }

    /// <summary>The tile as a JPEG that every viewer shows in the same way: with the shared tables and a stated colour model. Null if the JPEG's size is not the tile's, or if JPEG cannot state what its samples mean.</summary>
    public static byte[]? Complete(ReadOnlySpan<byte> encoded, StoredTile tile)
    {
        var frame = JpegFrame.Find(encoded);
        if (frame.Width != tile.Width || frame.Height != tile.Height || IsInverted(frame, tile)) return null;
        var stream = new byte[JpegStream.Room(encoded, tile.JpegTables.Span)];
        var length = JpegStream.Compose(encoded, tile.JpegTables.Span, Color(frame, tile), stream);
        return stream[..length];
    }

    sealed class InvertedRows(JpegRows rows) : IRowDecoder
    {
        public int Row => rows.Row;

        public void Skip(int count) => rows.Skip(count);

        public void Read(PixelTarget target)
        {
            rows.Read(target);
            Invert(target);
        }

        public void Dispose() => rows.Dispose();
    }

    static StoredColor Color(JpegFrame frame, StoredTile tile) => frame.Components == 3 ? tile.Color : StoredColor.Unknown;

    // Only the container can state this colour model; JPEG has no marker for it.
    static bool IsInverted(JpegFrame frame, StoredTile tile) => frame.Components == 1 && tile.Color == StoredColor.GrayMinIsWhite;

    static void Invert(PixelTarget target)
    {
        for (var y = 0; y < target.Height; y++)
        {
            var row = target.Row(y);
            for (var i = 0; i < row.Length; i++)
                if (target.Format == PixelFormat.Rgb24 || i % 4 != 3) row[i] ^= 255;
        }
    }

    void DecodeInto(ReadOnlySpan<byte> jpeg, int width, int height, PixelTarget target)
    {
        if (width == target.Width && height == target.Height)
        {
            Decoder.Decode(jpeg, width, height, target.Pixels.Span, target.Stride, target.Format);
            return;
        }
        var stride = width * target.Format.BytesPerPixel();
        var whole = ArrayPool<byte>.Shared.Rent(checked(stride * height));
        try
        {
            Decoder.Decode(jpeg, width, height, whole, stride, target.Format);
            target.CopyFrom(whole, stride, 0, 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }

    // Some writers round a picture's size up to whole blocks: 16 pixels, for chroma of half the size.
    static int Padded(int size) => (size + 15) & ~15;

    static int Reduce(int size, int reduction) => (size + reduction - 1) / reduction;
}
