using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>What an object's geometry consists of.</summary>
enum ShapeKind : byte
{
    Point,
    Line,
    Polygon,
}

/// <summary>
/// The vertices of one object while it is read, in 1/16 level-0 pixel; reused from object to object. A shape of more than <see cref="MostVertices"/> is thinned while it is read,
/// so that its size is bounded.
/// </summary>
sealed class ShapeBuffer
{
    /// <summary>Parts of a level-0 pixel in which vertices are kept.</summary>
    public const int Parts = 16;

    /// <summary>Largest coordinate, level-0 pixels: no slide is larger, and sixteenths of it fit an int.</summary>
    public const double Farthest = 1 << 26;

    /// <summary>Maximum vertices of an object: 32 MB.</summary>
    public const int MostVertices = 1 << 22;

    readonly List<int> rings = [];
    int[] vertices = new int[512];
    int used;
    int tolerance;
    double perimeter, area;

    public ShapeKind Kind { get; private set; }

    /// <summary>x and y of each vertex, 1/16 level-0 pixel.</summary>
    public ReadOnlySpan<int> Vertices => vertices.AsSpan(0, used);

    /// <summary>The number of vertices up to the end of each ring, line or point.</summary>
    public ReadOnlySpan<int> RingEnds => CollectionsMarshal.AsSpan(rings);

    public int VertexCount => used / 2;

    /// <summary>Vertices before any were removed.</summary>
    public long VerticesRead { get; private set; }

    /// <summary>Some coordinates were beyond <see cref="Farthest"/>, or not finite.</summary>
    public bool WasMoved { get; private set; }

    public bool WasThinned => tolerance > 0;

    /// <summary>Level-0 pixels: the circumference of polygons, the length of lines.</summary>
    public double Perimeter => perimeter / Parts;

    /// <summary>Square level-0 pixels: outlines less holes.</summary>
    public double Area => Math.Max(0, area) / (Parts * Parts);

    public void Clear(ShapeKind kind)
    {
        rings.Clear();
        (Kind, WasMoved, VerticesRead, used, tolerance, perimeter, area) = (kind, false, 0, 0, 0, 0, 0);
        // After a giant, its memory is not kept.
        if (vertices.Length > 1 << 20) vertices = new int[512];
    }

    /// <summary>Adds a vertex, level-0 pixels.</summary>
    public void Add(double x, double y)
    {
        VerticesRead++;
        var (ix, iy) = (Fixed(x), Fixed(y));
        if (tolerance > 0 && used > 2 * RingStart && IsNear(ix, iy)) return;
        if (used + 2 > vertices.Length) Grow();
        vertices[used++] = ix;
        vertices[used++] = iy;
    }

    /// <summary>Ends a ring, a line or a point.</summary>
    /// <param name="isHole">True for a ring that is cut out of the first one of its polygon.</param>
    public void EndRing(bool isHole)
    {
        if (VertexCount == RingStart) return;
        Measure(Vertices[(2 * RingStart)..], isHole);
        rings.Add(VertexCount);
    }

    int RingStart => rings.Count == 0 ? 0 : rings[^1];

    bool IsNear(int x, int y) => Math.Abs((long)x - vertices[used - 2]) < tolerance && Math.Abs((long)y - vertices[used - 1]) < tolerance;

    void Grow()
    {
        if (used >= 2 * MostVertices) Thin();
        else Array.Resize(ref vertices, Math.Min(2 * vertices.Length, 2 * MostVertices));
    }

    void Measure(ReadOnlySpan<int> ring, bool isHole)
    {
        if (Kind == ShapeKind.Point) return;
        double length = 0, twice = 0;
        for (var i = 2; i < ring.Length; i += 2)
        {
            double dx = (double)ring[i] - ring[i - 2], dy = (double)ring[i + 1] - ring[i - 1];
            length += Math.Sqrt(dx * dx + dy * dy);
            twice += ((double)ring[i - 2] - ring[0]) * dy - ((double)ring[i - 1] - ring[1]) * dx;
        }
        perimeter += length;
        if (Kind == ShapeKind.Polygon) area += (isHole ? -1 : 1) * Math.Abs(twice) / 2;
    }

    int Fixed(double value)
    {
        if (!(Math.Abs(value) <= Farthest)) value = Moved(value);
        return (int)Math.Round(value * Parts);
    }

    double Moved(double value)
    {
        WasMoved = true;
        return double.IsNaN(value) ? 0 : Math.Clamp(value, -Farthest, Farthest);
    }

    /// <summary>Removes vertices that are near the one before, at twice the distance each time, until half of the buffer is free.</summary>
    void Thin()
    {
        var all = vertices;
        var kept = used;
        while (kept > MostVertices)
        {
            tolerance = tolerance == 0 ? Parts / 2 : tolerance * 2;
            var (from, to) = (0, 0);
            for (var ring = 0; ring <= rings.Count; ring++)
            {
                var end = ring < rings.Count ? 2 * rings[ring] : kept;
                for (var first = to; from < end; from += 2)
                {
                    // The last position before a ring's end stays: it closes the ring.
                    if (to > first && from + 2 < end && Math.Abs((long)all[from] - all[to - 2]) < tolerance && Math.Abs((long)all[from + 1] - all[to - 1]) < tolerance) continue;
                    (all[to], all[to + 1]) = (all[from], all[from + 1]);
                    to += 2;
                }
                if (ring < rings.Count) rings[ring] = to / 2;
            }
            kept = to;
            if (tolerance > (int)Farthest) break; // Very many rings of a few vertices.
        }
        used = Math.Min(kept, MostVertices);
        while (rings.Count > 0 && rings[^1] > VertexCount) rings.RemoveAt(rings.Count - 1);
    }
}
