namespace Slidebridge.Slides.Codecs;

/// <summary>Reorders the channels of packed 8-bit pixels.</summary>
static class Channels
{
    public static void RgbToBgra(ReadOnlySpan<byte> rgb, Span<byte> bgra)
    {
        for (int from = 0, to = 0; from + 2 < rgb.Length; from += 3, to += 4)
        {
            bgra[to] = rgb[from + 2];
            bgra[to + 1] = rgb[from + 1];
            bgra[to + 2] = rgb[from];
            bgra[to + 3] = 255;
        }
    }

    public static void BgraToRgb(ReadOnlySpan<byte> bgra, Span<byte> rgb)
    {
        for (int from = 0, to = 0; from + 3 < bgra.Length; from += 4, to += 3)
        {
            rgb[to] = bgra[from + 2];
            rgb[to + 1] = bgra[from + 1];
            rgb[to + 2] = bgra[from];
        }
    }
}
