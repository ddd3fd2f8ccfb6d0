using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Uncompressed YCbCr in which two neighbouring pixels share their chroma: Y, Y, Cb, Cr (DICOM YBR_FULL_422, PS3.3 C.7.6.3.1.2). A tile's width is even.</summary>
sealed class Ybr422Codec : ITileCodec
{
    public int MaxReduction => 1;

    public bool HasRows => true;

    public IRowDecoder OpenRows(ReadOnlyMemory<byte> encoded, StoredTile tile, int reduction) => new PlainRows(encoded, tile, tile.Width * 2, this);

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        int rowBytes = tile.Width * 2, wanted = checked(rowBytes * target.Height);
        if (encoded.Length < wanted) throw new SlideFormatException($"the tile ends after {encoded.Length} of {wanted} bytes of pixels. It is damaged or truncated.");
        var samples = ArrayPool<byte>.Shared.Rent(tile.Width * 3);
        try
        {
            for (var y = 0; y < target.Height; y++)
            {
                var stored = encoded.Slice(y * rowBytes, rowBytes);
                for (int from = 0, to = 0; from < stored.Length; from += 4, to += 6)
                {
                    (samples[to], samples[to + 3]) = (stored[from], stored[from + 1]);
                    samples[to + 1] = samples[to + 4] = stored[from + 2];
                    samples[to + 2] = samples[to + 5] = stored[from + 3];
                }
                SamplePixels.Convert(samples, 3, StoredColor.YCbCr, target.Row(y), target.Format);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }
}
