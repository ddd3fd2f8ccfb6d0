namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>An ellipse on a map.</summary>
/// <param name="X">Its centre in pixels of the map.</param>
/// <param name="Y">Its centre in pixels of the map.</param>
/// <param name="Long">Half the longer axis in pixels.</param>
/// <param name="Short">Half the shorter axis in pixels.</param>
/// <param name="Angle">The longer axis' direction in radians, from x towards y.</param>
readonly record struct Ellipse(float X, float Y, float Long, float Short, float Angle)
{
    const int RimPoints = 32;

    static readonly (float Cos, float Sin)[] Rim = [.. Enumerable.Range(0, RimPoints).Select(i => (MathF.Cos((i + 0.5f) * MathF.Tau / RimPoints), MathF.Sin((i + 0.5f) * MathF.Tau / RimPoints)))];

    /// <summary>Points spread evenly over a circle of radius 1: rings of 1, 6, 12 and 18.</summary>
    static readonly (float X, float Y)[] Disc = [(0, 0), .. Enumerable.Range(1, 3).SelectMany(ring => Enumerable.Range(0, 6 * ring).Select(i =>
        (ring * 0.3f * MathF.Cos(i * MathF.Tau / (6 * ring)), ring * 0.3f * MathF.Sin(i * MathF.Tau / (6 * ring)))))];

    public float Area => MathF.PI * Long * Short;

    /// <summary>
    /// How clearly the map is darker just inside the rim than just outside, from about −1 to 1: the mean over the rim of the step in density,
    /// of which as much counts as a nucleus' edge has. A neighbour that hides part of the rim takes no more than that part.
    /// </summary>
    /// <param name="map">The nuclear stain.</param>
    /// <param name="reach">How far inside and outside is looked, in pixels.</param>
    /// <param name="full">The step in density that counts in full.</param>
    /// <param name="every">1: at all points of the rim; 2: at half of them, for a first look.</param>
    /// <param name="least">What is no clearer than this is of no use: it is given up, as minus infinity, once it cannot be.</param>
    public float Edge(StainMap map, float reach, float full, int every = 1, float least = float.NegativeInfinity)
    {
        float cos = MathF.Cos(Angle), sin = MathF.Sin(Angle), sum = 0;
        for (var i = 0; i < RimPoints; i += every)
        {
            var (c, s) = Rim[i];
            float u = Long * c, v = Short * s, nu = Short * c, nv = Long * s;
            var scale = reach / MathF.Sqrt(nu * nu + nv * nv);
            (nu, nv) = (nu * scale, nv * scale);
            float x = X + u * cos - v * sin, y = Y + u * sin + v * cos, dx = nu * cos - nv * sin, dy = nu * sin + nv * cos;
            sum += Math.Clamp((map[x - dx, y - dy] - map[x + dx, y + dy]) / full, -1, 1);
            if ((sum * every + RimPoints - every - i) / RimPoints < least) return float.NegativeInfinity;
        }
        return sum * every / RimPoints;
    }

    /// <summary>The map's mean inside.</summary>
    public float Mean(StainMap map)
    {
        var sum = 0f;
        foreach (var (x, y) in Inside()) sum += map[x, y];
        return sum / Disc.Length;
    }

    /// <summary>The share of this ellipse that lies in one of the others.</summary>
    public float CoveredBy(IReadOnlyList<Ellipse> others)
    {
        if (others.Count == 0) return 0;
        var covered = 0;
        foreach (var (x, y) in Inside())
            foreach (var other in others)
                if (other.Contains(x, y))
                {
                    covered++;
                    break;
                }
        return covered / (float)Disc.Length;
    }

    bool Contains(float x, float y)
    {
        float dx = x - X, dy = y - Y, cos = MathF.Cos(Angle), sin = MathF.Sin(Angle);
        float u = (dx * cos + dy * sin) / Long, v = (dy * cos - dx * sin) / Short;
        return u * u + v * v <= 1;
    }

    IEnumerable<(float X, float Y)> Inside()
    {
        float cos = MathF.Cos(Angle), sin = MathF.Sin(Angle);
        foreach (var (u, v) in Disc) yield return (X + u * Long * cos - v * Short * sin, Y + u * Long * sin + v * Short * cos);
    }
}
