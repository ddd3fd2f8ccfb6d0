namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>An ellipse on a map.</summary>
/// <param name="X">Its centre in pixels of the map.</param>
/// <param name="Y">Its centre in pixels of the map.</param>
/// <param name="Long">Half the longer axis in pixels.</param>
/// <param name="Short">Half the shorter axis in pixels.</param>
/// <param name="Angle">The longer axis' direction in radians, from x towards y.</param>
readonly record struct Ellipse(float X, float Y, float Long, float Short, float Angle)
{
    /// <summary>Points spread evenly over a circle of radius 1: rings of 1, 6, 12 and 18.</summary>
    static readonly (float X, float Y)[] Disc = [(0, 0), .. Enumerable.Range(1, 3).SelectMany(ring => Enumerable.Range(0, 6 * ring).Select(i =>
        (ring * 0.3f * MathF.Cos(i * MathF.Tau / (6 * ring)), ring * 0.3f * MathF.Sin(i * MathF.Tau / (6 * ring)))))];

    /// <summary>The number of points that <see cref="Inside"/> returns.</summary>
    public static int Points => Disc.Length;

    public float Area => MathF.PI * Long * Short;

    /// <summary>The map's mean inside.</summary>
    public float Mean(StainMap map)
    {
        Span<(float X, float Y)> inside = stackalloc (float, float)[Disc.Length];
        Inside(inside);
        var sum = 0f;
        foreach (var (x, y) in inside) sum += map[x, y];
        return sum / Disc.Length;
    }

    /// <summary>Points spread evenly over the inside.</summary>
    public void Inside(Span<(float X, float Y)> points)
    {
        float cos = MathF.Cos(Angle), sin = MathF.Sin(Angle);
        for (var i = 0; i < Disc.Length; i++)
        {
            var (u, v) = Disc[i];
            points[i] = (X + u * Long * cos - v * Short * sin, Y + u * Long * sin + v * Short * cos);
        }
    }
}
