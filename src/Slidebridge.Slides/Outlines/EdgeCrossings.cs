namespace Slidebridge.Slides.Outlines;

/// <summary>A straight piece of a simplified ring.</summary>
/// <param name="Ring">The ring's index.</param>
/// <param name="First">The index of its first corner in the complete ring.</param>
/// <param name="Last">The index of its last corner; the ring's length means the first corner again.</param>
/// <param name="From">The first corner.</param>
/// <param name="To">The last corner.</param>
readonly record struct Edge(int Ring, int First, int Last, Corner From, Corner To)
{
    /// <summary>True if the two edges have a common point, other than the corner where one follows the other. Exact, because corners are integers.</summary>
    public bool Meets(Edge other)
    {
        // In a complete ring every corner is passed once, so an equal corner means that the edges are neighbours.
        if (To == other.From && From == other.To) return true;
        if (To == other.From) return RunsBack(From, To, other.To);
        if (From == other.To) return RunsBack(To, From, other.From);
        int a = Side(From, To, other.From), b = Side(From, To, other.To), c = Side(other.From, other.To, From), d = Side(other.From, other.To, To);
        if (a != b && c != d) return true;
        return (a == 0 && Within(From, To, other.From)) || (b == 0 && Within(From, To, other.To))
            || (c == 0 && Within(other.From, other.To, From)) || (d == 0 && Within(other.From, other.To, To));
    }

    // Two edges with a common corner have more points in common only if the second runs back along the first.
    static bool RunsBack(Corner from, Corner common, Corner to) =>
        Side(from, common, to) == 0
        && (long)(from.X - common.X) * (to.X - common.X) + (long)(from.Y - common.Y) * (to.Y - common.Y) > 0;

    static int Side(Corner a, Corner b, Corner p) => Math.Sign((long)(b.X - a.X) * (p.Y - a.Y) - (long)(b.Y - a.Y) * (p.X - a.X));

    static bool Within(Corner a, Corner b, Corner p) =>
        p.X >= Math.Min(a.X, b.X) && p.X <= Math.Max(a.X, b.X) && p.Y >= Math.Min(a.Y, b.Y) && p.Y <= Math.Max(a.Y, b.Y);
}

/// <summary>Finds edges that meet. Edges are sorted into the squares of a grid, and only edges in the same square are compared.</summary>
static class EdgeCrossings
{
    const int Square = 8;

    /// <summary>The indices of all edges that meet another.</summary>
    public static HashSet<int> Find(IReadOnlyList<Edge> edges)
    {
        var places = new List<(int Row, int Column, int Edge)>(edges.Count * 2);
        for (var i = 0; i < edges.Count; i++) Place(edges[i], i, places);
        places.Sort();

        var meeting = new HashSet<int>();
        for (int first = 0, end; first < places.Count; first = end)
        {
            for (end = first + 1; end < places.Count && (places[end].Row, places[end].Column) == (places[first].Row, places[first].Column);) end++;
            for (var i = first; i < end; i++)
                for (var j = i + 1; j < end; j++)
                    if (edges[places[i].Edge].Meets(edges[places[j].Edge]))
                    {
                        meeting.Add(places[i].Edge);
                        meeting.Add(places[j].Edge);
                    }
        }
        return meeting;
    }

    // For each row of squares, the columns that the edge passes; a margin for rounding only adds comparisons.
    static void Place(Edge edge, int index, List<(int Row, int Column, int Edge)> places)
    {
        var (upper, lower) = edge.From.Y <= edge.To.Y ? (edge.From, edge.To) : (edge.To, edge.From);
        for (var row = upper.Y / Square; row <= lower.Y / Square; row++)
        {
            double from = XAt(row * Square), to = XAt((row + 1) * Square);
            var (left, right) = upper.Y == lower.Y ? (Math.Min(upper.X, lower.X), Math.Max(upper.X, lower.X)) : (Math.Min(from, to) - 0.01, Math.Max(from, to) + 0.01);
            for (var column = (int)(Math.Max(0, left) / Square); column <= (int)(right / Square); column++) places.Add((row, column, index));
        }

        double XAt(int y) => upper.Y == lower.Y ? upper.X : upper.X + (double)(Math.Clamp(y, upper.Y, lower.Y) - upper.Y) * (lower.X - upper.X) / (lower.Y - upper.Y);
    }
}
