using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Uncompressed tiles, one plane after the other (DICOM planar configuration 1).</summary>
sealed class PlanarCodec : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        int plane = checked(tile.Width * tile.Height), wanted = checked(plane * tile.Samples);
        if (encoded.Length < wanted) throw new SlideFormatException($"the tile ends after {encoded.Length} of {wanted} bytes of pixels. It is damaged or truncated.");
        WriteRows(encoded, plane, tile, target);
    }

    /// <summary>Writes rows whose planes start <paramref name="plane"/> samples apart.</summary>
    public static void WriteRows(ReadOnlySpan<byte> planes, int plane, StoredTile tile, PixelTarget target)
    {
        var together = ArrayPool<byte>.Shared.Rent(target.Width * tile.Samples);
        try
        {
            var row = together.AsSpan(0, target.Width * tile.Samples);
            for (var y = 0; y < target.Height; y++)
            {
                Planes.Weave(planes[(y * tile.Width)..], plane, row, tile.Samples);
                SamplePixels.Convert(row, tile.Samples, tile.Color, target.Row(y), target.Format);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(together);
        }
    }
}
