using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>Collects the objects and cells of one tile and writes them as <see cref="TileFormat"/>; reused from tile to tile.</summary>
sealed class TileEncoder
{
    readonly List<uint> ids = [], colors = [];
    readonly List<short> xy = [];
    readonly List<ushort> rings = [], lengths = [];
    readonly List<byte> classes = [], scores = [], kinds = [];
    bool hasColors;

    public int Objects => ids.Count;

    /// <summary>Bytes of the objects, with the header.</summary>
    public int Bytes => TileFormat.HeaderSize + ids.Count * (TileFormat.ObjectSize + TileFormat.ColorSize) + lengths.Count * TileFormat.RingSize + xy.Count * sizeof(short);

    public void Clear()
    {
        ids.Clear();
        colors.Clear();
        xy.Clear();
        rings.Clear();
        lengths.Clear();
        classes.Clear();
        scores.Clear();
        kinds.Clear();
        hasColors = false;
    }

    /// <summary>Adds an object whose vertices are given in the tile's units.</summary>
    /// <returns>False, and nothing is added, if the tile would have more than <paramref name="mostBytes"/>.</returns>
    public bool TryAdd(in TileObject each, ReadOnlySpan<ushort> ringLengths, ReadOnlySpan<short> vertices, int mostBytes)
    {
        if (Bytes + TileFormat.ObjectSize + TileFormat.ColorSize + ringLengths.Length * TileFormat.RingSize + vertices.Length * sizeof(short) > mostBytes) return false;
        ids.Add(each.Id);
        colors.Add(each.Color);
        hasColors |= each.Color != 0;
        classes.Add(each.Class);
        scores.Add(each.Score);
        kinds.Add((byte)each.Kind);
        rings.Add((ushort)ringLengths.Length);
        lengths.AddRange(ringLengths);
        xy.AddRange(vertices);
        return true;
    }

    /// <summary>Removes the objects that were added last, until the tile has at most that many bytes.</summary>
    public void Shorten(int mostBytes)
    {
        while (ids.Count > 0 && Bytes > mostBytes)
        {
            var count = rings[^1];
            var vertices = 0;
            for (var i = lengths.Count - count; i < lengths.Count; i++) vertices += lengths[i];
            xy.RemoveRange(xy.Count - 2 * vertices, 2 * vertices);
            lengths.RemoveRange(lengths.Count - count, count);
            rings.RemoveAt(rings.Count - 1);
            ids.RemoveAt(ids.Count - 1);
            colors.RemoveAt(colors.Count - 1);
            classes.RemoveAt(classes.Count - 1);
            scores.RemoveAt(scores.Count - 1);
            kinds.RemoveAt(kinds.Count - 1);
        }
    }

    /// <summary>Writes the tile.</summary>
    /// <returns>The number of bytes.</returns>
    public int Write(Span<byte> to, DensityCells density, int level)
    {
        to[..TileFormat.HeaderSize].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, TileFormat.Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], TileFormat.Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)(hasColors ? 1 : 0));
        BinaryPrimitives.WriteInt32LittleEndian(to[8..], ids.Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], lengths.Count);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], xy.Count / 2);
        BinaryPrimitives.WriteInt32LittleEndian(to[20..], density.Cells.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(to[24..], (ushort)density.CellEdge);
        BinaryPrimitives.WriteUInt16LittleEndian(to[26..], (ushort)level);
        var at = TileFormat.HeaderSize;
        Put(to, ref at, CollectionsMarshal.AsSpan(ids));
        if (hasColors) Put(to, ref at, CollectionsMarshal.AsSpan(colors));
        Put(to, ref at, CollectionsMarshal.AsSpan(xy));
        Put(to, ref at, density.Quartiles);
        Put(to, ref at, CollectionsMarshal.AsSpan(rings));
        Put(to, ref at, CollectionsMarshal.AsSpan(lengths));
        Put(to, ref at, density.Cells);
        Put(to, ref at, density.Counts);
        Put(to, ref at, CollectionsMarshal.AsSpan(classes));
        Put(to, ref at, CollectionsMarshal.AsSpan(scores));
        Put(to, ref at, CollectionsMarshal.AsSpan(kinds));
        Put(to, ref at, density.Classes);
        return at;
    }

    // Machines that .NET runs on are little endian.
    static void Put<T>(Span<byte> to, ref int at, ReadOnlySpan<T> values)
        where T : unmanaged
    {
        var bytes = MemoryMarshal.AsBytes(values);
        bytes.CopyTo(to[at..]);
        at += bytes.Length;
    }
}

/// <param name="Id">Its number.</param>
/// <param name="Color">0xffrrggbb, or 0.</param>
/// <param name="Class">The listed number of its class.</param>
/// <param name="Score">0, or 1 to 255.</param>
/// <param name="Kind">What its geometry consists of.</param>
readonly record struct TileObject(uint Id, uint Color, byte Class, byte Score, ShapeKind Kind);
