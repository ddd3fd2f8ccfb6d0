namespace Slidebridge.Slides.Tissue;

/// <summary>The saturation of each pixel: the S of HSV as 0 to 255. Stain is coloured, glass is not.</summary>
static class Saturation
{
    // Below this brightness (V of HSV) the quotient is noise divided by noise: pen, the slide's frame, shadow. At low magnification, no stain is so dark.
    const int Darkest = 40;

    /// <summary>The saturation of each pixel of an Rgb24 picture, smoothed over a few pixels.</summary>
    public static byte[] Of(Raster picture)
    {
        var saturation = new byte[picture.Width * picture.Height];
        var rgb = picture.Pixels;
        for (int i = 0, from = 0; i < saturation.Length; i++, from += 3)
        {
            int r = rgb[from], g = rgb[from + 1], b = rgb[from + 2];
            int most = Math.Max(r, Math.Max(g, b)), least = Math.Min(r, Math.Min(g, b));
            saturation[i] = most < Darkest ? (byte)0 : (byte)((most - least) * 255 / most);
        }
        Smooth(saturation, picture.Width, picture.Height);
        return saturation;
    }

    /// <summary>A box filter of 3×3 applied twice, which is nearly a Gaussian: single noisy pixels do not create or interrupt tissue.</summary>
    static void Smooth(byte[] values, int width, int height)
    {
        var row = new byte[Math.Max(width, height)];
        for (var pass = 0; pass < 2; pass++)
        {
            for (var y = 0; y < height; y++) Box(values, y * width, 1, width, row);
            for (var x = 0; x < width; x++) Box(values, x, width, height, row);
        }
    }

    // Edge pixels count twice, so that tissue cut by the slide's edge does not fade there.
    static void Box(byte[] values, int start, int step, int count, byte[] line)
    {
        for (int i = 0, at = start; i < count; i++, at += step) line[i] = values[at];
        for (int i = 0, at = start; i < count; i++, at += step)
            values[at] = (byte)((line[Math.Max(i - 1, 0)] + line[i] + line[Math.Min(i + 1, count - 1)] + 1) / 3);
    }
}
