namespace Slidebridge.Slides.Outlines;

/// <summary>
/// Removes corners of rings with the Douglas-Peucker method, without letting two edges meet:
/// 1. each ring is reduced to the corners that keep it within the tolerance;
/// 2. edges that meet (of one ring or of two, because walls can be thinner than the tolerance) get their farthest corner back;
/// 3. step 2 is repeated until no edges meet. It ends, because the complete rings do not meet.
/// </summary>
/// <remarks>D. Douglas, T. Peucker, "Algorithms for the reduction of the number of points required to represent a digitized line" (1973).</remarks>
sealed class RingSimplifier(double tolerance)
{
    // Some corners always stay: otherwise the method could need time proportional to the square of a ring's length.
    const int MostBetween = 512;

    // Each round restores one corner of an edge that meets another; after this many rounds the edge gets all of its corners back.
    const int PatientRounds = 8;

    public IReadOnlyList<IReadOnlyList<Corner>> Simplify(IReadOnlyList<Ring> rings)
    {
        var kept = rings.Select(ring => Reduce(ring.Corners)).ToArray();
        for (var round = 0; ; round++)
        {
            var edges = Edges(rings, kept);
            var meeting = EdgeCrossings.Find(edges);
            if (meeting.Count == 0) return [.. rings.Select((ring, r) => ring.Corners.Where((_, i) => kept[r][i]).ToArray())];
            foreach (var i in meeting) GiveBack(rings[edges[i].Ring].Corners, kept[edges[i].Ring], edges[i].First, edges[i].Last, round >= PatientRounds);
        }
    }

    bool[] Reduce(IReadOnlyList<Corner> corners)
    {
        var kept = new bool[corners.Count];
        var spans = new Stack<(int First, int Last)>();
        // Two corners far apart always stay; on a long ring, some in between too.
        var anchors = new SortedSet<int> { 0, Farthest(corners, 0, corners.Count).Index };
        for (var i = MostBetween; i < corners.Count; i += MostBetween) anchors.Add(i);
        var previous = -1;
        foreach (var anchor in anchors)
        {
            kept[anchor] = true;
            if (previous >= 0) spans.Push((previous, anchor));
            previous = anchor;
        }
        spans.Push((previous, corners.Count));
        while (spans.TryPop(out var span))
        {
            var (index, distance) = Farthest(corners, span.First, span.Last);
            if (distance <= tolerance) continue;
            kept[index] = true;
            spans.Push((span.First, index));
            spans.Push((index, span.Last));
        }
        return kept;
    }

    static List<Edge> Edges(IReadOnlyList<Ring> rings, bool[][] kept)
    {
        var edges = new List<Edge>();
        for (var r = 0; r < rings.Count; r++)
        {
            var corners = rings[r].Corners;
            // The first corner always stays.
            for (int first = 0, last; first < corners.Count; first = last)
            {
                for (last = first + 1; last < corners.Count && !kept[r][last];) last++;
                edges.Add(new Edge(r, first, last, corners[first], corners[last % corners.Count]));
            }
        }
        return edges;
    }

    static void GiveBack(IReadOnlyList<Corner> corners, bool[] kept, int first, int last, bool all)
    {
        if (last - first < 2) return;
        if (all) kept.AsSpan(first + 1, last - first - 1).Fill(true);
        else kept[Farthest(corners, first, last).Index] = true;
    }

    /// <summary>Of the corners between two corners, the one farthest from the line between them. The last index may be the ring's length, which means its first corner again.</summary>
    static (int Index, double Distance) Farthest(IReadOnlyList<Corner> corners, int first, int last)
    {
        var (a, b) = (corners[first], corners[last % corners.Count]);
        double dx = b.X - a.X, dy = b.Y - a.Y, square = dx * dx + dy * dy;
        var (index, most) = (first, -1.0);
        for (var i = first + 1; i < last; i++)
        {
            double px = corners[i].X - a.X, py = corners[i].Y - a.Y;
            var along = square == 0 ? 0 : Math.Clamp((px * dx + py * dy) / square, 0, 1);
            double ox = px - along * dx, oy = py - along * dy, distance = ox * ox + oy * oy;
            if (distance > most) (index, most) = (i, distance);
        }
        return (index, Math.Sqrt(Math.Max(0, most)));
    }
}
