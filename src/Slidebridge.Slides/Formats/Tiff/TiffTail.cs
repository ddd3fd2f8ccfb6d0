namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Finds the last directories of a chain in the last bytes of a remote slide, without following the chain to them: most writers put each
/// directory behind its own pixels, so those of small levels lie there together. A directory is told by its form, and by the one before it pointing to it.
/// </summary>
static class TiffTail
{
    // NewSubfileType or ImageWidth is the first tag of every picture; a level has about 15 fields.
    const int FewestFields = 8, MostFields = 64;

    /// <summary>Bytes at the end that are looked through: a thousandth of the slide, at least a block, at most six.</summary>
    public static int BytesOf(long length) => (int)Math.Min(length, Math.Clamp(length / 1024, 32 * 1024, 192 * 1024));

    /// <summary>The offsets of the last directories in the chain's order; fewer than two say nothing.</summary>
    public static async Task<IReadOnlyList<long>> FindAsync(TiffReader reader, CancellationToken cancellationToken)
    {
        var start = reader.Source.Length - BytesOf(reader.Source.Length);
        var tail = await reader.ReadAsync(start, BytesOf(reader.Source.Length), cancellationToken);
        var before = new Dictionary<long, long>();
        // TIFF 6.0 §2: a directory begins at a word.
        for (var at = (int)(start & 1); at < tail.Length; at += 2)
            if (Next(reader, tail.AsSpan(at)) is { } next && (next == 0 || next > start + at)) before.TryAdd(next, start + at);
        var found = new List<long>();
        for (long next = 0; before.TryGetValue(next, out var offset); next = offset) found.Insert(0, offset);
        return found;
    }

    /// <summary>Where the next directory is, if there is one here.</summary>
    static long? Next(TiffReader reader, ReadOnlySpan<byte> bytes)
    {
        var countBytes = reader.Big ? 8 : 2;
        if (bytes.Length < countBytes) return null;
        var count = reader.Big ? reader.Offset(bytes) : reader.UInt16(bytes);
        if (count is < FewestFields or > MostFields || bytes.Length < countBytes + count * reader.EntryBytes + reader.OffsetBytes) return null;
        var last = 0;
        for (var i = 0; i < count; i++)
        {
            var entry = bytes[(countBytes + i * reader.EntryBytes)..];
            int tag = reader.UInt16(entry), type = reader.UInt16(entry[2..]);
            if (tag <= last || TiffEntry.BytesOf(type) == 0 || (i == 0 && tag is not (TiffTag.NewSubfileType or TiffTag.ImageWidth))) return null;
            last = tag;
        }
        return reader.Offset(bytes[(countBytes + (int)count * reader.EntryBytes)..]);
    }
}
