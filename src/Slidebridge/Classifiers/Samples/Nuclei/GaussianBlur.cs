using System.Numerics;
using System.Runtime.CompilerServices;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Smooths a map with a Gaussian, first horizontally, then vertically.</summary>
sealed class GaussianBlur
{
    readonly int reach;
    readonly float[] kernel;
    float[] wide = [], across = [], smooth = [];

    /// <param name="sigma">The Gaussian's width in pixels.</param>
    public GaussianBlur(float sigma)
    {
        reach = (int)MathF.Ceiling(3 * sigma);
        kernel = [.. Enumerable.Range(-reach, 2 * reach + 1).Select(i => MathF.Exp(-i * i / (2 * sigma * sigma)))];
        var sum = kernel.Sum();
        for (var i = 0; i < kernel.Length; i++) kernel[i] /= sum;
    }

    /// <summary>The smoothed map, valid until the next call. Outside the map, the values of its border are used.</summary>
    public ReadOnlySpan<float> Blur(ReadOnlySpan<float> map, int width, int height)
    {
        var size = width * height;
        if (smooth.Length != size) (across, smooth) = (new float[size], new float[size]);
        if (wide.Length != width + 2 * reach) wide = new float[width + 2 * reach];
        for (var y = 0; y < height; y++) Across(map.Slice(y * width, width), across.AsSpan(y * width, width));
        for (var y = 0; y < height; y++) Down(y, width, height);
        return smooth;
    }

    void Across(ReadOnlySpan<float> row, Span<float> into)
    {
        row.CopyTo(wide.AsSpan(reach));
        wide.AsSpan(0, reach).Fill(row[0]);
        wide.AsSpan(reach + row.Length).Fill(row[^1]);
        Sum(wide, first: 0, step: 1, into);
    }

    void Down(int y, int width, int height)
    {
        var into = smooth.AsSpan(y * width, width);
        if (y >= reach && y < height - reach)
        {
            Sum(across, (y - reach) * width, width, into);
            return;
        }
        into.Clear();
        for (var k = 0; k < kernel.Length; k++)
        {
            var row = across.AsSpan(Math.Clamp(y + k - reach, 0, height - 1) * width, width);
            for (var x = 0; x < width; x++) into[x] += row[x] * kernel[k];
        }
    }

    /// <summary>Each pixel is the weighted sum of one pixel in each of several rows, or of its neighbours, added in the kernel's order.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    void Sum(ReadOnlySpan<float> from, int first, int step, Span<float> into)
    {
        var x = 0;
        for (; x <= into.Length - Vector<float>.Count; x += Vector<float>.Count)
        {
            var sum = Vector<float>.Zero;
            for (int k = 0, at = first + x; k < kernel.Length; k++, at += step) sum += new Vector<float>(from.Slice(at, Vector<float>.Count)) * kernel[k];
            sum.CopyTo(into[x..]);
        }
        for (; x < into.Length; x++)
        {
            var sum = 0f;
            for (int k = 0, at = first + x; k < kernel.Length; k++, at += step) sum += from[at] * kernel[k];
            into[x] = sum;
        }
    }
}
