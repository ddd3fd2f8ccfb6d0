using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// The ellipses that a fit begins with: a few shapes in all directions, with the seed in their middle or towards an end. A seed is at a pixel's centre or half a pixel from it, so the
/// positions where the map is read are the same for all seeds, relative to their pixel: they are computed once.
/// </summary>
sealed class FirstLook
{
    /// <summary>Places on a rim, for the first comparison.</summary>
    const int Places = 16;

    const int Directions = 8;

    /// <summary>Steps from the middle to an end, in pixels.</summary>
    const float Back = 3;

    /// <summary>An upper limit of the distance in pixels from the seed's pixel to the farthest that is read.</summary>
    const int Farthest = 26;

    /// <summary>Initial half axes, in pixels of 0.5 µm: round, oval, spindle.</summary>
    static readonly (float Long, float Short)[] Shapes = [(5.5f, 5), (9, 5.5f), (11, 6.2f), (9, 3), (12, 3.4f)];

    readonly Ellipse[] ellipses;
    readonly Rim[] rims;

    /// <summary>Where the map is read for each place of each ellipse: indices of its values, relative to <see cref="Farthest"/> rows and columns before the seed's pixel.</summary>
    readonly int[] inside, outside;

    /// <param name="x">The seed's x from its pixel's centre: 0 or 0.5.</param>
    /// <param name="y">The seed's y from its pixel's centre: 0 or 0.5.</param>
    /// <param name="width">Pixels in a row of the map.</param>
    public FirstLook(float x, float y, int width)
    {
        ellipses = [.. EllipsesAt(x, y)];
        (inside, outside) = (new int[ellipses.Length * Places], new int[ellipses.Length * Places]);
        // A map of which only the width matters, with room around its middle. In a narrower map no seed is far enough from the border, and the indices are not used.
        var map = new StainMap([], width, 2 * Farthest + 1, Farthest, Farthest);
        rims = [.. ellipses.Select(_ => new Rim(Places))];
        for (var i = 0; i < ellipses.Length; i++)
        {
            rims[i].Take(ellipses[i].Long, ellipses[i].Short, MathF.Cos(ellipses[i].Angle), MathF.Sin(ellipses[i].Angle));
            for (var place = 0; place < Places; place += Rim.Together)
            {
                var (into, beyond) = rims[i].Places(map, ellipses[i].X, ellipses[i].Y, place);
                into.CopyTo(inside, i * Places + place);
                beyond.CopyTo(outside, i * Places + place);
            }
        }
    }

    /// <summary>The ellipse with the clearest rim.</summary>
    /// <param name="map">The map, with coordinates from the seed's pixel.</param>
    public Ellipse Best(StainMap map) => ellipses[map.Surrounds(Farthest) ? Clearest(map) : ClearestAtBorder(map)];

    [MethodImpl(MethodImplOptions.AggressiveOptimization)] // A small slide ends before the runtime's tiered compilation would optimize this.
    int Clearest(StainMap map)
    {
        var (best, most) = (0, float.NegativeInfinity);
        var values = map.Values[map.From(-Farthest, -Farthest).Origin..];
        for (var i = 0; i < ellipses.Length; i++)
        {
            var sum = 0f;
            for (var place = 0; place < Places; place += Rim.Together)
            {
                sum += Rim.Steps(values, Vector256.Create(inside.AsSpan(i * Places + place)), Vector256.Create(outside.AsSpan(i * Places + place)));
                if (sum + Places - Rim.Together - place <= most) break; // No step is above 1.
            }
            if (sum > most) (best, most) = (i, sum);
        }
        return best;
    }

    /// <summary>The same if places may lie outside the map; those have the values of its border.</summary>
    int ClearestAtBorder(StainMap map)
    {
        var (best, edge) = (0, float.NegativeInfinity);
        for (var i = 0; i < ellipses.Length; i++)
            if (rims[i].EdgeOf(map, ellipses[i].X, ellipses[i].Y, edge) is var found && found > edge) (best, edge) = (i, found);
        return best;
    }

    static IEnumerable<Ellipse> EllipsesAt(float x, float y)
    {
        foreach (var (longer, shorter) in Shapes)
            for (var i = 0; i < 2 * Directions; i++)
            {
                var angle = i * MathF.PI / Directions;
                // Also from an end, because on the way back to the middle the rim may be less clear.
                for (var back = i < Directions ? 0f : Back; back < longer; back += Back) yield return new Ellipse(x + back * MathF.Cos(angle), y + back * MathF.Sin(angle), longer, shorter, angle);
            }
    }
}
