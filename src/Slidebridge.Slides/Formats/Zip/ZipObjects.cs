using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// Opens a zip's entries as the objects of a slide, in place: a stored entry is a window on the archive, a deflated one is unpacked once when it is first read.
/// What could do harm is refused before a byte is unpacked.
/// </summary>
static class ZipObjects
{
    public const uint LocalMagic = 0x04034B50;

    // A header that is fetched ahead brings the block around it.
    const int LocalBytes = 30, HeadBytes = 1024, BlockBytes = 64 * 1024;

    // Deflate's own limit is 1032 to 1 (zlib's documentation). Uncompressed pixels of empty glass come near it, pixels of a slide do not.
    const int MostExpansion = 1040, MostExpansionOfLarge = 200;
    const long Large = 256L * 1024 * 1024;

    // What a tool that does not know an entry's size beforehand, nor ZIP64, can say of it.
    const long Wrap = 1L << 32;

    /// <summary>Also where a program that unpacks it, or anything else, stands before the first entry.</summary>
    /// <param name="slide">An object.</param>
    /// <param name="isOnly">It is all that was opened: then a request for its end is worth it.</param>
    /// <param name="cancellationToken">Stops the look.</param>
    public static async Task<bool> IsZipAsync(SlideObject slide, bool isOnly, CancellationToken cancellationToken) =>
        IsZip(slide) || (isOnly && slide.Head.Length > 0 && ObjectKind.Of(slide).Role is ObjectRole.None or ObjectRole.Unknown && await EndsAsZipAsync(slide.Source, cancellationToken));

    static async Task<bool> EndsAsZipAsync(ByteSource source, CancellationToken cancellationToken)
    {
        if (await ZipEnd.FindAsync(source, cancellationToken) is not { Count: > 0 } end || end.Offset > source.Length - sizeof(uint)) return false;
        var magic = new byte[sizeof(uint)];
        await source.ReadAsync(end.Offset, magic, cancellationToken);
        return ZipBytes.UInt32(magic, 0) == ZipDirectory.EntryMagic;
    }

    public static bool IsZip(SlideObject slide) => slide.StartsWith("PK\x03\x04"u8) || slide.StartsWith("PK\x05\x06"u8);

    /// <summary>The entries and their numbers, in the archive's order. The archive itself stays open under them.</summary>
    /// <exception cref="SlideFormatException">The archive is damaged, encrypted, or made to do harm.</exception>
    public static async Task<IReadOnlyList<(int Number, ByteSource Source)>> OpenAsync(ByteSource archive, SlideOptions options, CancellationToken cancellationToken)
    {
        var entries = await ZipDirectory.ReadAsync(archive, cancellationToken);
        if (entries.Count == 0) throw new SlideFormatException("The zip holds no files.", 0);
        Check(entries, archive, options);
        // Headers and the first bytes of what follows, fetched together: a round trip for all instead of one for each.
        await archive.PrefetchAsync([.. entries.Take((int)(archive.PrefetchBytes / BlockBytes)).Select(entry => new ByteRange(entry.HeaderOffset, Math.Min(HeadBytes, archive.Length - entry.HeaderOffset)))], cancellationToken);
        var opened = new List<(int, ByteSource)>(entries.Count);
        // What entries may unpack to beyond what they say.
        var room = options.MaxDownloadBytes - entries.Where(entry => entry.Method == ZipEntry.Deflated).Sum(entry => entry.Length);
        try
        {
            foreach (var entry in entries)
            {
                var source = await OpenAsync(entry, archive, room, options, cancellationToken);
                opened.Add((entry.Number, source));
                if (source is UnpackedSource { IsMeasured: false } unpacked) room -= await unpacked.MeasureAsync(cancellationToken) - entry.Length;
            }
            return opened;
        }
        catch
        {
            await SlideObjects.CloseAsync(opened.Select(each => each.Item2));
            throw;
        }
    }

    static void Check(IReadOnlyList<ZipEntry> entries, ByteSource archive, SlideOptions options)
    {
        Int128 unpacked = 0;
        foreach (var entry in entries)
        {
            if (entry.IsEncrypted) throw Refused(entry, "is encrypted. Pack the slide without a password");
            if (entry.Method is not (ZipEntry.Stored or ZipEntry.Deflated)) throw Refused(entry, $"is packed by method {entry.Method}; stored (0) and deflated (8) are read. Pack the slide without compression");
            if (entry.Method == ZipEntry.Stored && entry.PackedLength != entry.Length) throw Refused(entry, $"is stored, but takes {entry.PackedLength} bytes for {entry.Length}");
            if (entry.HeaderOffset > archive.Length - LocalBytes || entry.PackedLength > archive.Length - LocalBytes - entry.HeaderOffset)
                throw Refused(entry, $"would lie at bytes {entry.HeaderOffset} to {(Int128)entry.HeaderOffset + LocalBytes + entry.PackedLength}, but the zip has {archive.Length}. It was cut short: copy it again");
            if (entry.Method == ZipEntry.Stored) continue;
            var most = (Int128)entry.PackedLength * (entry.Length > Large ? MostExpansionOfLarge : MostExpansion);
            if (entry.Length > most) throw Refused(entry, $"promises {entry.Length} bytes from {entry.PackedLength}: a zip bomb");
            unpacked += entry.Length;
        }
        if (unpacked > options.MaxDownloadBytes)
            throw new SlideFormatException($"The zip's entries unpack to {unpacked} bytes; at most {options.MaxDownloadBytes} (SlideOptions.MaxDownloadBytes). Pack the slide without compression: then it is read in place.", 0);

        // Entries that share bytes are how a small archive holds any amount.
        ZipEntry? before = null;
        foreach (var entry in entries.OrderBy(entry => entry.HeaderOffset))
        {
            if (before is not null && entry.HeaderOffset < before.HeaderOffset + LocalBytes + before.PackedLength) throw Refused(entry, $"overlaps object {before.Number}: a zip bomb");
            before = entry;
        }
    }

    static async Task<ByteSource> OpenAsync(ZipEntry entry, ByteSource archive, long room, SlideOptions options, CancellationToken cancellationToken)
    {
        var header = new byte[LocalBytes];
        await archive.ReadAsync(entry.HeaderOffset, header, cancellationToken);
        if (ZipBytes.UInt32(header, 0) != LocalMagic) throw Refused(entry, "does not begin where the directory says. The zip is damaged");
        // The local header has its own name and extra fields: their lengths may differ from the directory's.
        var data = entry.HeaderOffset + LocalBytes + ZipBytes.UInt16(header, 26) + ZipBytes.UInt16(header, 28);
        if (data > archive.Length - entry.PackedLength) throw Refused(entry, $"reaches beyond the zip's {archive.Length} bytes. It was cut short: copy it again");
        var window = new WindowSource(archive, data, entry.PackedLength);
        if (entry.Method == ZipEntry.Stored) return window;
        var most = Int128.Min((Int128)entry.PackedLength * MostExpansionOfLarge, (Int128)entry.Length + room);
        var isMeasured = entry.IsZip64 || !entry.IsStreamed || most < entry.Length + Wrap;
        return new UnpackedSource(window, entry.Length, isMeasured ? entry.Length : (long)most, entry.Checksum, $"The zip's object {entry.Number}", entry.HeaderOffset, options);
    }

    static SlideFormatException Refused(ZipEntry entry, string why) => new($"The zip's object {entry.Number} {why}.", entry.HeaderOffset);
}
