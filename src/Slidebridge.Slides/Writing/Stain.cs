namespace Slidebridge.Slides.Writing;

/// <summary>
/// Haematoxylin and eosin as absorbers (Beer–Lambert): light decreases exponentially with the amount of each.
/// The directions follow Ruifrok and Johnston, "Quantification of histochemical staining" (2001); eosin's is warmer, as in scanners' pictures.
/// </summary>
static class Stain
{
    const int Steps = 2048;
    const float MostDensity = 4;

    static readonly float[] Haematoxylin = [0.66f, 0.71f, 0.31f];
    static readonly float[] Eosin = [0.13f, 0.85f, 0.48f];
    static readonly float[] Dab = [0.268f, 0.570f, 0.776f];

    /// <summary>The colour of empty glass in a scanner: not quite white.</summary>
    static readonly float[] Glass = [244, 243, 245];

    static readonly float[] Transmission = [.. Enumerable.Range(0, Steps + 1).Select(step => MathF.Exp(-MostDensity * step / Steps))];

    /// <summary>The colour of a pixel.</summary>
    /// <param name="haematoxylin">Optical density, 0 (none) to about 2.</param>
    /// <param name="eosin">Optical density, 0 (none) to about 1.</param>
    /// <param name="grain">The sensor's noise in grey levels.</param>
    /// <param name="rgb">Three bytes.</param>
    public static void Paint(float haematoxylin, float eosin, float grain, Span<byte> rgb) => Paint(haematoxylin, eosin, Eosin, grain, rgb);

    /// <summary>The colour of a pixel in immunohistochemistry.</summary>
    /// <param name="haematoxylin">Optical density, 0 (none) to about 2.</param>
    /// <param name="dab">Optical density of the brown DAB, 0 (none) to about 2.</param>
    /// <param name="grain">The sensor's noise in grey levels.</param>
    /// <param name="rgb">Three bytes.</param>
    public static void PaintBrown(float haematoxylin, float dab, float grain, Span<byte> rgb) => Paint(haematoxylin, dab, Dab, grain, rgb);

    static void Paint(float haematoxylin, float second, float[] ofSecond, float grain, Span<byte> rgb)
    {
        for (var c = 0; c < 3; c++)
        {
            var density = haematoxylin * Haematoxylin[c] + second * ofSecond[c];
            var light = Glass[c] * Transmission[(int)(Math.Clamp(density, 0, MostDensity) * (Steps / MostDensity))];
            rgb[c] = (byte)Math.Clamp(light + grain + 0.5f, 0, 255);
        }
    }
}
