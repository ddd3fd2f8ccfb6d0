namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Reads the chain of directories and the subdirectories. They may be at the start, at the end or between the pixels; cycles are detected.
/// The first directory must be readable. If a later one is damaged, the directories before it are used, with a warning.
/// With <see cref="TiffReader.IsExact"/>, a directory takes up to three requests, for its first bytes, for its fields, and for their values (<see cref="ExactFields"/>), because the bytes after it may be a label.
/// </summary>
static class TiffDirectories
{
    // Slides have about ten; an OME-TIFF with many channels has hundreds.
    const int Most = 4096;

    // TIFF 6.0 has about 80 tags; private tags come in addition.
    const int MostEntries = 4096;

    // The fields of all directories are kept in memory: 4096 times 4096 of them would need gigabytes.
    const int MostEntriesTogether = 256 * 1024;

    // Bytes at the end that are fetched together with the first directory: a thousandth of the slide.
    const int SmallestTail = 32 * 1024, LargestTail = 192 * 1024;

    // A directory of twenty fields and the short values that follow it.
    const int DirectoryBytes = 1024;

    // Maximum levels of a pyramid: halved 31 times, the widest picture is one pixel wide.
    const int MostChildren = 32;

    public static async Task<IReadOnlyList<TiffDirectory>> ReadChainAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        var directories = new List<TiffDirectory>();
        var seen = new HashSet<long>();
        var entries = 0;
        for (var offset = reader.FirstDirectory; offset != 0;)
        {
            try
            {
                var (directory, next) = await ReadNewAsync(offset);
                directories.Add(directory.With(await ReadChildrenAsync(directory)));
                offset = next;
            }
            catch (SlideFormatException e) when (directories.Count > 0)
            {
                reader.Warnings.Add(WarningCode.StructureDamaged, $"The TIFF's directory {directories.Count + 1} and what follows it were left out: {e.Message}");
                break;
            }
        }
        if (directories.Count == 0) throw new SlideFormatException("The TIFF has no directory. Its writer was probably interrupted: scan or export the slide again.", 4);
        return directories;

        // An offset of zero points to nothing: some writers reserve the field and do not use it.
        async Task<List<TiffDirectory>> ReadChildrenAsync(TiffDirectory directory)
        {
            var children = new List<TiffDirectory>();
            try
            {
                foreach (var child in await ChildrenAsync(directory, cancellationToken))
                    if (child != 0) children.Add((await ReadNewAsync(child)).Directory);
            }
            catch (SlideFormatException e)
            {
                reader.Warnings.Add(WarningCode.StructureDamaged, $"Smaller pictures under the TIFF's directory {directories.Count + 1} were left out: {e.Message}");
            }
            return children;
        }

        async Task<(TiffDirectory Directory, long Next)> ReadNewAsync(long offset)
        {
            if (!seen.Add(offset)) throw new SlideFormatException($"The TIFF's directories form a cycle at byte {offset}. The slide is damaged.", offset);
            if (seen.Count > Most) throw new SlideFormatException($"The TIFF has more than {Most} directories.", offset);
            var read = await ReadAsync(reader, offset, cancellationToken);
            if ((entries += read.Directory.Count) > MostEntriesTogether) throw new SlideFormatException($"The TIFF's directories have more than {MostEntriesTogether} fields in total.", offset);
            return read;
        }
    }

    /// <summary>
    /// Each directory contains only the position of the next one, so for a remote slide each separate directory costs a round trip. The first directory, and the last bytes,
    /// which contain the directories of small levels, are fetched in one round trip.
    /// </summary>
    public static async ValueTask PrefetchAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        var source = reader.Source;
        if (reader.IsExact) return;
        var tail = source.Length - Math.Clamp(source.Length / 1024, SmallestTail, LargestTail);
        if (source.PrefetchBytes < source.Length - tail + DirectoryBytes || tail < 0 || reader.FirstDirectory > source.Length - DirectoryBytes) return;
        await source.PrefetchAsync([new ByteRange(reader.FirstDirectory, DirectoryBytes), new ByteRange(tail, source.Length - tail)], cancellationToken);
    }

    static async Task<long[]> ChildrenAsync(TiffDirectory directory, CancellationToken cancellationToken)
    {
        if (directory.Entry(TiffTag.SubIfds) is not { } entry) return [];
        if (entry.Count > MostChildren) throw new SlideFormatException($"{TiffTag.Name(TiffTag.SubIfds)} has {entry.Count} values; at most {MostChildren} are read.", directory.Offset, TiffTag.SubIfds);
        return await directory.IntegersAsync(TiffTag.SubIfds, MostChildren, cancellationToken);
    }

    /// <summary>Reads one directory and the offset of the next; also for the directories in <see cref="TiffTag.SubIfds"/>.</summary>
    public static async Task<(TiffDirectory Directory, long Next)> ReadAsync(TiffReader reader, long offset, CancellationToken cancellationToken)
    {
        var countBytes = reader.Big ? 8 : 2;
        // One round trip, even if the directory lies in two blocks.
        if (reader.IsExact) await PrefetchHeadAsync(reader, offset, cancellationToken);
        else if (reader.Source.PrefetchBytes > 0 && offset >= 0 && offset < reader.Source.Length)
            await reader.Source.PrefetchAsync([new ByteRange(offset, (int)Math.Min(DirectoryBytes, reader.Source.Length - offset))], cancellationToken);
        var head = await reader.ReadAsync(offset, countBytes, cancellationToken);
        var count = reader.Big ? reader.Offset(head) : reader.UInt16(head);
        if (count is < 1 or > MostEntries)
            throw new SlideFormatException($"The directory at byte {offset} states {count} fields; expected 1 to {MostEntries}.", offset);

        var body = await reader.ReadAsync(offset + countBytes, (int)count * reader.EntryBytes + reader.OffsetBytes, cancellationToken);
        var entries = new Dictionary<int, TiffEntry>();
        for (var i = 0; i < count; i++)
        {
            var entry = Parse(reader, body.AsMemory(i * reader.EntryBytes, reader.EntryBytes));
            // Unknown types are skipped, as TIFF 6.0 §2 requires; of two equal tags the first is used.
            if (entry.ValueBytes > 0 && entry.Count > 0) entries.TryAdd(entry.Tag, entry);
        }
        var (directory, next) = (new TiffDirectory(reader, offset, entries, (int)count), reader.Offset(body.AsSpan((int)count * reader.EntryBytes)));
        if (reader.IsExact) await ExactFields.PrefetchAsync(directory, HeadOf(reader, next), cancellationToken);
        return (directory, next);
    }

    // The count, one field (a directory has at least one), and the next offset.
    static ByteRange HeadOf(TiffReader reader, long offset) => new(offset, (reader.Big ? 8 : 2) + reader.EntryBytes + reader.OffsetBytes);

    static ValueTask PrefetchHeadAsync(TiffReader reader, long offset, CancellationToken cancellationToken) =>
        HeadOf(reader, offset) is var head && offset >= 0 && offset <= reader.Source.Length - head.Length ? reader.Source.PrefetchAsync([head], cancellationToken) : default;

    static TiffEntry Parse(TiffReader reader, ReadOnlyMemory<byte> bytes)
    {
        var span = bytes.Span;
        int tag = reader.UInt16(span), type = reader.UInt16(span[2..]);
        var count = reader.Offset(span[4..]);
        var value = bytes[(4 + reader.OffsetBytes)..];
        var inline = (Int128)count * TiffEntry.BytesOf(type) <= reader.OffsetBytes;
        return new TiffEntry(tag, type, count, value, inline ? -1 : reader.Offset(value.Span));
    }
}
