namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// Reads a zip's list of entries with range requests:
/// 1. the end record gives the directory's position;
/// 2. the central directory is read at once;
/// 3. offsets and sizes that are stored modulo 2³² are corrected.
/// APPNOTE 6.3.10 §4.3.12.
/// </summary>
static class ZipDirectory
{
    public const uint EntryMagic = 0x02014B50;
    const int EntryBytes = 46;

    // 4096 entries with names and extra fields of a kilobyte each.
    const int MostDirectoryBytes = 4 * 1024 * 1024;

    /// <summary>The entries that are files.</summary>
    /// <param name="source">The archive.</param>
    /// <param name="isExact">True to read only the records.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="SlideFormatException">The archive is damaged, split, or has too many entries.</exception>
    public static async Task<IReadOnlyList<ZipEntry>> ReadAsync(ByteSource source, bool isExact, CancellationToken cancellationToken)
    {
        var end = await ZipEnd.FindAsync(source, isExact, cancellationToken) ?? throw ZipBytes.Damaged("it has no end record", source.Length);
        // Entries for folders come in addition to the objects.
        SlideObjects.CheckCount(end.Count / 2);
        if (end.Length > MostDirectoryBytes) throw new SlideFormatException($"The zip's directory has {end.Length} bytes; at most {MostDirectoryBytes} are read.", end.Offset);
        if (end.Offset > source.Length - end.Length) throw ZipBytes.Damaged($"its directory lies at bytes {end.Offset} to {(Int128)end.Offset + end.Length}, but it has {source.Length}", end.Offset);
        var bytes = new byte[end.Length];
        await source.ReadAsync(end.Offset, bytes, cancellationToken);
        IReadOnlyList<ZipEntry> entries = Parse(bytes, end);
        if (end.IsWrapped) entries = await WrappedEntries.UnwrapAsync(entries, end.Offset, source, cancellationToken);
        entries = [.. entries.Where(entry => !entry.IsIgnored)];
        SlideObjects.CheckCount(entries.Count);
        return entries;
    }

    static List<ZipEntry> Parse(ReadOnlyMemory<byte> bytes, ZipEnd end)
    {
        var entries = new List<ZipEntry>();
        var at = 0;
        for (var i = 0; i < end.Count; i++)
        {
            var entry = Parse(bytes[at..], i + 1, end.Offset + at, out var size);
            at += size;
            entries.Add(entry with { HeaderOffset = (long)Int128.Min((Int128)entry.HeaderOffset + end.Shift, long.MaxValue) });
        }
        return entries;
    }

    static ZipEntry Parse(ReadOnlyMemory<byte> record, int number, long at, out int size)
    {
        var bytes = record.Span;
        if (bytes.Length < EntryBytes || ZipBytes.UInt32(bytes, 0) != EntryMagic) throw ZipBytes.Damaged($"record {number} of its directory is invalid", at);
        int nameBytes = ZipBytes.UInt16(bytes, 28), extraBytes = ZipBytes.UInt16(bytes, 30), commentBytes = ZipBytes.UInt16(bytes, 32);
        size = EntryBytes + nameBytes + extraBytes + commentBytes;
        if (bytes.Length < size) throw ZipBytes.Damaged($"record {number} of its directory is truncated", at);
        long packed = ZipBytes.UInt32(bytes, 20), length = ZipBytes.UInt32(bytes, 24), header = ZipBytes.UInt32(bytes, 42);
        var isZip64 = ReadZip64(bytes.Slice(EntryBytes + nameBytes, extraBytes), number, at, ref length, ref packed, ref header);
        return new ZipEntry(number, record.Slice(EntryBytes, nameBytes), ZipBytes.UInt16(bytes, 10), ZipBytes.UInt16(bytes, 8), ZipBytes.UInt32(bytes, 16), packed, length, header, isZip64);
    }

    // §4.5.3: a value is in the extra field only if all bits of the record's own value are ones.
    static bool ReadZip64(ReadOnlySpan<byte> extra, int number, long at, ref long length, ref long packed, ref long header)
    {
        for (; extra.Length >= 4; extra = extra[(4 + ZipBytes.UInt16(extra, 2))..])
        {
            var size = ZipBytes.UInt16(extra, 2);
            if (size > extra.Length - 4) return false;
            if (ZipBytes.UInt16(extra, 0) != 1) continue;
            var values = extra.Slice(4, size);
            Take(ref length, ref values);
            Take(ref packed, ref values);
            Take(ref header, ref values);
            return true;
        }
        return false;

        void Take(ref long value, ref ReadOnlySpan<byte> values)
        {
            if (value != uint.MaxValue) return;
            if (values.Length < 8) throw ZipBytes.Damaged($"record {number} of its directory lacks a ZIP64 size", at);
            value = ZipBytes.UInt63(values, 0);
            values = values[8..];
        }
    }
}
