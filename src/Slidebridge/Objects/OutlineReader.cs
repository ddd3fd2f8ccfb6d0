namespace Slidebridge.Objects;

/// <summary>Reads the vertices of one object from its bytes in the result.</summary>
/// <param name="part">Its place in a collection of geometries, or −1.</param>
sealed class OutlineReader(int part) : IObjectReceiver
{
    readonly List<(int[] Xy, int[] Ends)> read = [];

    /// <summary>Reads the feature. The points and boxes of a report have no geometry: their row says all.</summary>
    public void Read(ReadOnlySpan<byte> source, in ObjectRecord row)
    {
        var cursor = new JsonCursor(source, 0);
        new FeatureReader(this).Read(source, ref cursor, new NamedRegion());
        if (read.Count > 0) return;
        int left = Fixed(row.MinX), top = Fixed(row.MinY), right = Fixed(row.MaxX), bottom = Fixed(row.MaxY);
        read.Add(row.Kind == ShapeKind.Point ? ([left, top], [1]) : ([left, top, right, top, right, bottom, left, bottom, left, top], [5]));
    }

    static int Fixed(float value) => (int)(value * ShapeBuffer.Parts);

    public void Receive(in FoundObject found)
    {
        if (found.Part == part && read.Count == 0) read.Add((found.Shape.Vertices.ToArray(), found.Shape.RingEnds.ToArray()));
    }

    /// <summary>x, y, x, y, … of each ring, level-0 pixels.</summary>
    public IReadOnlyList<double[]> Lines(int mostVertices)
    {
        var lines = new List<double[]>();
        foreach (var (xy, ends) in read)
        {
            var step = (xy.Length / 2 + mostVertices - 1) / mostVertices;
            var start = 0;
            foreach (var end in ends)
            {
                var kept = Enumerable.Range(start, end - start).Where(i => (i - start) % step == 0 || i == end - 1);
                if (lines.Count < mostVertices) lines.Add([.. kept.SelectMany(i => (double[])[(double)xy[2 * i] / ShapeBuffer.Parts, (double)xy[2 * i + 1] / ShapeBuffer.Parts])]);
                start = end;
            }
        }
        return lines;
    }
}
