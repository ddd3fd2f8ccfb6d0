namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// Corrects the offsets and sizes of an archive above 4 GB that stores them modulo 2³², as macOS writes it ("Compress" in the Finder). Its entries follow one another, and the directory follows the last entry:
/// 1. an entry's header is searched at the end of the previous entry, at the first position that its offset allows, and at further positions 4 GB apart;
/// 2. the header is found if there is a local header with the same name and method;
/// 3. the bytes between it and the next header are the entry. Its size must equal the stated size modulo 2³², except for a data descriptor.
/// An archive that does not match these rules is refused.
/// </summary>
static class WrappedEntries
{
    const long Wrap = 1L << 32;
    const int LocalBytes = 30;

    // §4.3.9: with or without its magic, with sizes of 4 or 8 bytes.
    static readonly long[] Descriptors = [0, 12, 16, 20, 24];

    /// <param name="entries">In the directory's order; offsets and sizes are modulo 2³².</param>
    /// <param name="directory">Where the directory begins.</param>
    /// <param name="source">The archive.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public static async Task<IReadOnlyList<ZipEntry>> UnwrapAsync(IReadOnlyList<ZipEntry> entries, long directory, ByteSource source, CancellationToken cancellationToken)
    {
        var whole = new List<ZipEntry>(entries.Count);
        var (header, data) = (-1L, 0L);
        foreach (var entry in entries)
        {
            var least = whole.Count == 0 ? 0 : data + entries[whole.Count - 1].PackedLength;
            // Each failed attempt moves 4 GB further, so there are few attempts in total.
            var (next, nextData) = await FindAsync(entry, least, directory, source, cancellationToken);
            if (whole.Count > 0) whole[^1] = Whole(whole[^1], data, next);
            (header, data) = (next, nextData);
            whole.Add(entry with { HeaderOffset = header });
        }
        if (whole.Count > 0) whole[^1] = Whole(whole[^1], data, directory);
        return whole;
    }

    static async Task<(long Header, long Data)> FindAsync(ZipEntry entry, long least, long directory, ByteSource source, CancellationToken cancellationToken)
    {
        var name = entry.RawName.Length;
        var header = new byte[LocalBytes + name];
        var at = entry.HeaderOffset + Math.Max(0, (least - entry.HeaderOffset + Wrap - 1) / Wrap * Wrap);
        for (; at <= directory - header.Length; at += Wrap)
        {
            await source.ReadAsync(at, header, cancellationToken);
            if (ZipBytes.UInt32(header, 0) == ZipObjects.LocalMagic && ZipBytes.UInt16(header, 8) == entry.Method && ZipBytes.UInt16(header, 26) == name && header.AsSpan(LocalBytes).SequenceEqual(entry.RawName.Span))
                return (at, at + header.Length + ZipBytes.UInt16(header, 28));
        }
        throw Contradicts(entry);
    }

    static ZipEntry Whole(ZipEntry entry, long data, long next)
    {
        var between = next - data - entry.PackedLength;
        var descriptor = between % Wrap;
        if (between < 0 || !Descriptors.Contains(descriptor) || (descriptor > 0 && !entry.IsStreamed)) throw Contradicts(entry);
        var packed = next - data - descriptor;
        if (entry.Method != ZipEntry.Stored) return entry with { PackedLength = packed };
        return (packed - entry.Length) % Wrap == 0 ? entry with { PackedLength = packed, Length = packed } : throw Contradicts(entry);
    }

    static SlideFormatException Contradicts(ZipEntry entry) => new(
        $"The zip is larger than its offsets can express (4 GB without ZIP64), and object {entry.Number} was not found at a possible offset. The zip is damaged, or its tool does not support zips of this size: pack the slide with ZIP64, or copy it without packing.", entry.HeaderOffset);
}
