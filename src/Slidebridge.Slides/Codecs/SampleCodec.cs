using System.Buffers;
using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Codecs;

/// <summary>Restores the bytes that a lossless compression packed.</summary>
interface ISampleExpander
{
    /// <summary>Fills <paramref name="samples"/> from the front and returns how many bytes came; what is beyond it is not wanted.</summary>
    int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples);

    /// <summary>Bytes that one packed byte can become at most: what claims more is damaged, and no memory is taken for it.</summary>
    int MostExpansion { get; }
}

/// <summary>Tiles whose samples are stored as they are or packed without loss: expand, undo the predictor, order the channels.</summary>
sealed class SampleCodec(ISampleExpander expander) : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        // Only the rows that are wanted; a cropped last tile ends early.
        var rowBytes = tile.Width * tile.Samples;
        var wanted = checked(rowBytes * target.Height);
        if ((long)encoded.Length * expander.MostExpansion < wanted)
            throw new SlideFormatException($"the tile's {encoded.Length} bytes cannot hold {wanted} bytes of pixels. It is damaged or was cut short.");
        var samples = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            var came = expander.Expand(encoded, samples.AsSpan(0, wanted));
            if (came < wanted) throw new SlideFormatException($"the tile ends after {came} of {wanted} bytes of pixels. It is damaged or was cut short.");
            for (var y = 0; y < target.Height; y++)
            {
                var row = samples.AsSpan(y * rowBytes, rowBytes);
                if (tile.Predicted) UndoPredictor(row, tile.Samples);
                Convert(row, tile, target.Row(y), target.Format);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    static void UndoPredictor(Span<byte> row, int samples)
    {
        for (var i = samples; i < row.Length; i++) row[i] += row[i - samples];
    }

    static void Convert(ReadOnlySpan<byte> row, StoredTile tile, Span<byte> target, PixelFormat format)
    {
        var gray = tile.Samples == 1 || tile.Color is StoredColor.Gray or StoredColor.GrayMinIsWhite;
        var invert = tile.Color == StoredColor.GrayMinIsWhite ? (byte)255 : (byte)0;
        if (!gray && tile.Samples == 3 && format == PixelFormat.Rgb24)
        {
            row[..target.Length].CopyTo(target);
            return;
        }
        var bytes = format.BytesPerPixel();
        var (red, blue) = format == PixelFormat.Rgb24 ? (0, 2) : (2, 0);
        for (int to = 0, from = 0; to < target.Length; to += bytes, from += tile.Samples)
        {
            target[to + red] = (byte)(row[from] ^ invert);
            target[to + 1] = (byte)(row[gray ? from : from + 1] ^ invert);
            target[to + blue] = (byte)(row[gray ? from : from + 2] ^ invert);
            if (bytes == 4) target[to + 3] = 255;
        }
    }
}
