using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Places around an ellipse where a map is read: just inside and just outside its rim.</summary>
/// <param name="count">The number of places: 8, 16 or 32.</param>
sealed class Rim(int count)
{
    /// <summary>The distance from the rim, in pixels, at which the map is read.</summary>
    const float Reach = 1.3f;

    /// <summary>The step in optical density of a clear edge. Well above that of chromatin, otherwise a part of a nucleus would have an edge too.</summary>
    const float ClearEdge = 0.7f;

    /// <summary>A smaller count uses some of these places.</summary>
    const int All = 32;

    /// <summary>Places that are computed together.</summary>
    public const int Together = 8;

    readonly float[] cosines = [.. Angles(count).Select(MathF.Cos)], sines = [.. Angles(count).Select(MathF.Sin)];
    readonly float[] insideX = new float[count], insideY = new float[count], outsideX = new float[count], outsideY = new float[count];

    /// <summary>Sets the rim to that of an ellipse.</summary>
    /// <param name="longer">Half its longer axis.</param>
    /// <param name="shorter">Half its shorter axis.</param>
    /// <param name="cos">The cosine of the longer axis' direction.</param>
    /// <param name="sin">The sine.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    public void Take(float longer, float shorter, float cos, float sin)
    {
        for (var i = 0; i < count; i += Together)
        {
            Vector256<float> c = Vector256.Create(cosines.AsSpan(i)), s = Vector256.Create(sines.AsSpan(i));
            Vector256<float> u = longer * c, v = shorter * s, nu = shorter * c, nv = longer * s;
            var scale = Vector256.Create(Reach) / Vector256.Sqrt(nu * nu + nv * nv);
            (nu, nv) = (nu * scale, nv * scale);
            Vector256<float> x = u * cos - v * sin, y = u * sin + v * cos, dx = nu * cos - nv * sin, dy = nu * sin + nv * cos;
            (x - dx).CopyTo(insideX, i);
            (y - dy).CopyTo(insideY, i);
            (x + dx).CopyTo(outsideX, i);
            (y + dy).CopyTo(outsideY, i);
        }
    }

    /// <summary>
    /// How clearly the map is darker just inside the rim than just outside, from about −1 to 1: the mean step in density over the rim,
    /// with each step limited to that of a clear edge. A neighbour that hides part of the rim reduces the value only by that part.
    /// </summary>
    /// <param name="map">The nuclear stain.</param>
    /// <param name="x">The ellipse's centre.</param>
    /// <param name="y">The ellipse's centre.</param>
    /// <param name="least">A value that must be exceeded: once that is impossible, because no step is above 1, the method returns minus infinity.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    public float EdgeOf(StainMap map, float x, float y, float least = float.NegativeInfinity)
    {
        var sum = 0f;
        for (var i = 0; i < count; i += Together)
        {
            var (inside, outside) = Places(map, x, y, i);
            sum += Steps(map.Values, inside, outside);
            if (sum + count - Together - i < least * count) return float.NegativeInfinity;
        }
        return sum / count;
    }

    /// <summary>The positions of eight places on the map, as indices of its values.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (Vector256<int> Inside, Vector256<int> Outside) Places(StainMap map, float x, float y, int first)
    {
        Vector256<float> centreX = Vector256.Create(x), centreY = Vector256.Create(y);
        return (map.IndexOf(centreX + Vector256.Create(insideX.AsSpan(first)), centreY + Vector256.Create(insideY.AsSpan(first))),
            map.IndexOf(centreX + Vector256.Create(outsideX.AsSpan(first)), centreY + Vector256.Create(outsideY.AsSpan(first))));
    }

    /// <summary>The sum of the steps in density at eight places, each as a share of a clear edge's, from −1 to 1.</summary>
    /// <param name="values">The map's values.</param>
    /// <param name="inside">Indices inside the rim; all must be valid.</param>
    /// <param name="outside">Indices outside the rim.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Steps(ReadOnlySpan<float> values, Vector256<int> inside, Vector256<int> outside)
    {
        var step = (At(values, inside) - At(values, outside)) * (1 / ClearEdge);
        return Vector256.Sum(Vector256.MaxNative(Vector256.Create(-1f), Vector256.MinNative(Vector256<float>.One, step)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> At(ReadOnlySpan<float> values, Vector256<int> at) =>
        Vector256.Create(values[at[0]], values[at[1]], values[at[2]], values[at[3]], values[at[4]], values[at[5]], values[at[6]], values[at[7]]);

    static IEnumerable<float> Angles(int count) => Enumerable.Range(0, count).Select(i => (i * (All / count) + 0.5f) * MathF.Tau / All);
}
