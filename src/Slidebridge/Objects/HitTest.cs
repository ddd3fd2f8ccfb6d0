namespace Slidebridge.Objects;

/// <summary>Whether a position is in or near a shape.</summary>
static class HitTest
{
    /// <param name="kind">What the shape consists of.</param>
    /// <param name="xy">x and y of each vertex.</param>
    /// <param name="lengths">Vertices of each ring, line or list of points.</param>
    /// <param name="x">In the units of the vertices.</param>
    /// <param name="y">In the units of the vertices.</param>
    /// <param name="tolerance">In the units of the vertices.</param>
    public static bool IsHit(ShapeKind kind, ReadOnlySpan<short> xy, ReadOnlySpan<ushort> lengths, double x, double y, double tolerance)
    {
        var isInside = false;
        var limit = tolerance * tolerance;
        var first = 0;
        foreach (var length in lengths)
        {
            for (var i = first; i < first + length; i++)
            {
                double ax = xy[2 * i] - x, ay = xy[2 * i + 1] - y;
                if (kind == ShapeKind.Point || length == 1)
                {
                    if (ax * ax + ay * ay <= limit) return true;
                    continue;
                }
                if (i + 1 == first + length) break;
                double bx = xy[2 * i + 2] - x, by = xy[2 * i + 3] - y;
                if (SquareToSegment(ax, ay, bx, by) <= limit) return true;
                // Even-odd: crossings of a ray to the right.
                if (kind == ShapeKind.Polygon && ay > 0 != by > 0 && ax + (bx - ax) * (-ay / (by - ay)) > 0) isInside = !isInside;
            }
            first += length;
        }
        return isInside;
    }

    /// <summary>The square of the distance from the origin to a segment.</summary>
    static double SquareToSegment(double ax, double ay, double bx, double by)
    {
        double dx = bx - ax, dy = by - ay, square = dx * dx + dy * dy;
        var along = square > 0 ? Math.Clamp(-(ax * dx + ay * dy) / square, 0, 1) : 0;
        double px = ax + along * dx, py = ay + along * dy;
        return px * px + py * py;
    }
}
