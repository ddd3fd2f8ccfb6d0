using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Codecs;

/// <summary>Uncompressed tiles of three planes, one colour after the other (DICOM planar configuration 1).</summary>
sealed class PlanarCodec : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        var plane = checked(tile.Width * tile.Height);
        UncompressedSize.Check(encoded, plane * 3L);
        for (var y = 0; y < target.Height; y++)
        {
            var at = y * tile.Width;
            SampleColors.WriteRow(encoded[at..], encoded[(plane + at)..], encoded[(2 * plane + at)..], 1, tile.Color, target.Row(y), target.Format);
        }
    }
}

/// <summary>Uncompressed YCbCr, the samples of a pixel together (DICOM YBR_FULL).</summary>
sealed class YbrCodec : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        UncompressedSize.Check(encoded, 3L * tile.Width * tile.Height);
        for (var y = 0; y < target.Height; y++)
        {
            var row = encoded[(y * tile.Width * 3)..];
            SampleColors.WriteRow(row, row[1..], row[2..], 3, tile.Color, target.Row(y), target.Format);
        }
    }
}

/// <summary>Uncompressed YCbCr in which two neighbours share their colour: Y, Y, Cb, Cr (DICOM YBR_FULL_422, PS3.3 C.7.6.3.1.2).</summary>
sealed class Ybr422Codec : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        UncompressedSize.Check(encoded, 2L * tile.Width * tile.Height);
        var bytes = target.Format.BytesPerPixel();
        var (red, blue) = target.Format == PixelFormat.Rgb24 ? (0, 2) : (2, 0);
        for (var y = 0; y < target.Height; y++)
        {
            var row = encoded.Slice(y * tile.Width * 2, tile.Width * 2);
            var to = target.Row(y);
            for (var x = 0; x < target.Width; x++)
            {
                var pair = row.Slice(x / 2 * 4, 4);
                var pixel = to.Slice(x * bytes, bytes);
                (pixel[red], pixel[1], pixel[blue]) = SampleColors.FromYcc(pair[x & 1], pair[2], pair[3]);
                if (bytes == 4) pixel[3] = 255;
            }
        }
    }
}

static class UncompressedSize
{
    public static void Check(ReadOnlySpan<byte> encoded, long wanted)
    {
        if (encoded.Length < wanted) throw new SlideFormatException($"the tile ends after {encoded.Length} of {wanted} bytes of pixels. It is damaged or was cut short.");
    }
}
