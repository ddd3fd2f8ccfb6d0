namespace Slidebridge.Objects;

/// <summary>Removes vertices that do not show, in place.</summary>
static class Straightening
{
    /// <summary>Vertices that one straight part may replace: bounds the work for each vertex.</summary>
    const int Longest = 32;

    /// <summary>Replaces runs of vertices by straight parts, where no removed vertex is farther than the tolerance from its part. The first and the last vertex stay.</summary>
    /// <returns>The number of vertices that stay.</returns>
    public static int Thin(Span<double> xy, double tolerance)
    {
        var count = xy.Length / 2;
        if (count < 3) return count;
        var limit = tolerance * tolerance;
        int anchor = 0, kept = 1;
        for (var i = 2; i < count; i++)
        {
            if (i - anchor <= Longest && IsStraight(xy, anchor, i, limit)) continue;
            anchor = i - 1;
            (xy[2 * kept], xy[2 * kept + 1]) = (xy[2 * anchor], xy[2 * anchor + 1]);
            kept++;
        }
        (xy[2 * kept], xy[2 * kept + 1]) = (xy[2 * count - 2], xy[2 * count - 1]);
        return kept + 1;
    }

    /// <summary>Removes vertices that are nearer than the tolerance to the one before. The first and the last stay.</summary>
    /// <returns>The number of vertices that stay.</returns>
    public static int Sparse(Span<double> xy, double tolerance)
    {
        var count = xy.Length / 2;
        if (count < 3) return count;
        var kept = 1;
        for (var i = 1; i < count; i++)
        {
            if (i + 1 < count && Math.Abs(xy[2 * i] - xy[2 * kept - 2]) < tolerance && Math.Abs(xy[2 * i + 1] - xy[2 * kept - 1]) < tolerance) continue;
            (xy[2 * kept], xy[2 * kept + 1]) = (xy[2 * i], xy[2 * i + 1]);
            kept++;
        }
        return kept;
    }

    static bool IsStraight(ReadOnlySpan<double> xy, int from, int to, double limit)
    {
        double x = xy[2 * from], y = xy[2 * from + 1], dx = xy[2 * to] - x, dy = xy[2 * to + 1] - y;
        var square = dx * dx + dy * dy;
        for (var i = from + 1; i < to; i++)
        {
            double px = xy[2 * i] - x, py = xy[2 * i + 1] - y, along = px * dx + py * dy;
            if (along < 0 || along > square)
            {
                // Beyond an end: a spike, which would be lost.
                double qx = px - dx, qy = py - dy;
                if (Math.Min(px * px + py * py, qx * qx + qy * qy) > limit) return false;
                continue;
            }
            var across = px * dy - py * dx;
            if (across * across > limit * square) return false;
        }
        return true;
    }
}
