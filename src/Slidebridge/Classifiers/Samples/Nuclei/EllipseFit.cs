namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>Fits a nucleus' ellipse to a map from a place inside it: the best of a few shapes and directions, then small changes as long as they help.</summary>
static class EllipseFit
{
    /// <summary>How far on either side of the rim is looked, in pixels.</summary>
    const float EdgeReach = 1.3f;

    /// <summary>The step in optical density of a clear edge. Well above the chromatin's, or a part of a nucleus has an edge, too.</summary>
    const float ClearEdge = 0.7f;

    const int Directions = 8, MostRounds = 16;

    /// <summary>Half axes to begin with, in pixels of 0.5 µm: round, oval, spindle.</summary>
    static readonly (float Long, float Short)[] Shapes = [(5.5f, 5), (9, 5.5f), (11, 6.2f), (9, 3), (12, 3.4f)];

    /// <summary>The half axes that a nucleus may have, in pixels of 0.5 µm.</summary>
    static readonly (float Least, float Most) Short = (2, 7), Long = (3.5f, 16);

    /// <returns>The ellipse, and how clear its edge is (<see cref="Ellipse.Edge"/>).</returns>
    public static (Ellipse Ellipse, float Edge) From(StainMap map, float x, float y)
    {
        var (best, edge) = (default(Ellipse), float.NegativeInfinity);
        foreach (var (longer, shorter) in Shapes)
            for (var i = 0; i < 2 * Directions; i++)
            {
                var angle = i * MathF.PI / Directions;
                // From an end, too: the way back to the middle leads over no clearer rim.
                for (var back = i < Directions ? 0f : 3; back < longer; back += 3) Try(new Ellipse(x + back * MathF.Cos(angle), y + back * MathF.Sin(angle), longer, shorter, angle), map, ref best, ref edge, every: 2);
            }
        edge = best.Edge(map, EdgeReach, ClearEdge);
        var step = 1f;
        for (var round = 0; round < MostRounds; round++)
        {
            var (at, before) = (best, edge);
            float cos = MathF.Cos(at.Angle) * step, sin = MathF.Sin(at.Angle) * step;
            Try(at with { X = at.X + 1.5f * cos, Y = at.Y + 1.5f * sin }, map, ref best, ref edge);
            Try(at with { X = at.X - 1.5f * cos, Y = at.Y - 1.5f * sin }, map, ref best, ref edge);
            Try(at with { X = at.X - sin, Y = at.Y + cos }, map, ref best, ref edge);
            Try(at with { X = at.X + sin, Y = at.Y - cos }, map, ref best, ref edge);
            Try(at with { Long = at.Long + step }, map, ref best, ref edge);
            Try(at with { Long = at.Long - step }, map, ref best, ref edge);
            Try(at with { Short = at.Short + 0.6f * step }, map, ref best, ref edge);
            Try(at with { Short = at.Short - 0.6f * step }, map, ref best, ref edge);
            Try(at with { Angle = at.Angle + 0.2f * step }, map, ref best, ref edge);
            Try(at with { Angle = at.Angle - 0.2f * step }, map, ref best, ref edge);
            if (edge > before) continue;
            if (step < 0.5f) break;
            step /= 2;
        }
        return (best, edge);
    }

    static void Try(Ellipse ellipse, StainMap map, ref Ellipse best, ref float edge, int every = 1)
    {
        if (ellipse.Short < Short.Least || ellipse.Short > Short.Most || ellipse.Long < Long.Least || ellipse.Long > Long.Most || ellipse.Short > ellipse.Long) return;
        var found = ellipse.Edge(map, EdgeReach, ClearEdge, every, least: edge);
        if (found > edge) (best, edge) = (ellipse, found);
    }
}
