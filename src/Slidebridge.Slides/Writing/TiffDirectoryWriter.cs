using System.Buffers.Binary;
using System.Text;

namespace Slidebridge.Slides.Writing;

/// <summary>Collects a directory's fields and writes them, little-endian, as classic TIFF or BigTIFF.</summary>
sealed class TiffDirectoryWriter(bool big)
{
    // For values outside the entry, the bytes are those of their offset, which always fits into the entry.
    readonly SortedDictionary<int, (int Type, long Count, byte[] Bytes)> fields = [];

    public void Short(int tag, params ReadOnlySpan<ushort> values)
    {
        var bytes = new byte[values.Length * 2];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i * 2), values[i]);
        fields[tag] = (3, values.Length, bytes);
    }

    /// <summary>Long, or Long8 in BigTIFF.</summary>
    public void Long(int tag, params ReadOnlySpan<long> values) => fields[tag] = (big ? 16 : 4, values.Length, LongBytes(values));

    /// <summary>Appends a long index to the file immediately, away from the directories: the directories are then next to each other, and a remote reader gets all of them in one request.</summary>
    public async ValueTask IndexAsync(int tag, long[] values, TileSink sink, CancellationToken cancellationToken)
    {
        Long(tag, values);
        if (values.Length == 1) return;
        var at = await sink.AppendAsync(fields[tag].Bytes, cancellationToken);
        fields[tag] = fields[tag] with { Bytes = LongBytes(at) };
    }

    /// <summary>Appends bytes of undefined type to the file, for values that do not fit into an entry.</summary>
    public async ValueTask BlobAsync(int tag, byte[] bytes, TileSink sink, CancellationToken cancellationToken) =>
        fields[tag] = (7, bytes.Length, LongBytes(await sink.AppendAsync(bytes, cancellationToken)));

    public void Text(int tag, string value) => fields[tag] = (2, Encoding.ASCII.GetByteCount(value) + 1, Encoding.ASCII.GetBytes(value + '\0'));

    /// <summary>The bytes of the directory and of the values that do not fit into it, to be placed at <paramref name="offset"/>.</summary>
    public byte[] Layout(long offset, bool last)
    {
        int inline = big ? 8 : 4, entry = big ? 20 : 12, head = big ? 8 : 2;
        var size = head + fields.Count * entry + inline;
        var values = new MemoryStream();
        var bytes = new byte[size];
        if (big) BinaryPrimitives.WriteInt64LittleEndian(bytes, fields.Count);
        else BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)fields.Count);
        var at = head;
        foreach (var (tag, field) in fields)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)tag);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at + 2), (ushort)field.Type);
            WriteOffset(bytes.AsSpan(at + 4), field.Count);
            if (field.Bytes.Length <= inline)
            {
                field.Bytes.CopyTo(bytes.AsSpan(at + 4 + inline));
            }
            else
            {
                if ((size + values.Length) % 2 != 0) values.WriteByte(0);
                WriteOffset(bytes.AsSpan(at + 4 + inline), offset + size + values.Length);
                values.Write(field.Bytes);
            }
            at += entry;
        }
        if ((size + values.Length) % 2 != 0) values.WriteByte(0);
        // The next directory follows directly after these values.
        WriteOffset(bytes.AsSpan(at), last ? 0 : offset + size + values.Length);
        return [.. bytes, .. values.ToArray()];
    }

    byte[] LongBytes(params ReadOnlySpan<long> values)
    {
        var size = big ? 8 : 4;
        var bytes = new byte[values.Length * size];
        for (var i = 0; i < values.Length; i++) WriteOffset(bytes.AsSpan(i * size), values[i]);
        return bytes;
    }

    void WriteOffset(Span<byte> bytes, long value)
    {
        if (big) BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        else BinaryPrimitives.WriteUInt32LittleEndian(bytes, checked((uint)value));
    }
}
