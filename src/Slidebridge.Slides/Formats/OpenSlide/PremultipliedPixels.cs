namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>Converts OpenSlide's pixels (premultiplied ARGB in native byte order) to this library's formats.</summary>
static class PremultipliedPixels
{
    /// <summary>Rgb24: blended over white. Bgra32: colours without the premultiplication, and their alpha.</summary>
    public static void Convert(ReadOnlySpan<uint> pixels, Span<byte> target, PixelFormat format)
    {
        if (format == PixelFormat.Rgb24)
        {
            for (int i = 0, to = 0; to + 2 < target.Length; i++, to += 3)
            {
                var pixel = pixels[i];
                var missing = 255 - (pixel >> 24);
                target[to] = Add(pixel >> 16 & 255, missing);
                target[to + 1] = Add(pixel >> 8 & 255, missing);
                target[to + 2] = Add(pixel & 255, missing);
            }
            return;
        }
        for (int i = 0, to = 0; to + 3 < target.Length; i++, to += 4)
        {
            var pixel = pixels[i];
            var alpha = pixel >> 24;
            target[to] = Divide(pixel & 255, alpha);
            target[to + 1] = Divide(pixel >> 8 & 255, alpha);
            target[to + 2] = Divide(pixel >> 16 & 255, alpha);
            target[to + 3] = (byte)alpha;
        }
    }

    static byte Add(uint color, uint white) => (byte)Math.Min(255, color + white);

    static byte Divide(uint color, uint alpha) => alpha switch { 0 => 0, 255 => (byte)color, _ => (byte)Math.Min(255, (color * 255 + alpha / 2) / alpha) };
}
