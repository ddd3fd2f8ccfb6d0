using System.Buffers.Binary;
using System.Text;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// Reads a zip's list of entries over ranges:
/// 1. the end record, in the last bytes of the archive;
/// 2. the ZIP64 end record, where the sizes do not fit the former;
/// 3. the central directory, in one read.
/// APPNOTE 6.3.10 §4.3.
/// </summary>
static class ZipDirectory
{
    const uint EndMagic = 0x06054B50, End64Magic = 0x06064B50, Locator64Magic = 0x07064B50, EntryMagic = 0x02014B50;
    const int EndBytes = 22, Locator64Bytes = 20, End64Bytes = 56, EntryBytes = 46;

    // The end record may be followed by a comment of 65535 bytes; the ZIP64 locator stands before it.
    const int MostTail = EndBytes + ushort.MaxValue + Locator64Bytes;

    // 4096 entries with names and extra fields of a kilobyte each.
    const int MostDirectoryBytes = 4 * 1024 * 1024;

    /// <summary>The entries that are files.</summary>
    /// <exception cref="SlideFormatException">The archive is damaged, split, or has too many entries.</exception>
    public static async Task<IReadOnlyList<ZipEntry>> ReadAsync(ByteSource source, CancellationToken cancellationToken)
    {
        var (offset, length, count) = await FindAsync(source, cancellationToken);
        // Folders come on top of the objects.
        SlideObjects.CheckCount(count / 2);
        if (length > MostDirectoryBytes) throw new SlideFormatException($"The zip's directory takes {length} bytes; at most {MostDirectoryBytes}.", offset);
        if (offset > source.Length - length) throw Damaged($"its directory lies at bytes {offset} to {(Int128)offset + length}, but it has {source.Length}", offset);
        var bytes = new byte[length];
        await source.ReadAsync(offset, bytes, cancellationToken);
        var entries = new List<ZipEntry>();
        var at = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = Parse(bytes.AsSpan(at), i + 1, offset + at, out var size);
            at += size;
            if (!entry.IsIgnored) entries.Add(entry);
        }
        SlideObjects.CheckCount(entries.Count);
        return entries;
    }

    static async Task<(long Offset, long Length, long Count)> FindAsync(ByteSource source, CancellationToken cancellationToken)
    {
        var tail = new byte[(int)Math.Min(MostTail, source.Length)];
        var tailAt = source.Length - tail.Length;
        // Almost no archive has a comment: a block is enough, and saves a remote reader the rest.
        var near = Math.Min(tail.Length, 4096);
        await source.ReadAsync(source.Length - near, tail.AsMemory(tail.Length - near), cancellationToken);
        var end = FindEnd(tail.AsSpan(tail.Length - near));
        if (end >= 0)
        {
            end += tail.Length - near;
        }
        else
        {
            await source.ReadAsync(tailAt, tail, cancellationToken);
            end = FindEnd(tail);
        }
        if (end < 0) throw Damaged("it has no end record", source.Length);

        var record = tail.AsMemory(end, EndBytes);
        long count = UInt16(record.Span, 10), length = UInt32(record.Span, 12), offset = UInt32(record.Span, 16);
        if (end >= Locator64Bytes && UInt32(tail, end - Locator64Bytes) == Locator64Magic)
        {
            var at = UInt63(tail, end - Locator64Bytes + 8);
            if (at > source.Length - End64Bytes) throw Damaged($"its ZIP64 end record would lie at byte {at}, but it has {source.Length}", tailAt + end);
            var end64 = new byte[End64Bytes];
            await source.ReadAsync(at, end64, cancellationToken);
            if (UInt32(end64, 0) != End64Magic) throw Damaged("there is no ZIP64 end record where one is said to be", at);
            if (UInt32(end64, 16) != 0 || UInt32(end64, 20) != 0) throw Split(at);
            return (UInt63(end64, 48), UInt63(end64, 40), UInt63(end64, 32));
        }
        if (UInt16(record.Span, 4) != 0 || UInt16(record.Span, 6) != 0) throw Split(tailAt + end);
        return (offset, length, count);
    }

    // The last one whose comment ends with the archive; a comment may hold the magic too.
    static int FindEnd(ReadOnlySpan<byte> tail)
    {
        for (var at = tail.Length - EndBytes; at >= 0; at--)
            if (UInt32(tail, at) == EndMagic && at + EndBytes + UInt16(tail, at + 20) == tail.Length)
                return at;
        return -1;
    }

    static ZipEntry Parse(ReadOnlySpan<byte> bytes, int number, long at, out int size)
    {
        if (bytes.Length < EntryBytes || UInt32(bytes, 0) != EntryMagic) throw Damaged($"its directory's record {number} is no such record", at);
        int flags = UInt16(bytes, 8), nameBytes = UInt16(bytes, 28), extraBytes = UInt16(bytes, 30), commentBytes = UInt16(bytes, 32);
        size = EntryBytes + nameBytes + extraBytes + commentBytes;
        if (bytes.Length < size) throw Damaged($"its directory's record {number} is cut short", at);
        long packed = UInt32(bytes, 20), length = UInt32(bytes, 24), header = UInt32(bytes, 42);
        var extra = bytes.Slice(EntryBytes + nameBytes, extraBytes);
        ReadZip64(extra, number, at, ref length, ref packed, ref header);
        // Flag bit 11: UTF-8. Otherwise code page 437, whose letters and slashes are ASCII's.
        var encoding = (flags & 0x800) != 0 ? Encoding.UTF8 : Encoding.Latin1;
        var name = encoding.GetString(bytes.Slice(EntryBytes, nameBytes));
        return new ZipEntry(number, name, UInt16(bytes, 10), (flags & 0x2041) != 0, UInt32(bytes, 16), packed, length, header);
    }

    // §4.5.3: a value is in the extra field only where the record's own is all ones.
    static void ReadZip64(ReadOnlySpan<byte> extra, int number, long at, ref long length, ref long packed, ref long header)
    {
        for (; extra.Length >= 4; extra = extra[(4 + UInt16(extra, 2))..])
        {
            var size = UInt16(extra, 2);
            if (size > extra.Length - 4) return;
            if (UInt16(extra, 0) != 1) continue;
            var values = extra.Slice(4, size);
            Take(ref length, ref values);
            Take(ref packed, ref values);
            Take(ref header, ref values);
            return;
        }

        void Take(ref long value, ref ReadOnlySpan<byte> values)
        {
            if (value != uint.MaxValue) return;
            if (values.Length < 8) throw Damaged($"its directory's record {number} lacks a ZIP64 size", at);
            value = UInt63(values, 0);
            values = values[8..];
        }
    }

    static SlideFormatException Damaged(string why, long offset) => new($"The zip is damaged or was cut short: {why}. Copy it again.", offset);

    static SlideFormatException Split(long offset) => new("The zip is one part of a split archive. Pack the slide into one zip.", offset);

    static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    // Beyond 2⁶³ it reads as the largest long and fails every bounds check.
    static long UInt63(ReadOnlySpan<byte> bytes, int at) => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), long.MaxValue);
}
