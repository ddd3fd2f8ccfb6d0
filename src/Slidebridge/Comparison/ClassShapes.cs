using System.Runtime.InteropServices;
using Slidebridge.Objects;

namespace Slidebridge.Comparison;

/// <summary>A box of an object, and where its vertices are; coordinates in 1/16 level-0 pixel (<see cref="ShapeBuffer.Parts"/>).</summary>
/// <param name="Kind">Points and lines are compared by their centres.</param>
/// <param name="MinX">The left edge.</param>
/// <param name="MinY">The upper edge.</param>
/// <param name="MaxX">The right edge.</param>
/// <param name="MaxY">The lower edge.</param>
/// <param name="First">The first of its rings: <see cref="ClassShapes.Ring"/>.</param>
/// <param name="Rings">The number of its rings; 0 if it has no area.</param>
readonly record struct ComparedObject(ShapeKind Kind, int MinX, int MinY, int MaxX, int MaxY, int First, int Rings)
{
    /// <summary>The middle of the box.</summary>
    public double CenterX => ((double)MinX + MaxX) / 2;

    /// <inheritdoc cref="CenterX"/>
    public double CenterY => ((double)MinY + MaxY) / 2;
}

/// <summary>The objects of one class of one scan of one result.</summary>
sealed class ClassShapes
{
    readonly List<ComparedObject> objects = [];
    readonly List<int> vertices = [], rings = [];

    public ReadOnlySpan<ComparedObject> Objects => CollectionsMarshal.AsSpan(objects);

    public int Count => objects.Count;

    /// <summary>The sum of the heights of all edges of polygons, 1/16 level-0 pixel: how often rows of this height cross them.</summary>
    public long Height { get; private set; }

    /// <summary>x, y, x, y … of one ring, 1/16 level-0 pixel.</summary>
    public ReadOnlySpan<int> Ring(int number)
    {
        var start = number == 0 ? 0 : rings[number - 1];
        return CollectionsMarshal.AsSpan(vertices)[start..rings[number]];
    }

    public void Add(ShapeBuffer shape)
    {
        var xy = shape.Vertices;
        int left = int.MaxValue, top = int.MaxValue, right = int.MinValue, bottom = int.MinValue;
        for (var i = 0; i < xy.Length; i += 2)
        {
            (left, right) = (Math.Min(left, xy[i]), Math.Max(right, xy[i]));
            (top, bottom) = (Math.Min(top, xy[i + 1]), Math.Max(bottom, xy[i + 1]));
        }
        var first = rings.Count;
        if (shape.Kind is ShapeKind.Polygon)
        {
            var start = 0;
            foreach (var end in shape.RingEnds)
            {
                var ring = xy[(2 * start)..(2 * end)];
                vertices.AddRange(ring);
                rings.Add(vertices.Count);
                for (var i = 1; i < ring.Length; i += 2) Height += Math.Abs((long)ring[i] - ring[i == 1 ? ^1 : i - 2]);
                start = end;
            }
        }
        objects.Add(new ComparedObject(shape.Kind, left, top, right, bottom, first, rings.Count - first));
    }
}
