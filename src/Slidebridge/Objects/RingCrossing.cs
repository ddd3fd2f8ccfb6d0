namespace Slidebridge.Objects;

/// <summary>
/// Whether an outline crosses itself. Nearly all outlines are seen to be simple in one pass, because all edges turn the same way around the middle of the box; for the rest, edges are
/// sorted from left to right and compared where they overlap. Edges that only touch do not cross.
/// </summary>
sealed class RingCrossing
{
    /// <summary>Rings with more vertices are not tested.</summary>
    public const int MostVertices = 10_000;

    /// <summary>Maximum pairs of edges that are compared for one ring, for each of its vertices; beyond, the ring counts as not tested.</summary>
    const int MostPairs = 200;

    /// <summary>Products of larger coordinates would overflow, 1/16 level-0 pixel.</summary>
    const long Widest = 1 << 28;

    int[] order = [], lefts = [];

    /// <summary>Tests the rings of a polygon, each by itself.</summary>
    /// <returns>True if a ring crosses itself, null if a ring could not be tested and no other crosses itself.</returns>
    public bool? Test(ShapeBuffer shape)
    {
        bool? found = false;
        var start = 0;
        foreach (var end in shape.RingEnds)
        {
            var ring = shape.Vertices[(2 * start)..(2 * end)];
            start = end;
            // A ring is written with its first vertex at its end.
            if (ring.Length > 2 && ring[0] == ring[^2] && ring[1] == ring[^1]) ring = ring[..^2];
            if (ring.Length < 8 || SeesAll(ring)) continue; // A triangle cannot cross itself.
            switch (Compare(ring))
            {
                case true: return true;
                case null: found = null; break;
            }
        }
        return found;
    }

    /// <summary>Whether all edges turn the same way around the middle of the box, once: then the ring is simple.</summary>
    static bool SeesAll(ReadOnlySpan<int> ring)
    {
        int left = int.MaxValue, top = int.MaxValue, right = int.MinValue, bottom = int.MinValue;
        for (var i = 0; i < ring.Length; i += 2)
        {
            (left, right) = (Math.Min(left, ring[i]), Math.Max(right, ring[i]));
            (top, bottom) = (Math.Min(top, ring[i + 1]), Math.Max(bottom, ring[i + 1]));
        }
        if ((long)right - left > Widest || (long)bottom - top > Widest) return false;
        long x = ((long)left + right) / 2, y = ((long)top + bottom) / 2;
        int sign = 0, upward = 0;
        for (var i = 0; i < ring.Length; i += 2)
        {
            var next = i + 2 == ring.Length ? 0 : i + 2;
            long ax = ring[i] - x, ay = ring[i + 1] - y, bx = ring[next] - x, by = ring[next + 1] - y;
            var turn = Math.Sign(ax * by - ay * bx);
            if (turn == 0 || (sign != 0 && turn != sign)) return false;
            sign = turn;
            if (ay < 0 && by >= 0) upward++;
        }
        return upward == 1;
    }

    bool? Compare(ReadOnlySpan<int> ring)
    {
        var count = ring.Length / 2;
        if (count > MostVertices) return null;
        if (order.Length < count) (order, lefts) = (new int[count], new int[count]);
        for (var i = 0; i < count; i++) (order[i], lefts[i]) = (i, Math.Min(ring[2 * i], ring[2 * Next(i, count)]));
        Array.Sort(lefts, order, 0, count);
        long pairs = 0;
        for (var i = 0; i < count; i++)
        {
            var a = order[i];
            var (ax, ay, bx, by) = Edge(ring, a, count);
            if (Math.Max(Math.Abs(ax - bx), Math.Abs(ay - by)) > Widest) return null;
            var right = Math.Max(ax, bx);
            for (var k = i + 1; k < count && lefts[k] <= right; k++)
            {
                if (++pairs > (long)MostPairs * count) return null;
                var b = order[k];
                if (Next(a, count) == b || Next(b, count) == a) continue;
                var (cx, cy, dx, dy) = Edge(ring, b, count);
                if (Math.Max(ay, by) < Math.Min(cy, dy) || Math.Min(ay, by) > Math.Max(cy, dy)) continue;
                if (Side(ax, ay, bx, by, cx, cy) * Side(ax, ay, bx, by, dx, dy) < 0 && Side(cx, cy, dx, dy, ax, ay) * Side(cx, cy, dx, dy, bx, by) < 0) return true;
            }
        }
        return false;
    }

    static int Next(int i, int count) => i + 1 == count ? 0 : i + 1;

    static (long Ax, long Ay, long Bx, long By) Edge(ReadOnlySpan<int> ring, int i, int count) => (ring[2 * i], ring[2 * i + 1], ring[2 * Next(i, count)], ring[2 * Next(i, count) + 1]);

    /// <summary>On which side of a line a position is: 1, −1, or 0 on it.</summary>
    static int Side(long ax, long ay, long bx, long by, long x, long y) => ((Int128)(bx - ax) * (y - ay)).CompareTo((Int128)(by - ay) * (x - ax));
}
