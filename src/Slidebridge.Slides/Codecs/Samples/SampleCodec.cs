using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decompresses a lossless compression to bytes.</summary>
interface ISampleExpander
{
    /// <summary>Fills <paramref name="samples"/> from the start and returns the number of bytes written; further bytes are ignored.</summary>
    int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples);

    /// <summary>Maximum bytes that one packed byte can become. A tile that claims more is damaged, and no memory is allocated for it.</summary>
    int MostExpansion { get; }
}

/// <summary>Tiles whose samples are uncompressed or losslessly compressed: decompress, undo the predictor, order the channels.</summary>
sealed class SampleCodec(ISampleExpander expander) : ITileCodec
{
    public int MaxReduction => 1;

    public bool HasRows => expander is Uncompressed;

    public IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction) => new PlainRows(encoded, tile, tile.Width * tile.Samples, this);

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        // Decode only the wanted rows; a cropped last tile ends early.
        var rowBytes = tile.Width * tile.Samples;
        var wanted = checked(rowBytes * target.Height);
        if ((long)encoded.Length * expander.MostExpansion < wanted)
            throw new SlideFormatException($"the tile's {encoded.Length} bytes cannot hold {wanted} bytes of pixels. It is damaged or truncated.");
        var samples = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            var came = expander.Expand(encoded, samples.AsSpan(0, wanted));
            if (came < wanted) throw new SlideFormatException($"the tile ends after {came} of {wanted} bytes of pixels. It is damaged or truncated.");
            for (var y = 0; y < target.Height; y++)
            {
                var row = samples.AsSpan(y * rowBytes, rowBytes);
                if (tile.Predicted) UndoPredictor(row, tile.Samples);
                SamplePixels.Convert(row, tile.Samples, tile.Color, target.Row(y), target.Format);
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
}
