using System.Numerics;
using System.Runtime.CompilerServices;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// How much a place looks like the middle of a dark blob: the map is smoothed by a Gaussian, and then the negative Laplacian is computed (T. Lindeberg,
/// "Feature detection with automatic scale selection", 1998). A slow change of the background gives zero.
/// </summary>
/// <param name="sigma">The Gaussian's width in pixels.</param>
sealed class BlobResponse(float sigma)
{
    readonly GaussianBlur blur = new(sigma);
    float[] response = [];
    int last;

    /// <summary>The response of each pixel; 0 at the border pixels.</summary>
    public ReadOnlySpan<float> Values => response;

    /// <summary>Computes the responses of a map. Outside the map, the values of its border are used.</summary>
    public void Measure(ReadOnlySpan<float> map, int width, int height)
    {
        var smooth = blur.Blur(map, width, height);
        if (response.Length != smooth.Length || last != width) (response, last) = (new float[smooth.Length], width);
        for (var y = 1; y < height - 1; y++)
        {
            var row = y * width;
            Laplacian(smooth.Slice(row - width, width), smooth.Slice(row, width), smooth.Slice(row + width, width), response.AsSpan(row, width));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    void Laplacian(ReadOnlySpan<float> above, ReadOnlySpan<float> row, ReadOnlySpan<float> below, Span<float> into)
    {
        var (scale, x) = (sigma * sigma, 1);
        for (; x <= row.Length - 1 - Vector<float>.Count; x += Vector<float>.Count)
            (scale * (4 * At(row, x) - At(row, x - 1) - At(row, x + 1) - At(above, x) - At(below, x))).CopyTo(into[x..]);
        for (; x < row.Length - 1; x++) into[x] = scale * (4 * row[x] - row[x - 1] - row[x + 1] - above[x] - below[x]);

        static Vector<float> At(ReadOnlySpan<float> row, int x) => new(row.Slice(x, Vector<float>.Count));
    }
}
