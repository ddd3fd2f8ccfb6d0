namespace Slidebridge.Objects;

/// <summary>The geometry of one object in pixels of a level, while it is thinned, cut to tiles and encoded. Its memory is reused.</summary>
sealed class LevelShape
{
    double[] xy = new double[256];
    readonly List<int> ends = [];

    public ShapeKind Kind { get; private set; }

    /// <summary>Vertices.</summary>
    public int Count { get; private set; }

    /// <summary>x and y of each vertex, pixels of the level.</summary>
    public ReadOnlySpan<double> Vertices => xy.AsSpan(0, 2 * Count);

    /// <summary>The number of vertices up to the end of each ring or line.</summary>
    public IReadOnlyList<int> RingEnds => ends;

    int RingStart => ends.Count == 0 ? 0 : ends[^1];

    public void Clear(ShapeKind kind)
    {
        (Kind, Count) = (kind, 0);
        ends.Clear();
        if (xy.Length > 1 << 21) xy = new double[256];
    }

    public void Add(double x, double y)
    {
        if (2 * Count == xy.Length) Array.Resize(ref xy, xy.Length * 2);
        xy[2 * Count] = x;
        xy[2 * Count + 1] = y;
        Count++;
    }

    /// <summary>Ends a ring, a line or a list of points, if it has vertices.</summary>
    public void EndRing()
    {
        if (Count > RingStart) ends.Add(Count);
    }

    /// <summary>Ends a ring that began at a vertex; its last vertex becomes the same as its first.</summary>
    public void Close(int start)
    {
        if (Count > start && (xy[2 * start] != xy[2 * Count - 2] || xy[2 * start + 1] != xy[2 * Count - 1])) Add(xy[2 * start], xy[2 * start + 1]);
        EndRing();
    }

    /// <summary>Removes the vertices from one on, which belong to no ring yet.</summary>
    public void Cut(int start) => Count = start;

    /// <summary>Copies a shape that is stored in 1/16 level-0 pixel, without the vertices that the level does not show.</summary>
    /// <param name="kind">What it consists of.</param>
    /// <param name="vertices">x and y of each vertex.</param>
    /// <param name="rings">The number of vertices up to the end of each ring.</param>
    /// <param name="scale">Pixels of the level in 1/16 level-0 pixel.</param>
    /// <param name="tolerance">How far the outline may move, pixels of the level.</param>
    public void Load(ShapeKind kind, ReadOnlySpan<int> vertices, ReadOnlySpan<int> rings, double scale, double tolerance)
    {
        Clear(kind);
        var from = 0;
        foreach (var end in rings)
        {
            var first = Count;
            for (var i = from; i < end; i++)
            {
                double x = vertices[2 * i] * scale, y = vertices[2 * i + 1] * scale;
                // Vertices nearer than the tolerance do not show; the last one closes the ring.
                if (Count > first && i + 1 < end && Math.Abs(x - xy[2 * Count - 2]) < tolerance && Math.Abs(y - xy[2 * Count - 1]) < tolerance) continue;
                Add(x, y);
            }
            if (kind != ShapeKind.Point) Count = first + Straightening.Thin(xy.AsSpan(2 * first, 2 * (Count - first)), tolerance);
            EndRing();
            from = end;
        }
    }

    /// <summary>Thins the shape further, where it has too many vertices for one tile.</summary>
    public void Thin(double tolerance)
    {
        var (from, to) = (0, 0);
        for (var ring = 0; ring < ends.Count; ring++)
        {
            var count = ends[ring] - from;
            xy.AsSpan(2 * from, 2 * count).CopyTo(xy.AsSpan(2 * to));
            from = ends[ring];
            var kept = Kind == ShapeKind.Point ? Straightening.Sparse(xy.AsSpan(2 * to, 2 * count), tolerance) : Straightening.Thin(xy.AsSpan(2 * to, 2 * Straightening.Sparse(xy.AsSpan(2 * to, 2 * count), tolerance)), tolerance);
            ends[ring] = to += kept;
        }
        Count = to;
        if (tolerance <= 2) return;
        // Rings too small to be seen at this tolerance.
        var position = 0;
        (from, to) = (0, 0);
        for (var ring = 0; ring < ends.Count; ring++)
        {
            var count = ends[ring] - from;
            if (count > 3 || ring == 0)
            {
                xy.AsSpan(2 * from, 2 * count).CopyTo(xy.AsSpan(2 * to));
                from = ends[ring];
                ends[position++] = to += count;
            }
            else from = ends[ring];
        }
        ends.RemoveRange(position, ends.Count - position);
        Count = to;
    }
}
