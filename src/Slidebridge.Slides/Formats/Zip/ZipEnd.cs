namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// The position of a zip's directory, from the record at its end. APPNOTE 6.3.10 §4.3.14 to §4.3.16. The directory also ends where this record begins; if the two positions differ, the latter is used:
/// offsets may not count a self-extracting program at the start, and macOS writes archives above 4 GB without ZIP64, with offsets and sizes modulo 2³².
/// </summary>
/// <param name="Offset">The directory's offset.</param>
/// <param name="Length">The directory's length in bytes.</param>
/// <param name="Count">The number of entries, as far as the record can express it.</param>
/// <param name="Shift">Bytes before the archive that its offsets do not count.</param>
/// <param name="IsWrapped">True if offsets and sizes are modulo 2³².</param>
sealed record ZipEnd(long Offset, long Length, long Count, long Shift, bool IsWrapped)
{
    const uint EndMagic = 0x06054B50, End64Magic = 0x06064B50, Locator64Magic = 0x07064B50;
    const int EndBytes = 22, Locator64Bytes = 20, End64Bytes = 56;

    // A comment of up to 65535 bytes may follow the end record; the ZIP64 locator precedes it.
    const int MostTail = EndBytes + ushort.MaxValue + Locator64Bytes;

    // Almost no archive has a comment: reading one block is usually enough, and saves a remote reader the rest.
    const int NearTail = 4096;

    /// <summary>Null if there is no end record.</summary>
    /// <param name="source">The archive.</param>
    /// <param name="isExact">True to read no more than the record if no comment follows it: the bytes before the directory may be a label.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    /// <exception cref="SlideFormatException">The archive is split, or its end record is wrong.</exception>
    public static async Task<ZipEnd?> FindAsync(ByteSource source, bool isExact, CancellationToken cancellationToken)
    {
        if (isExact && await FindLastAsync(source, cancellationToken) is { } last) return last;
        foreach (var most in (int[])[NearTail, MostTail])
        {
            var tail = new byte[(int)Math.Min(most, source.Length)];
            await source.ReadAsync(source.Length - tail.Length, tail, cancellationToken);
            if (RecordIn(tail) is >= 0 and var at && (at >= Locator64Bytes || tail.Length == source.Length)) return await ReadAsync(source, tail, at, cancellationToken);
        }
        return null;
    }

    /// <summary>The record if it is the archive's last bytes; otherwise null. Before it is the ZIP64 locator, or the directory's end.</summary>
    static async Task<ZipEnd?> FindLastAsync(ByteSource source, CancellationToken cancellationToken)
    {
        if (source.Length < EndBytes) return null;
        var tail = new byte[(int)Math.Min(Locator64Bytes + EndBytes, source.Length)];
        var record = tail.Length - EndBytes;
        await source.ReadAsync(source.Length - EndBytes, tail.AsMemory(record), cancellationToken);
        if (RecordIn(tail.AsSpan(record)) < 0) return null;
        await source.ReadAsync(source.Length - tail.Length, tail.AsMemory(0, record), cancellationToken);
        return await ReadAsync(source, tail, record, cancellationToken);
    }

    // The last record whose comment ends with the archive; a comment may contain the magic too.
    static int RecordIn(ReadOnlySpan<byte> tail)
    {
        for (var at = tail.Length - EndBytes; at >= 0; at--)
            if (ZipBytes.UInt32(tail, at) == EndMagic && at + EndBytes + ZipBytes.UInt16(tail, at + 20) == tail.Length)
                return at;
        return -1;
    }

    static async Task<ZipEnd> ReadAsync(ByteSource source, byte[] tail, int record, CancellationToken cancellationToken)
    {
        var at = source.Length - tail.Length + record;
        if (record >= Locator64Bytes && ZipBytes.UInt32(tail, record - Locator64Bytes) == Locator64Magic)
            return await Read64Async(source, ZipBytes.UInt63(tail, record - Locator64Bytes + 8), at - Locator64Bytes, cancellationToken);
        if (ZipBytes.UInt16(tail, record + 4) != 0 || ZipBytes.UInt16(tail, record + 6) != 0) throw Split(at);
        long count = ZipBytes.UInt16(tail, record + 10), length = ZipBytes.UInt32(tail, record + 12), offset = ZipBytes.UInt32(tail, record + 16);
        return await PlaceAsync(source, at, new ZipEnd(offset, length, count, 0, false), cancellationToken);
    }

    static async Task<ZipEnd> Read64Async(ByteSource source, long stated, long locator, CancellationToken cancellationToken)
    {
        var record = new byte[End64Bytes];
        // At the stated position, or directly before its locator.
        foreach (var at in (long[])[stated, locator - End64Bytes])
        {
            if (at < 0 || at > source.Length - End64Bytes) continue;
            await source.ReadAsync(at, record, cancellationToken);
            if (ZipBytes.UInt32(record, 0) != End64Magic) continue;
            if (ZipBytes.UInt32(record, 16) != 0 || ZipBytes.UInt32(record, 20) != 0) throw Split(at);
            return await PlaceAsync(source, at, new ZipEnd(ZipBytes.UInt63(record, 48), ZipBytes.UInt63(record, 40), ZipBytes.UInt63(record, 32), 0, false) { Is64 = true }, cancellationToken);
        }
        throw ZipBytes.Damaged($"there is no ZIP64 end record at its stated position, byte {stated}", locator);
    }

    bool Is64 { get; init; }

    /// <summary>The directory ends where the end record begins. If its stated position differs, the bytes at that position decide.</summary>
    static async Task<ZipEnd> PlaceAsync(ByteSource source, long record, ZipEnd end, CancellationToken cancellationToken)
    {
        var (at, before) = (record - end.Length, record - end.Length - end.Offset);
        if (end.Length < sizeof(uint) || at <= end.Offset || at < 0) return end;
        var magic = new byte[sizeof(uint)];
        await source.ReadAsync(at, magic, cancellationToken);
        if (ZipBytes.UInt32(magic, 0) != ZipDirectory.EntryMagic) return end;
        return !end.Is64 && before % (1L << 32) == 0 ? end with { Offset = at, IsWrapped = true } : end with { Offset = at, Shift = before };
    }

    static SlideFormatException Split(long offset) => new("The zip is one part of a split archive. Pack the slide into one zip.", offset);
}
