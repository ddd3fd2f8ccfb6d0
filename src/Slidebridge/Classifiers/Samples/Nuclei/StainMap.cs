using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>A stain's optical density, smoothed by a pixel so that chromatin and noise form no edges.</summary>
/// <param name="values">The densities, row by row.</param>
/// <param name="width">Pixels in a row.</param>
/// <param name="height">Rows.</param>
/// <param name="left">The column of the origin of coordinates.</param>
/// <param name="top">The row of the origin of coordinates.</param>
readonly ref struct StainMap(ReadOnlySpan<float> values, int width, int height, int left = 0, int top = 0)
{
    readonly int width = width, height = height, left = left, top = top;

    /// <summary>The densities, row by row.</summary>
    public ReadOnlySpan<float> Values { get; } = values;

    /// <summary>The index in <see cref="Values"/> of the origin of coordinates.</summary>
    public int Origin => top * width + left;

    /// <summary>The density at a place; outside the map, that of the border.</summary>
    public float this[float x, float y] =>
        Values[Math.Clamp(top + (int)MathF.Floor(y + 0.5f), 0, height - 1) * width + Math.Clamp(left + (int)MathF.Floor(x + 0.5f), 0, width - 1)];

    /// <summary>The indices in <see cref="Values"/> of places; outside the map, those of the border.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Vector256<int> IndexOf(Vector256<float> x, Vector256<float> y)
    {
        var half = Vector256.Create(0.5f);
        var column = Vector256.ConvertToInt32Native(Vector256.Floor(x + half)) + Vector256.Create(left);
        var row = Vector256.ConvertToInt32Native(Vector256.Floor(y + half)) + Vector256.Create(top);
        return Vector256.Max(Vector256<int>.Zero, Vector256.Min(row, Vector256.Create(height - 1))) * width + Vector256.Max(Vector256<int>.Zero, Vector256.Min(column, Vector256.Create(width - 1)));
    }

    /// <summary>The same map with its origin at this pixel: results there do not depend on where the map begins, not even by rounding.</summary>
    public StainMap From(int x, int y) => new(Values, width, height, left + x, top + y);

    /// <summary>Whether all places within this many pixels of the origin are on the map.</summary>
    public bool Surrounds(int pixels) => left >= pixels && top >= pixels && left < width - pixels && top < height - pixels;
}
