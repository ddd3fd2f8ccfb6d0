namespace Slidebridge.Slides.Codecs;

/// <summary>Converts a row of interleaved 8-bit samples to pixels.</summary>
static class SamplePixels
{
    /// <param name="row">At least as many pixels as the target, <paramref name="samples"/> bytes each.</param>
    /// <param name="samples">1, 3 or 4; the fourth is ignored.</param>
    /// <param name="color">What the samples mean; Unknown is grey or RGB, depending on their number.</param>
    /// <param name="target">Whole pixels of <paramref name="format"/>.</param>
    /// <param name="format">The channel order.</param>
    public static void Convert(ReadOnlySpan<byte> row, int samples, StoredColor color, Span<byte> target, PixelFormat format)
    {
        var gray = samples == 1 || color is StoredColor.Gray or StoredColor.GrayMinIsWhite;
        if (!gray && color == StoredColor.YCbCr)
        {
            FromYCbCr(row, samples, target, format);
            return;
        }
        if (!gray && samples == 3 && format == PixelFormat.Rgb24)
        {
            row[..target.Length].CopyTo(target);
            return;
        }
        var invert = color == StoredColor.GrayMinIsWhite ? (byte)255 : (byte)0;
        var bytes = format.BytesPerPixel();
        var (red, blue) = format == PixelFormat.Rgb24 ? (0, 2) : (2, 0);
        for (int to = 0, from = 0; to < target.Length; to += bytes, from += samples)
        {
            target[to + red] = (byte)(row[from] ^ invert);
            target[to + 1] = (byte)(row[gray ? from : from + 1] ^ invert);
            target[to + blue] = (byte)(row[gray ? from : from + 2] ^ invert);
            if (bytes == 4) target[to + 3] = 255;
        }
    }

    // ITU-R BT.601 at full range, as in JFIF 1.02, in 16-bit fixed point: 1.402, 0.344136, 0.714136, 1.772.
    static void FromYCbCr(ReadOnlySpan<byte> row, int samples, Span<byte> target, PixelFormat format)
    {
        const int Half = 1 << 15, RedCr = 91881, GreenCb = 22554, GreenCr = 46802, BlueCb = 116130;
        var bytes = format.BytesPerPixel();
        var (red, blue) = format == PixelFormat.Rgb24 ? (0, 2) : (2, 0);
        for (int to = 0, from = 0; to < target.Length; to += bytes, from += samples)
        {
            int y = row[from], cb = row[from + 1] - 128, cr = row[from + 2] - 128;
            target[to + red] = Clamp(y + ((RedCr * cr + Half) >> 16));
            target[to + 1] = Clamp(y + ((-GreenCb * cb - GreenCr * cr + Half) >> 16));
            target[to + blue] = Clamp(y + ((BlueCb * cb + Half) >> 16));
            if (bytes == 4) target[to + 3] = 255;
        }
    }

    static byte Clamp(int value) => (byte)Math.Clamp(value, 0, 255);
}
