using System.Buffers;
using System.Numerics;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>
/// JPEG 2000 tiles (ITU-T T.800), bare code streams or JP2 files, and HTJ2K (T.814):
/// 1. the code stream is found; its size and coding style are checked;
/// 2. a library decodes it, skipping resolution levels for a reduction;
/// 3. the rest of the reduction is done by averaging pixels;
/// 4. the samples become pixels by the container's colour model.
/// </summary>
sealed class Jpeg2000Codec(IJpeg2000Decoder? forced = null) : ITileCodec
{
    IJpeg2000Decoder Decoder => forced ?? Jpeg2000Decoders.Best;

    public int MaxReduction => Decoder.CanReduce ? 8 : 1;

    public StatedColor StatedColorOf(ReadOnlySpan<byte> encoded, StoredTile tile)
    {
        if (tile.Samples != 3 || tile.IsTransformed is null || tile.Color is not (StoredColor.Rgb or StoredColor.YCbCr)) return default;
        var stream = Jpeg2000Container.CodeStream(encoded, out var stated);
        var frame = Jpeg2000Frame.Find(stream);
        if (frame.Components != 3) return default;
        // The decoder undoes the stream's own transform, so its output is RGB.
        if (Jpeg2000Coding.Check(stream, frame).Transformed) return StatedColor.Of(StoredColor.Rgb, tile.Color);
        if (frame.Subsampled) return StatedColor.Of(StoredColor.YCbCr, tile.Color);
        if (stated is StoredColor.Rgb or StoredColor.YCbCr) return StatedColor.Of(stated, tile.Color);
        // The container states a transform that is not there, or YCbCr without one. Some writers of plain RGB claim the latter too.
        return new StatedColor(StoredColor.Unknown, tile.IsTransformed is true || tile.Color == StoredColor.YCbCr);
    }

    public bool HasRows => OpenJpeg.IsAvailable && Decoder.CanReduce;

    public IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction)
    {
        var stream = Jpeg2000Container.CodeStream(encoded.Span, out var stated);
        var frame = Jpeg2000Frame.Find(stream);
        if (frame.Width != tile.Width || frame.Height < tile.Height || frame.Height > Math.Max(tile.Height, tile.PaddedHeight))
            throw new SlideFormatException($"the JPEG 2000 is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
        var coding = Jpeg2000Coding.Check(stream, frame);
        if (coding.HighThroughput) throw new SlideFormatException($"the HTJ2K of {frame.Width}×{frame.Height} is too large to decode at once, and HTJ2K cannot be decoded by rows. Export the slide in smaller tiles.");
        if (1 << coding.Levels < reduction) throw new SlideFormatException($"the JPEG 2000 of {frame.Width}×{frame.Height} has {coding.Levels} resolution level(s); it cannot be decoded at 1/{reduction} of its size. Export the slide in smaller tiles.");
        return new Jpeg2000Rows(encoded[(encoded.Length - stream.Length)..], frame, tile.Color == StoredColor.Unknown ? stated : tile.Color, reduction);
    }

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        var stream = Jpeg2000Container.CodeStream(encoded, out var stated);
        var frame = Jpeg2000Frame.Find(stream);
        if (frame.Width > tile.Width || frame.Height > tile.Height)
            throw new SlideFormatException($"the JPEG 2000 is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
        var coding = Jpeg2000Coding.Check(stream, frame);
        var decoder = coding.HighThroughput ? forced ?? Jpeg2000Decoders.HighThroughput : Decoder;
        var color = tile.Color == StoredColor.Unknown ? stated : tile.Color;

        var wanted = BitOperations.Log2((uint)reduction);
        var halvings = decoder.CanReduce ? Math.Min(wanted, coding.Levels) : 0;
        if ((long)frame.Width * frame.Height >> (2 * halvings) > Jpeg2000Frame.MostPixels)
            throw new SlideFormatException($"the JPEG 2000 states a size of {frame.Width}×{frame.Height}; at most {Jpeg2000Frame.MostPixels} pixels are decoded at once.");
        var rest = 1 << (wanted - halvings);
        int width = Halve(frame.Width, halvings), height = Halve(frame.Height, halvings);
        if ((width + rest - 1) / rest < target.Width || (height + rest - 1) / rest < target.Height)
            throw new SlideFormatException($"the JPEG 2000 is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
        (width, height) = (Math.Min(width, target.Width * rest), Math.Min(height, target.Height * rest));

        var rowBytes = width * frame.Components;
        var samples = ArrayPool<byte>.Shared.Rent(checked(rowBytes * height));
        try
        {
            decoder.Decode(stream, frame, halvings, samples, width, height);
            for (var y = 0; y < target.Height; y++)
            {
                var row = samples.AsSpan(y * rest * rowBytes, rowBytes);
                if (rest > 1) Average(samples.AsSpan(y * rest * rowBytes, Math.Min(rest, height - y * rest) * rowBytes), rowBytes, frame.Components, rest);
                SamplePixels.Convert(row, frame.Components, color, target.Row(y), target.Format);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    /// <summary>Averages squares of <paramref name="side"/>×<paramref name="side"/> pixels into the first row.</summary>
    static void Average(Span<byte> rows, int rowBytes, int components, int side)
    {
        int pixels = rowBytes / components, count = rows.Length / rowBytes;
        for (int left = 0, to = 0; left < pixels; left += side)
            for (var c = 0; c < components; c++, to++)
            {
                int sum = 0, columns = Math.Min(side, pixels - left);
                for (var y = 0; y < count; y++)
                    for (var x = left; x < left + columns; x++) sum += rows[y * rowBytes + x * components + c];
                rows[to] = (byte)((sum + columns * count / 2) / (columns * count));
            }
    }

    static int Halve(int size, int times) => (size + (1 << times) - 1) >> times;
}
