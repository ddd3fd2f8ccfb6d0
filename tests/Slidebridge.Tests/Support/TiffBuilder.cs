using System.Buffers.Binary;

namespace Slidebridge.Tests.Support;

/// <summary>How a TIFF is laid out: everything a reader must not depend on.</summary>
/// <param name="Big">BigTIFF.</param>
/// <param name="BigEndian"><c>MM</c>.</param>
/// <param name="DirectoriesFirst">Directories before the pixels; else after them.</param>
public sealed record TiffLayout(bool Big = false, bool BigEndian = false, bool DirectoriesFirst = false);

/// <summary>One field of a directory, as it is to be written: nothing is checked, so that a test can lie.</summary>
sealed record TiffField(int Type, long Count, long[] Values);

/// <summary>One directory and the tiles or strips it points to.</summary>
sealed class TiffBuilderPage
{
    public SortedDictionary<int, TiffField> Fields { get; } = [];

    public List<byte[]> Chunks { get; init; } = [];

    /// <summary>Directories that this one's SubIFDs field (330) points to.</summary>
    public List<TiffBuilderPage> Children { get; } = [];

    /// <summary>Writes shorts (3), longs (4), bytes (1, 2, 7), rationals as pairs of longs (5), or BigTIFF's longs (16).</summary>
    public TiffBuilderPage Set(int tag, int type, params long[] values)
    {
        Fields[tag] = new TiffField(type, type == 5 ? values.Length / 2 : values.Length, values);
        return this;
    }

    public TiffBuilderPage SetText(int tag, string text) => Set(tag, 2, [.. text.Append('\0').Select(letter => (long)letter)]);

    public TiffBuilderPage SetBytes(int tag, byte[] bytes) => Set(tag, 7, [.. bytes.Select(value => (long)value)]);

    public bool IsTiled => Fields.ContainsKey(322);
}

/// <summary>Writes small TIFFs of every layout. The index fields (offsets, byte counts) are made from the chunks unless the test sets them.</summary>
sealed class TiffBuilder(TiffLayout layout)
{
    public List<TiffBuilderPage> Pages { get; } = [];

    /// <summary>Where the last directory says the next one is; 0 for none.</summary>
    public long AfterLast { get; init; }

    /// <summary>Where the first directory begins.</summary>
    public long FirstDirectory { get; private set; }

    int Width => layout.Big ? 8 : 4;

    public byte[] Build()
    {
        var header = layout.Big ? 16 : 8;
        var all = Pages.SelectMany(page => page.Children.Prepend(page)).ToList();
        var chunkBytes = all.Sum(page => page.Chunks.Sum(chunk => Even(chunk.Length)));
        foreach (var page in Pages.Where(page => page.Children.Count > 0)) page.Set(330, layout.Big ? 16 : 4, new long[page.Children.Count]);
        var directoryBytes = all.Sum(page => Directory(page, 0, 0, 0).Length);
        var dataAt = layout.DirectoriesFirst ? header + directoryBytes : header;
        var directoryAt = layout.DirectoriesFirst ? header : header + chunkBytes;

        var file = new byte[header + chunkBytes + directoryBytes];
        (layout.BigEndian ? "MM"u8 : "II"u8).CopyTo(file);
        Put(file.AsSpan(2), layout.Big ? 43 : 42, 2);
        if (layout.Big) Put(file.AsSpan(4), 8, 2);
        Put(file.AsSpan(header - Width), directoryAt, Width);
        FirstDirectory = directoryAt;
        foreach (var page in all)
        {
            // A page's children follow it; the chain leads past them.
            var next = directoryAt + Directory(page, 0, 0, 0).Length;
            for (var i = 0; i < page.Children.Count; i++)
            {
                page.Fields[330].Values[i] = next;
                next += Directory(page.Children[i], 0, 0, 0).Length;
            }
            var directory = Directory(page, dataAt, directoryAt, !Pages.Contains(page) ? 0 : page == Pages[^1] ? AfterLast : next);
            directory.CopyTo(file, directoryAt);
            directoryAt += directory.Length;
            foreach (var chunk in page.Chunks)
            {
                chunk.CopyTo(file, dataAt);
                dataAt += Even(chunk.Length);
            }
        }
        return file;
    }

    byte[] Directory(TiffBuilderPage page, long dataAt, long at, long next)
    {
        var fields = new SortedDictionary<int, TiffField>(page.Fields);
        var type = layout.Big ? 16 : 4;
        var offsets = new long[page.Chunks.Count];
        for (var i = 0; i < offsets.Length; i++)
        {
            offsets[i] = page.Chunks[i].Length == 0 ? 0 : dataAt;
            dataAt += Even(page.Chunks[i].Length);
        }
        fields.TryAdd(page.IsTiled ? 324 : 273, new TiffField(type, offsets.Length, offsets));
        fields.TryAdd(page.IsTiled ? 325 : 279, new TiffField(type, offsets.Length, [.. page.Chunks.Select(chunk => (long)chunk.Length)]));

        int head = layout.Big ? 8 : 2, entry = layout.Big ? 20 : 12;
        var bytes = new List<byte>(new byte[head + fields.Count * entry + Width]);
        Put(bytes, 0, fields.Count, head);
        var place = head;
        foreach (var (tag, field) in fields)
        {
            Put(bytes, place, tag, 2);
            Put(bytes, place + 2, field.Type, 2);
            Put(bytes, place + 4, field.Count, Width);
            var values = Encode(field);
            if (values.Length <= Width)
            {
                for (var i = 0; i < values.Length; i++) bytes[place + 4 + Width + i] = values[i];
            }
            else
            {
                Put(bytes, place + 4 + Width, at + bytes.Count, Width);
                bytes.AddRange(values);
                if (values.Length % 2 != 0) bytes.Add(0);
            }
            place += entry;
        }
        Put(bytes, place, next, Width);
        return [.. bytes];
    }

    byte[] Encode(TiffField field)
    {
        var size = field.Type switch { 3 => 2, 4 or 5 => 4, 16 => 8, _ => 1 };
        var bytes = new byte[field.Values.Length * size];
        for (var i = 0; i < field.Values.Length; i++) Put(bytes.AsSpan(i * size), field.Values[i], size);
        return bytes;
    }

    void Put(List<byte> bytes, int at, long value, int size)
    {
        Span<byte> piece = stackalloc byte[size];
        Put(piece, value, size);
        for (var i = 0; i < size; i++) bytes[at + i] = piece[i];
    }

    void Put(Span<byte> bytes, long value, int size)
    {
        Span<byte> whole = stackalloc byte[8];
        if (layout.BigEndian) BinaryPrimitives.WriteInt64BigEndian(whole, value);
        else BinaryPrimitives.WriteInt64LittleEndian(whole, value);
        (layout.BigEndian ? whole[^size..] : whole[..size]).CopyTo(bytes);
    }

    static int Even(int length) => length + (length & 1);
}
