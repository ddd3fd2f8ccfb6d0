using System.Numerics;
using System.Runtime.InteropServices;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// How much a place looks like the middle of a dark blob: the map smoothed by a Gaussian, and of that the negative Laplacian (T. Lindeberg,
/// "Feature detection with automatic scale selection", 1998), which a slow change of the background leaves at zero.
/// </summary>
sealed class BlobResponse
{
    readonly float sigma;
    readonly float[] kernel;
    float[] across = [], smooth = [], response = [];

    /// <param name="sigma">The Gaussian's width in pixels.</param>
    public BlobResponse(float sigma)
    {
        this.sigma = sigma;
        var reach = (int)MathF.Ceiling(3 * sigma);
        kernel = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(i => MathF.Exp(-i * i / (2 * sigma * sigma)))];
        var sum = kernel.Sum();
        for (var i = 0; i < kernel.Length; i++) kernel[i] /= sum;
    }

    /// <summary>As far as a pixel's response depends on others, in pixels.</summary>
    public int Reach => kernel.Length / 2 + 1;

    /// <summary>The smoothed map.</summary>
    public ReadOnlySpan<float> Smooth => smooth;

    /// <summary>The response of each pixel; 0 on the map's outermost ones.</summary>
    public ReadOnlySpan<float> Values => response;

    /// <summary>Looks at a map. What lies outside is as the border is.</summary>
    public void Measure(ReadOnlySpan<float> map, int width, int height)
    {
        var size = width * height;
        if (smooth.Length != size) (across, smooth, response) = (new float[size], new float[size], new float[size]);
        for (var y = 0; y < height; y++) Across(map.Slice(y * width, width), across.AsSpan(y * width, width));
        for (var y = 0; y < height; y++) Down(y, width, height);
        for (var y = 1; y < height - 1; y++)
            for (var x = 1; x < width - 1; x++)
            {
                var i = y * width + x;
                response[i] = sigma * sigma * (4 * smooth[i] - smooth[i - 1] - smooth[i + 1] - smooth[i - width] - smooth[i + width]);
            }
    }

    void Across(ReadOnlySpan<float> row, Span<float> into)
    {
        var reach = kernel.Length / 2;
        Span<float> wide = new float[row.Length + 2 * reach];
        row.CopyTo(wide[reach..]);
        wide[..reach].Fill(row[0]);
        wide[(reach + row.Length)..].Fill(row[^1]);
        into.Clear();
        for (var k = 0; k < kernel.Length; k++) Add(wide.Slice(k, row.Length), kernel[k], into);
    }

    void Down(int y, int width, int height)
    {
        var reach = kernel.Length / 2;
        var into = smooth.AsSpan(y * width, width);
        into.Clear();
        for (var k = 0; k < kernel.Length; k++) Add(across.AsSpan(Math.Clamp(y + k - reach, 0, height - 1) * width, width), kernel[k], into);
    }

    static void Add(ReadOnlySpan<float> row, float weight, Span<float> into)
    {
        ReadOnlySpan<Vector<float>> from = MemoryMarshal.Cast<float, Vector<float>>(row);
        var to = MemoryMarshal.Cast<float, Vector<float>>(into);
        for (var i = 0; i < to.Length; i++) to[i] += from[i] * weight;
        for (var i = to.Length * Vector<float>.Count; i < into.Length; i++) into[i] += row[i] * weight;
    }
}
