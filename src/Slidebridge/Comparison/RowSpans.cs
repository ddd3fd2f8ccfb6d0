using System.Runtime.InteropServices;
using Slidebridge.Objects;

namespace Slidebridge.Comparison;

/// <summary>A part of a row, 1/16 level-0 pixel.</summary>
/// <param name="Row">The row's number; rows of one height are counted from y = 0.</param>
/// <param name="Start">Its left end.</param>
/// <param name="End">Its right end.</param>
readonly record struct RowSpan(int Row, int Start, int End);

/// <summary>
/// The polygons of a class as parts of rows: x is exact to 1/16 level-0 pixel, y is sampled in the middle of each row. The area of an intersection is then a sum over two sorted lists,
/// and the memory depends on outlines, not on areas. Boxes are exact while rows are as fine as the vertices.
/// </summary>
sealed class RowSpans
{
    /// <summary>Maximum crossings of rows with outlines for a class; 12 bytes for every two. Rows become higher until they fit.</summary>
    const long MostCrossings = 8 << 20;

    readonly List<RowSpan> spans = [];
    readonly List<int> ends = [];
    readonly List<long> areas = [];
    readonly List<long> crossings = [];
    readonly long height;

    /// <param name="shapes">The class.</param>
    /// <param name="height">The height of a row, 1/16 level-0 pixel.</param>
    /// <param name="cancellationToken">Stops.</param>
    public RowSpans(ClassShapes shapes, long height, CancellationToken cancellationToken)
    {
        this.height = height;
        foreach (var each in shapes.Objects)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var ring = 0; ring < each.Rings; ring++) Cross(shapes.Ring(each.First + ring));
            areas.Add(Close());
            ends.Add(spans.Count);
        }
    }

    /// <summary>The height of rows for two classes that are compared, 1/16 level-0 pixel: a power of two.</summary>
    public static long HeightFor(ClassShapes one, ClassShapes other)
    {
        var height = 1L;
        while ((one.Height + other.Height) / height > MostCrossings) height *= 2;
        return height;
    }

    /// <summary>The spans of one object, from top to bottom and from left to right.</summary>
    public ReadOnlySpan<RowSpan> Of(int number) => CollectionsMarshal.AsSpan(spans)[(number == 0 ? 0 : ends[number - 1])..ends[number]];

    /// <summary>The sum of the lengths of an object's spans; 0 for a point or a line.</summary>
    public long LengthOf(int number) => areas[number];

    /// <summary>Square level-0 pixels.</summary>
    public double AreaOf(long length) => (double)length * height / (ShapeBuffer.Parts * ShapeBuffer.Parts);

    /// <summary>All objects of the class together: where they overlap, an area counts once.</summary>
    public List<RowSpan> Union()
    {
        var all = spans.ToArray();
        Array.Sort(Array.ConvertAll(all, span => Key(span.Row, span.Start)), all);
        var union = new List<RowSpan>();
        foreach (var span in all)
        {
            if (union.Count > 0 && union[^1] is var last && last.Row == span.Row && span.Start <= last.End) union[^1] = last with { End = Math.Max(last.End, span.End) };
            else union.Add(span);
        }
        return union;
    }

    public static long Length(ReadOnlySpan<RowSpan> spans)
    {
        long sum = 0;
        foreach (var span in spans) sum += span.End - span.Start;
        return sum;
    }

    /// <summary>The length that two sorted lists without overlaps have in common.</summary>
    public static long Shared(ReadOnlySpan<RowSpan> one, ReadOnlySpan<RowSpan> other)
    {
        long sum = 0;
        for (int i = 0, k = 0; i < one.Length && k < other.Length;)
        {
            var (a, b) = (one[i], other[k]);
            if (a.Row == b.Row) sum += Math.Max(0, (long)Math.Min(a.End, b.End) - Math.Max(a.Start, b.Start));
            if (a.Row < b.Row || (a.Row == b.Row && a.End <= b.End)) i++;
            else k++;
        }
        return sum;
    }

    /// <summary>Notes where the middles of rows cross a ring. A vertex in the middle of a row belongs to the edge below it, so that each ring has an even number of crossings.</summary>
    void Cross(ReadOnlySpan<int> ring)
    {
        for (var i = 0; i < ring.Length; i += 2)
        {
            var before = i == 0 ? ring.Length - 2 : i - 2;
            double x0 = ring[before], y0 = ring[before + 1], x1 = ring[i], y1 = ring[i + 1];
            if (y0 > y1) (x0, y0, x1, y1) = (x1, y1, x0, y0);
            int row = (int)Math.Ceiling(y0 / height - 0.5), end = (int)Math.Ceiling(y1 / height - 0.5);
            var slope = (x1 - x0) / (y1 - y0);
            for (; row < end; row++) crossings.Add(Key(row, (int)Math.Round(x0 + ((row + 0.5) * height - y0) * slope)));
        }
    }

    /// <summary>Makes spans of an object's crossings by the even-odd rule, which leaves holes out.</summary>
    long Close()
    {
        CollectionsMarshal.AsSpan(crossings).Sort();
        long length = 0;
        for (var i = 0; i + 1 < crossings.Count; i += 2)
        {
            var span = new RowSpan((int)(crossings[i] >> 32), XOf(crossings[i]), XOf(crossings[i + 1]));
            if (span.Start == span.End) continue;
            spans.Add(span);
            length += span.End - span.Start;
        }
        crossings.Clear();
        return length;
    }

    // Sorts by row, then by x, which may both be negative.
    static long Key(int row, int x) => ((long)row << 32) | ((uint)x ^ 0x80000000);

    static int XOf(long key) => (int)((uint)key ^ 0x80000000);
}
