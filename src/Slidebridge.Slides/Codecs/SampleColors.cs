namespace Slidebridge.Slides.Codecs;

/// <summary>Puts rows of stored samples into the caller's channel order, whatever they mean and however they lie.</summary>
static class SampleColors
{
    /// <summary>Writes one row.</summary>
    /// <param name="first">The first sample of the first pixel and all that follow: grey, red or Y.</param>
    /// <param name="second">Green or Cb; not looked at for grey.</param>
    /// <param name="third">Blue or Cr; not looked at for grey.</param>
    /// <param name="step">From a pixel's sample to the next pixel's: 1 in planes, 3 where the colours of a pixel lie together.</param>
    /// <param name="color">What the samples mean.</param>
    /// <param name="target">A row of whole pixels.</param>
    /// <param name="format">The order of the channels.</param>
    public static void WriteRow(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third, int step, StoredColor color, Span<byte> target, PixelFormat format)
    {
        var bytes = format.BytesPerPixel();
        var (red, blue) = format == PixelFormat.Rgb24 ? (0, 2) : (2, 0);
        var gray = color is StoredColor.Gray or StoredColor.GrayMinIsWhite;
        var invert = color == StoredColor.GrayMinIsWhite ? (byte)255 : (byte)0;
        for (int to = 0, from = 0; to < target.Length; to += bytes, from += step)
        {
            var pixel = target.Slice(to, bytes);
            if (bytes == 4) pixel[3] = 255;
            if (gray) pixel[0] = pixel[1] = pixel[2] = (byte)(first[from] ^ invert);
            else if (color == StoredColor.YCbCr) (pixel[red], pixel[1], pixel[blue]) = FromYcc(first[from], second[from], third[from]);
            else (pixel[red], pixel[1], pixel[blue]) = (first[from], second[from], third[from]);
        }
    }

    /// <summary>Full range ITU-R BT.601, as JFIF and PS3.3 C.7.6.3.1.2 (YBR_FULL) have it; in 16 bits after the point, rounded.</summary>
    public static (byte Red, byte Green, byte Blue) FromYcc(int y, int cb, int cr)
    {
        const int Half = 1 << 15;
        cb -= 128;
        cr -= 128;
        return (Clamp(y + ((91881 * cr + Half) >> 16)), Clamp(y + ((-22554 * cb - 46802 * cr + Half) >> 16)), Clamp(y + ((116130 * cb + Half) >> 16)));

        static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
    }
}
