using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>Counts the objects of a tile that are not drawn one by one, by small cell and class; reused from tile to tile.</summary>
sealed class DensityCells
{
    const int Smallest = TileFormat.SmallestCell, Columns = TileFormat.Edge / Smallest, Largest = 32;

    readonly List<uint> keys = [];
    readonly List<ushort> cells = [], counts = [];
    readonly List<byte> classes = [], quartiles = [];

    /// <summary>Objects that were added.</summary>
    public int Objects => keys.Count;

    /// <summary>The edge of a cell, pixels of the level.</summary>
    public int CellEdge { get; private set; } = Smallest;

    public ReadOnlySpan<ushort> Cells => CollectionsMarshal.AsSpan(cells);

    public ReadOnlySpan<ushort> Counts => CollectionsMarshal.AsSpan(counts);

    public ReadOnlySpan<byte> Classes => CollectionsMarshal.AsSpan(classes);

    public ReadOnlySpan<byte> Quartiles => CollectionsMarshal.AsSpan(quartiles);

    public void Clear()
    {
        keys.Clear();
        if (keys.Capacity > 1 << 22) keys.Capacity = 0;
        cells.Clear();
        counts.Clear();
        classes.Clear();
        quartiles.Clear();
        CellEdge = Smallest;
    }

    /// <param name="x">From the tile's left edge, pixels of the level.</param>
    /// <param name="y">From its top edge.</param>
    /// <param name="class">The listed number of its class.</param>
    /// <param name="score">0, or 1 to 255.</param>
    public void Add(double x, double y, byte @class, byte score)
    {
        var (column, row) = ((uint)Math.Clamp((int)(x / Smallest), 0, Columns - 1), (uint)Math.Clamp((int)(y / Smallest), 0, Columns - 1));
        keys.Add(((row * Columns + column) << 16) | ((uint)@class << 8) | score);
    }

    /// <summary>Counts what was added, in cells as small as fit the bytes.</summary>
    public void Count(int mostBytes)
    {
        var most = Math.Max(1, mostBytes / TileFormat.CellSize);
        Group();
        while (cells.Count > most && CellEdge < Largest)
        {
            Coarsen();
            Group();
        }
        if (cells.Count <= most) return;
        JoinClasses(Math.Max(1, most / (TileFormat.Edge / CellEdge * (TileFormat.Edge / CellEdge)) - 1));
        Group();
    }

    void Coarsen()
    {
        var columns = (uint)(TileFormat.Edge / CellEdge);
        foreach (ref var key in CollectionsMarshal.AsSpan(keys))
        {
            var (row, column) = ((key >> 16) / columns, (key >> 16) % columns);
            key = (((row / 2) * (columns / 2) + column / 2) << 16) | (key & 0xffff);
        }
        CellEdge *= 2;
    }

    /// <summary>Leaves the classes with most objects in the tile, and joins the others.</summary>
    void JoinClasses(int left)
    {
        Span<int> objects = stackalloc int[256];
        objects.Clear();
        foreach (var key in keys) objects[(byte)(key >> 8)]++;
        var sorted = objects.ToArray();
        Array.Sort(sorted);
        var least = sorted[^Math.Min(left, sorted.Length)];
        foreach (ref var key in CollectionsMarshal.AsSpan(keys))
            if (objects[(byte)(key >> 8)] <= least && left < sorted.Length) key = (key & 0xffff0000) | (ClassNames.Other << 8) | (key & 0xff);
    }

    void Group()
    {
        cells.Clear();
        counts.Clear();
        classes.Clear();
        quartiles.Clear();
        keys.Sort();
        var sorted = CollectionsMarshal.AsSpan(keys);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            var group = sorted[start] >> 8;
            end = start + 1;
            while (end < sorted.Length && sorted[end] >> 8 == group && end - start < ushort.MaxValue) end++;
            cells.Add((ushort)(group >> 8));
            classes.Add((byte)group);
            counts.Add((ushort)(end - start));
            var last = end - start - 1;
            quartiles.Add((byte)sorted[end - 1]);
            quartiles.Add((byte)sorted[start + (2 * last + 1) / 3]);
            quartiles.Add((byte)sorted[start + (last + 1) / 3]);
            quartiles.Add((byte)sorted[start]);
        }
    }
}
