using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>A shape in the units of a tile, with so few vertices that the tile has room for several such shapes.</summary>
sealed class TileVertices
{
    /// <summary>Maximum bytes of one object in one tile.</summary>
    public const int MostBytes = 90_000;

    readonly List<short> xy = [];
    readonly List<ushort> lengths = [];

    public ReadOnlySpan<short> Vertices => CollectionsMarshal.AsSpan(xy);

    public ReadOnlySpan<ushort> Rings => CollectionsMarshal.AsSpan(lengths);

    /// <summary>The shape was thinned more than its level asks for.</summary>
    public bool WasThinned { get; private set; }

    /// <summary>Takes a shape, which is thinned if it is too long. A position's distance from the tile must not exceed seven edges.</summary>
    public void Take(LevelShape shape, int column, int row)
    {
        WasThinned = false;
        Encode(shape, column, row);
        for (var tolerance = 0.25; Bytes > MostBytes && tolerance <= 16; tolerance *= 2)
        {
            WasThinned = true;
            shape.Thin(tolerance);
            Encode(shape, column, row);
        }
        if (Bytes <= MostBytes) return;
        // Thousands of rings: the first ones.
        var vertices = 0;
        var rings = 0;
        while (rings < lengths.Count && (vertices + lengths[rings]) * TileFormat.VertexSize + (rings + 1) * TileFormat.RingSize <= MostBytes) vertices += lengths[rings++];
        CollectionsMarshal.SetCount(lengths, rings);
        CollectionsMarshal.SetCount(xy, 2 * vertices);
    }

    int Bytes => xy.Count * sizeof(short) + lengths.Count * sizeof(ushort) + (isTooLong ? MostBytes : 0);

    bool isTooLong;

    void Encode(LevelShape shape, int column, int row)
    {
        xy.Clear();
        lengths.Clear();
        isTooLong = false;
        double left = column * (double)TileFormat.Edge, top = row * (double)TileFormat.Edge;
        var vertices = shape.Vertices;
        var from = 0;
        foreach (var end in shape.RingEnds)
        {
            var first = xy.Count;
            for (var i = from; i < end; i++)
            {
                short x = Unit(vertices[2 * i] - left), y = Unit(vertices[2 * i + 1] - top);
                // The same position twice shows once; a ring keeps its end.
                if (xy.Count > first && xy[^2] == x && xy[^1] == y) continue;
                xy.Add(x);
                xy.Add(y);
            }
            from = end;
            var count = (xy.Count - first) / 2;
            isTooLong |= count > ushort.MaxValue;
            lengths.Add((ushort)Math.Min(count, ushort.MaxValue));
        }
    }

    static short Unit(double value) => (short)Math.Clamp(Math.Round(value * TileFormat.Parts), short.MinValue, short.MaxValue);
}
