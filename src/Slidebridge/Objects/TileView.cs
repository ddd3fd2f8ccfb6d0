using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>Reads a tile (<see cref="TileFormat"/>) in place.</summary>
readonly ref struct TileView
{
    /// <exception cref="ObjectIndexException">The sections do not fit the bytes.</exception>
    public TileView(ReadOnlySpan<byte> tile)
    {
        if (tile.Length < TileFormat.HeaderSize) throw new ObjectIndexException("a tile is too short");
        var counts = MemoryMarshal.Cast<byte, int>(tile[8..24]);
        var (objects, rings, vertices, cells) = (counts[0], counts[1], counts[2], counts[3]);
        var hasColors = (tile[6] & 1) != 0;
        var length = TileFormat.HeaderSize + objects * (long)(TileFormat.ObjectSize + (hasColors ? TileFormat.ColorSize : 0)) + rings * (long)TileFormat.RingSize
            + vertices * (long)TileFormat.VertexSize + cells * (long)TileFormat.CellSize;
        if ((objects | rings | vertices | cells) < 0 || length != tile.Length) throw new ObjectIndexException("a tile is damaged");
        CellEdge = tile[24] | tile[25] << 8;
        tile = tile[TileFormat.HeaderSize..];
        Ids = Take<uint>(ref tile, objects);
        Colors = Take<uint>(ref tile, hasColors ? objects : 0);
        Xy = Take<short>(ref tile, 2 * vertices);
        Quartiles = Take<byte>(ref tile, 4 * cells);
        Rings = Take<ushort>(ref tile, objects);
        Lengths = Take<ushort>(ref tile, rings);
        Cells = Take<ushort>(ref tile, cells);
        Counts = Take<ushort>(ref tile, cells);
        Classes = Take<byte>(ref tile, objects);
        Scores = Take<byte>(ref tile, objects);
        Kinds = Take<byte>(ref tile, objects);
        CellClasses = Take<byte>(ref tile, cells);
        if (Sum(Rings) != rings || Sum(Lengths) != vertices) throw new ObjectIndexException("a tile is damaged");
    }

    public int CellEdge { get; }

    public ReadOnlySpan<uint> Ids { get; }

    public ReadOnlySpan<uint> Colors { get; }

    public ReadOnlySpan<short> Xy { get; }

    public ReadOnlySpan<byte> Quartiles { get; }

    public ReadOnlySpan<ushort> Rings { get; }

    public ReadOnlySpan<ushort> Lengths { get; }

    public ReadOnlySpan<ushort> Cells { get; }

    public ReadOnlySpan<ushort> Counts { get; }

    public ReadOnlySpan<byte> Classes { get; }

    public ReadOnlySpan<byte> Scores { get; }

    public ReadOnlySpan<byte> Kinds { get; }

    public ReadOnlySpan<byte> CellClasses { get; }

    static long Sum(ReadOnlySpan<ushort> values)
    {
        long sum = 0;
        foreach (var value in values) sum += value;
        return sum;
    }

    static ReadOnlySpan<T> Take<T>(scoped ref ReadOnlySpan<byte> rest, int count)
        where T : unmanaged
    {
        var bytes = count * Marshal.SizeOf<T>();
        var values = MemoryMarshal.Cast<byte, T>(rest[..bytes]);
        rest = rest[bytes..];
        return values;
    }
}
