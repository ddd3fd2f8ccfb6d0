using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Slidebridge.Objects;

/// <summary>An index of one scan's objects that is open for reading; any number of threads may read at a time.</summary>
sealed class ObjectIndex : IDisposable
{
    readonly SafeFileHandle file;
    readonly IndexHeader header;
    readonly TileEntry[][] directories;
    readonly string[] names;
    readonly byte[] listed;

    ObjectIndex(SafeFileHandle file)
    {
        this.file = file;
        var length = RandomAccess.GetLength(file);
        var start = new byte[Math.Min(IndexHeader.Size, length)];
        ReadAt(start, 0);
        header = IndexHeader.Read(start, length);
        directories = ReadDirectories(Section(header.Directory, header.Order));
        (names, listed) = ReadNames(Section(header.Names, header.Summary));
        Summary = Section(header.Summary, header.Length);
    }

    /// <summary>Opens an index.</summary>
    /// <exception cref="ObjectIndexException">The file is not a complete index of this version.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    public static ObjectIndex Open(string path)
    {
        var handle = File.OpenHandle(path, share: FileShare.Read | FileShare.Delete, options: FileOptions.RandomAccess);
        try
        {
            return new ObjectIndex(handle);
        }
        catch (Exception e)
        {
            handle.Dispose();
            if (e is EndOfStreamException or OverflowException or ArgumentException) throw new ObjectIndexException("its sections are damaged");
            throw;
        }
    }

    /// <summary>An <see cref="ObjectSummary"/> as UTF-8 JSON.</summary>
    public ReadOnlyMemory<byte> Summary { get; }

    /// <summary>The number of objects; ids are 0 to one less.</summary>
    public int Count => header.Objects;

    /// <summary>Bytes of the file.</summary>
    public long Length => header.Length;

    public int Levels => directories.Length;

    /// <summary>The bytes of a tile (<see cref="TileFormat"/>); null if nothing is in it, or there is no such tile.</summary>
    /// <exception cref="ObjectIndexException">The file is damaged.</exception>
    public byte[]? Tile(int level, int x, int y)
    {
        if ((uint)level >= (uint)directories.Length) return null;
        var grid = GridOf(level);
        if ((uint)x >= (uint)grid.Columns || (uint)y >= (uint)grid.Rows) return null;
        var directory = directories[level];
        int low = 0, high = directory.Length - 1;
        for (var key = (uint)(x + y * grid.Columns); low <= high;)
        {
            var middle = (low + high) / 2;
            if (directory[middle].Key == key) return ReadTile(directory[middle]);
            if (directory[middle].Key < key) low = middle + 1;
            else high = middle - 1;
        }
        return null;
    }

    byte[] ReadTile(TileEntry entry)
    {
        if (entry.Length is < TileFormat.HeaderSize or > TileFormat.MostBytes) throw new ObjectIndexException($"a tile has {entry.Length} bytes");
        var tile = new byte[entry.Length];
        ReadAt(tile, entry.Offset);
        return MemoryMarshal.Read<uint>(tile) == TileFormat.Magic ? tile : throw new ObjectIndexException("a tile is damaged");
    }

    /// <summary>The grid of a level's tiles.</summary>
    public LevelGrid GridOf(int level) => LevelGrid.Of(header.Width, header.Height)[level];

    /// <summary>An object's row.</summary>
    /// <exception cref="ObjectIndexException">There is no such object.</exception>
    public ObjectRecord Row(long id)
    {
        if (id < 0 || id >= header.Objects) throw new ObjectIndexException($"it has no object {id}");
        var row = new ObjectRecord();
        ReadAt(MemoryMarshal.AsBytes(new Span<ObjectRecord>(ref row)), IndexHeader.Size + id * ObjectRecord.Size);
        return row;
    }

    /// <summary>Reads successive rows.</summary>
    public void Rows(long first, Span<ObjectRecord> rows) => ReadAt(MemoryMarshal.AsBytes(rows), IndexHeader.Size + first * ObjectRecord.Size);

    /// <summary>Whether <see cref="ByScore"/> can be read: some object has a score.</summary>
    public bool HasScores => header.HasScores != 0;

    /// <summary>Reads a part of the ids by falling score; objects without a score come last, and the same scores by id.</summary>
    public void ByScore(long first, Span<uint> ids) => ReadAt(MemoryMarshal.AsBytes(ids), header.Order + first * sizeof(uint));

    /// <summary>The name of an object's class.</summary>
    public string NameOf(in ObjectRecord row) => row.Class < names.Length ? names[row.Class] : ClassNames.Unnamed;

    /// <summary>The listed number of an object's class.</summary>
    public int ListedOf(in ObjectRecord row) => row.Class < listed.Length ? listed[row.Class] : ClassNames.Other;

    byte[] Section(long start, long end)
    {
        var bytes = new byte[checked((int)(end - start))];
        ReadAt(bytes, start);
        return bytes;
    }

    void ReadAt(Span<byte> into, long offset)
    {
        while (into.Length > 0)
        {
            var count = RandomAccess.Read(file, into, offset);
            if (count == 0) throw new ObjectIndexException("it ends too early");
            into = into[count..];
            offset += count;
        }
    }

    TileEntry[][] ReadDirectories(ReadOnlySpan<byte> bytes)
    {
        var levels = new TileEntry[header.Levels][];
        if (header.Levels != LevelGrid.Of(header.Width, header.Height).Length) throw new ObjectIndexException("its levels do not fit the slide");
        for (var level = 0; level < levels.Length; level++)
        {
            var count = MemoryMarshal.Read<int>(bytes);
            levels[level] = MemoryMarshal.Cast<byte, TileEntry>(bytes.Slice(sizeof(int), checked(count * Marshal.SizeOf<TileEntry>()))).ToArray();
            bytes = bytes[(sizeof(int) + count * Marshal.SizeOf<TileEntry>())..];
        }
        return levels;
    }

    (string[] Names, byte[] Listed) ReadNames(byte[] bytes)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes), Encoding.UTF8);
        var (read, numbers) = (new string[header.Classes], new byte[header.Classes]);
        for (var i = 0; i < read.Length; i++)
        {
            numbers[i] = reader.ReadByte();
            read[i] = reader.ReadString();
        }
        return (read, numbers);
    }

    public void Dispose() => file.Dispose();
}
