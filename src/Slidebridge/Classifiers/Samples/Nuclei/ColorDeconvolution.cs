using System.Runtime.CompilerServices;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// How much of each of two stains a pixel contains. Light decreases exponentially with the amount of a stain (Beer–Lambert), so optical densities
/// add up, and a 3×3 inverse separates them: A. C. Ruifrok and D. A. Johnston, "Quantification of histochemical staining by color
/// deconvolution", Analytical and Quantitative Cytology and Histology 23 (2001), 291–299. The third component is what neither stain explains.
/// </summary>
sealed class ColorDeconvolution
{
    /// <summary>Optical densities in red, green and blue of each stain alone, as measured by Ruifrok and Johnston (2001).</summary>
    static readonly double[] Haematoxylin = [0.650, 0.704, 0.286], Eosin = [0.072, 0.990, 0.105], Dab = [0.268, 0.570, 0.776];

    /// <summary>The optical density of each value of a channel; for a black pixel, that of the value 0.5.</summary>
    static readonly float[] Density = [.. Enumerable.Range(0, 256).Select(value => (float)-Math.Log(Math.Max(0.5, value) / 255))];

    /// <summary>What each value of a channel adds to the amount of each stain: 256 values of red, then of green, then of blue.</summary>
    readonly float[] first, second;

    ColorDeconvolution(double[] one, double[] other)
    {
        var (a, b) = (Unit(one), Unit(other));
        var c = Unit(Cross(a, b));
        // Rows of the inverse of the matrix whose columns are a, b and c.
        var volume = Dot(a, Cross(b, c));
        first = [.. Cross(b, c).SelectMany(v => Density.Select(density => density * (float)(v / volume)))];
        second = [.. Cross(c, a).SelectMany(v => Density.Select(density => density * (float)(v / volume)))];
    }

    /// <summary>Haematoxylin, then eosin.</summary>
    public static ColorDeconvolution HaematoxylinEosin { get; } = new(Haematoxylin, Eosin);

    /// <summary>Haematoxylin, then DAB, the brown of immunohistochemistry.</summary>
    public static ColorDeconvolution HaematoxylinDab { get; } = new(Haematoxylin, Dab);

    /// <summary>Separates the stains of pixels.</summary>
    /// <param name="rgb">Rgb24.</param>
    /// <param name="one">The first stain's optical density of each pixel, 0 or more.</param>
    /// <param name="other">The second's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    public void Unmix(ReadOnlySpan<byte> rgb, Span<float> one, Span<float> other)
    {
        ReadOnlySpan<float> first = this.first, second = this.second;
        for (var i = 0; i < one.Length; i++)
        {
            int r = rgb[i * 3], g = 256 + rgb[i * 3 + 1], b = 512 + rgb[i * 3 + 2];
            one[i] = float.MaxNative(0, first[r] + first[g] + first[b]);
            other[i] = float.MaxNative(0, second[r] + second[g] + second[b]);
        }
    }

    static double[] Unit(double[] v)
    {
        var length = Math.Sqrt(Dot(v, v));
        return [.. v.Select(each => each / length)];
    }

    static double Dot(double[] a, double[] b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

    static double[] Cross(double[] a, double[] b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
