namespace Slidebridge.Objects;

/// <summary>Cuts a shape at a vertical or horizontal line.</summary>
static class Clipping
{
    /// <summary>Copies the part of a shape that lies on one side of a line.</summary>
    /// <param name="shape">The shape, pixels of a level.</param>
    /// <param name="into">Receives the part; it may be empty.</param>
    /// <param name="axis">0: a line of constant x; 1: of constant y.</param>
    /// <param name="bound">Where the line is, pixels of the level.</param>
    /// <param name="keepsLess">Whether the side of smaller coordinates is kept.</param>
    public static void Clip(LevelShape shape, LevelShape into, int axis, double bound, bool keepsLess)
    {
        into.Clear(shape.Kind);
        var from = 0;
        foreach (var end in shape.RingEnds)
        {
            var ring = shape.Vertices[(2 * from)..(2 * end)];
            if (shape.Kind == ShapeKind.Polygon) Ring(ring, into, axis, bound, keepsLess);
            else if (shape.Kind == ShapeKind.Line) Line(ring, into, axis, bound, keepsLess);
            else Points(ring, into, axis, bound, keepsLess);
            from = end;
        }
    }

    static bool IsIn(double value, double bound, bool keepsLess) => keepsLess ? value <= bound : value >= bound;

    /// <summary>Sutherland and Hodgman. Parts that are cut apart stay connected along the line, which lies outside the visible part of the tile; by the even-odd rule such a connection has no area.</summary>
    static void Ring(ReadOnlySpan<double> ring, LevelShape into, int axis, double bound, bool keepsLess)
    {
        var count = ring.Length / 2;
        var start = into.Count;
        var isDegenerate = true;
        for (var i = 0; i < count; i++)
        {
            var next = i + 1 < count ? i + 1 : 0;
            double a = ring[2 * i + axis], b = ring[2 * next + axis];
            bool isIn = IsIn(a, bound, keepsLess), isNextIn = IsIn(b, bound, keepsLess);
            if (isIn)
            {
                into.Add(ring[2 * i], ring[2 * i + 1]);
                isDegenerate &= a == bound;
            }
            if (isIn != isNextIn) Crossing(ring, i, next, into, axis, bound);
        }
        if (isDegenerate) into.Cut(start);
        else into.Close(start);
    }

    static void Line(ReadOnlySpan<double> line, LevelShape into, int axis, double bound, bool keepsLess)
    {
        var count = line.Length / 2;
        for (var i = 0; i < count; i++)
        {
            var isIn = IsIn(line[2 * i + axis], bound, keepsLess);
            if (isIn) into.Add(line[2 * i], line[2 * i + 1]);
            if (i + 1 == count || isIn == IsIn(line[2 * i + 2 + axis], bound, keepsLess)) continue;
            Crossing(line, i, i + 1, into, axis, bound);
            if (isIn) into.EndRing();
        }
        into.EndRing();
    }

    static void Points(ReadOnlySpan<double> points, LevelShape into, int axis, double bound, bool keepsLess)
    {
        for (var i = 0; i < points.Length; i += 2)
            if (IsIn(points[i + axis], bound, keepsLess)) into.Add(points[i], points[i + 1]);
        into.EndRing();
    }

    static void Crossing(ReadOnlySpan<double> ring, int i, int next, LevelShape into, int axis, double bound)
    {
        var other = 1 - axis;
        double a = ring[2 * i + axis], b = ring[2 * next + axis];
        var across = ring[2 * i + other] + (ring[2 * next + other] - ring[2 * i + other]) * ((bound - a) / (b - a));
        if (axis == 0) into.Add(bound, across);
        else into.Add(across, bound);
    }
}
