using System.Runtime.InteropServices;

namespace Slidebridge.Objects;

/// <summary>A part of a large object that lies in one tile.</summary>
/// <param name="Tile">The tile's key.</param>
/// <param name="Id">The object.</param>
/// <param name="Offset">Where the fragment is in the temporary file.</param>
/// <param name="Rings">Its rings.</param>
/// <param name="Vertices">Its vertices.</param>
readonly record struct TileFragment(uint Tile, uint Id, long Offset, int Rings, int Vertices);

/// <summary>Cuts large objects into one fragment for each tile, halving the tiles again and again, and keeps the fragments in a temporary file until their tile is built.</summary>
/// <param name="grid">The level.</param>
/// <param name="most">Maximum fragments of the level.</param>
/// <param name="folder">For the temporary file.</param>
sealed class TileFragments(LevelGrid grid, int most, string folder) : IDisposable
{
    /// <summary>How far a fragment reaches beyond its tile, pixels of the level: the cut must not be seen.</summary>
    const double Margin = 8;

    /// <summary>Objects without all of their fragments that are counted; from there on, the number is a lower limit.</summary>
    const int MostRefused = 1 << 20;

    readonly List<TileFragment> all = [];
    readonly HashSet<uint> refused = [];
    readonly LevelShape whole = new();
    readonly Stack<LevelShape> free = [];
    readonly TileVertices vertices = new();
    FileStream? file;
    long written;
    int total;

    public int Count => all.Count;

    /// <summary>Large objects of which fragments are missing, because the level has too many.</summary>
    public long Refused => refused.Count;

    public TileFragment this[int i] => all[i];

    public void Add(IndexedObjects objects, uint id, int left, int top, int right, int bottom, CancellationToken cancellationToken)
    {
        if (total >= most)
        {
            if (refused.Count < MostRefused) refused.Add(id);
            return;
        }
        objects.Load(objects[id], whole, grid);
        Split(whole, id, left, top, right, bottom, cancellationToken);
        if (total >= most) refused.Add(id);
    }

    void Split(LevelShape shape, uint id, int left, int top, int right, int bottom, CancellationToken cancellationToken)
    {
        if (shape.Count == 0 || total >= most) return;
        cancellationToken.ThrowIfCancellationRequested();
        var axis = right - left >= bottom - top ? 0 : 1;
        if (left == right && top == bottom)
        {
            // At the edge of the slide nothing was cut yet.
            using var cut = Cut(shape, left, top);
            if (cut.Shape.Count > 0) Keep(cut.Shape, id, left, top);
            return;
        }
        var part = free.TryPop(out var used) ? used : new LevelShape();
        var middle = axis == 0 ? (left + right) / 2 : (top + bottom) / 2;
        var bound = (middle + 1) * (double)TileFormat.Edge;
        Clipping.Clip(shape, part, axis, bound + Margin, keepsLess: true);
        if (axis == 0) Split(part, id, left, top, middle, bottom, cancellationToken);
        else Split(part, id, left, top, right, middle, cancellationToken);
        Clipping.Clip(shape, part, axis, bound - Margin, keepsLess: false);
        if (axis == 0) Split(part, id, middle + 1, top, right, bottom, cancellationToken);
        else Split(part, id, left, middle + 1, right, bottom, cancellationToken);
        free.Push(part);
    }

    /// <summary>The shape within one tile and its margin.</summary>
    Borrowed Cut(LevelShape shape, int column, int row)
    {
        var from = new Borrowed(free);
        using var other = new Borrowed(free);
        double left = column * (double)TileFormat.Edge - Margin, top = row * (double)TileFormat.Edge - Margin, edge = TileFormat.Edge + 2 * Margin;
        Clipping.Clip(shape, from.Shape, 0, left, keepsLess: false);
        Clipping.Clip(from.Shape, other.Shape, 0, left + edge, keepsLess: true);
        Clipping.Clip(other.Shape, from.Shape, 1, top, keepsLess: false);
        Clipping.Clip(from.Shape, other.Shape, 1, top + edge, keepsLess: true);
        from.Swap(other);
        return from;
    }

    sealed class Borrowed(Stack<LevelShape> free) : IDisposable
    {
        public LevelShape Shape { get; private set; } = free.TryPop(out var used) ? used : new LevelShape();

        public void Swap(Borrowed other) => (Shape, other.Shape) = (other.Shape, Shape);

        public void Dispose() => free.Push(Shape);
    }

    void Keep(LevelShape shape, uint id, int column, int row)
    {
        vertices.Take(shape, column, row);
        if (vertices.Rings.Length == 0) return;
        file ??= new FileStream(Path.Combine(folder, IndexFiles.Temporary()), new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose, BufferSize = 1 << 18 });
        all.Add(new TileFragment((uint)(row * grid.Columns + column), id, written, vertices.Rings.Length, vertices.Vertices.Length / 2));
        Write(MemoryMarshal.AsBytes(vertices.Rings));
        Write(MemoryMarshal.AsBytes(vertices.Vertices));
        total++;
    }

    void Write(ReadOnlySpan<byte> bytes)
    {
        file!.Write(bytes);
        written += bytes.Length;
    }

    /// <summary>Sorts by tile; makes the fragments readable.</summary>
    public void Sort()
    {
        file?.Flush();
        all.Sort((a, b) => (a.Tile, a.Id).CompareTo((b.Tile, b.Id)));
    }

    /// <summary>Reads a fragment's ring lengths and vertices.</summary>
    public void Read(in TileFragment fragment, Span<ushort> rings, Span<short> xy)
    {
        Read(MemoryMarshal.AsBytes(rings[..fragment.Rings]), fragment.Offset);
        Read(MemoryMarshal.AsBytes(xy[..(2 * fragment.Vertices)]), fragment.Offset + sizeof(ushort) * (long)fragment.Rings);
    }

    void Read(Span<byte> into, long offset)
    {
        while (into.Length > 0)
        {
            var count = RandomAccess.Read(file!.SafeFileHandle, into, offset);
            if (count == 0) throw new EndOfStreamException("A temporary file became shorter.");
            into = into[count..];
            offset += count;
        }
    }

    public void Clear()
    {
        all.Clear();
        written = 0;
        file?.SetLength(0);
    }

    public void Dispose() => file?.Dispose();
}
