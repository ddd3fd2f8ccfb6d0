using Slidebridge.Slides.Sources;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>
/// Opens a zip's entries as the objects of a slide, without unpacking the zip: a stored entry is a window on the archive, a deflated entry is unpacked once, when it is first read.
/// Malicious archives are refused before a byte is unpacked.
/// </summary>
static class ZipObjects
{
    public const uint LocalMagic = 0x04034B50;

    // A header that is fetched ahead brings the block around it.
    const int LocalBytes = 30, HeadBytes = 1024, BlockBytes = 64 * 1024;

    // Deflate's own limit is 1032 to 1 (zlib's documentation). Uncompressed pixels of empty glass come near it; the pixels of a whole slide do not.
    const int MostExpansion = 1040, MostExpansionOfLarge = 200;
    const long Large = 256L * 1024 * 1024;

    // The largest size that a tool can store if it does not know an entry's size in advance and does not use ZIP64.
    const long Wrap = 1L << 32;

    /// <summary>True also if a self-extracting program, or other bytes, precede the first entry.</summary>
    /// <param name="slide">An object.</param>
    /// <param name="isOnly">True if this is the only opened object: then an extra request for its end is acceptable.</param>
    /// <param name="isExact">True to read no more of its end than necessary.</param>
    /// <param name="cancellationToken">Cancels the check.</param>
    public static async Task<bool> IsZipAsync(SlideObject slide, bool isOnly, bool isExact, CancellationToken cancellationToken) =>
        IsZip(slide) || (isOnly && slide.Head.Length > 0 && ObjectKind.Of(slide).Role is ObjectRole.None or ObjectRole.Unknown && await EndsAsZipAsync(slide.Source, isExact, cancellationToken));

    static async Task<bool> EndsAsZipAsync(ByteSource source, bool isExact, CancellationToken cancellationToken)
    {
        if (await ZipEnd.FindAsync(source, isExact, cancellationToken) is not { Count: > 0 } end || end.Offset > source.Length - sizeof(uint)) return false;
        var magic = new byte[sizeof(uint)];
        await source.ReadAsync(end.Offset, magic, cancellationToken);
        return ZipBytes.UInt32(magic, 0) == ZipDirectory.EntryMagic;
    }

    public static bool IsZip(SlideObject slide) => slide.StartsWith("PK\x03\x04"u8) || slide.StartsWith("PK\x05\x06"u8);

    /// <summary>The entries and their numbers, in the archive's order. The entries keep the archive open.</summary>
    /// <exception cref="SlideFormatException">The archive is damaged, encrypted, or malicious.</exception>
    public static async Task<IReadOnlyList<(int Number, ByteSource Source)>> OpenAsync(ByteSource archive, SlideOptions options, CancellationToken cancellationToken)
    {
        var entries = await ZipDirectory.ReadAsync(archive, options.WithholdLabels, cancellationToken);
        if (entries.Count == 0) throw new SlideFormatException("The zip contains no files.", 0);
        Check(entries, archive, options);
        // All local headers and the first bytes after them, fetched together: one round trip instead of one for each.
        await archive.PrefetchAsync([.. entries.Take((int)(archive.PrefetchBytes / BlockBytes)).Select(entry => new ByteRange(entry.HeaderOffset, Math.Min(options.WithholdLabels ? ExactHead(entry) : HeadBytes, archive.Length - entry.HeaderOffset)))], cancellationToken);
        var opened = new List<(int, ByteSource)>(entries.Count);
        // Bytes that entries may unpack to beyond their stated sizes.
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

    // The local header and name are followed by extra fields or by the entry's first bytes, which show its format.
    static long ExactHead(ZipEntry entry) => LocalBytes + Math.Min(entry.RawName.Length + SlideObject.ExactBytes, entry.PackedLength);

    static void Check(IReadOnlyList<ZipEntry> entries, ByteSource archive, SlideOptions options)
    {
        Int128 unpacked = 0;
        foreach (var entry in entries)
        {
            if (entry.IsEncrypted) throw Refused(entry, "is encrypted. Pack the slide without a password");
            if (entry.Method is not (ZipEntry.Stored or ZipEntry.Deflated)) throw Refused(entry, $"is packed with method {entry.Method}; only stored (0) and deflated (8) are supported. Pack the slide without compression");
            if (entry.Method == ZipEntry.Stored && entry.PackedLength != entry.Length) throw Refused(entry, $"is stored, but has {entry.PackedLength} bytes instead of its stated {entry.Length}");
            if (entry.HeaderOffset > archive.Length - LocalBytes || entry.PackedLength > archive.Length - LocalBytes - entry.HeaderOffset)
                throw Refused(entry, $"has a stated position of bytes {entry.HeaderOffset} to {(Int128)entry.HeaderOffset + LocalBytes + entry.PackedLength}, but the zip has {archive.Length}. It is truncated: copy it again");
            if (entry.Method == ZipEntry.Stored) continue;
            var most = (Int128)entry.PackedLength * (entry.Length > Large ? MostExpansionOfLarge : MostExpansion);
            if (entry.Length > most) throw Refused(entry, $"states that its {entry.PackedLength} bytes unpack to {entry.Length}: a zip bomb");
            unpacked += entry.Length;
        }
        if (unpacked > options.MaxDownloadBytes)
            throw new SlideFormatException($"The zip's entries unpack to {unpacked} bytes; at most {options.MaxDownloadBytes} are unpacked (SlideOptions.MaxDownloadBytes). Pack the slide without compression, so that no unpacking is needed.", 0);

        // A small archive can claim any amount of data if its entries share bytes.
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
        if (ZipBytes.UInt32(header, 0) != LocalMagic) throw Refused(entry, "does not begin at the directory's offset. The zip is damaged");
        // The local header has its own name and extra fields; their lengths may differ from the directory's.
        var data = entry.HeaderOffset + LocalBytes + ZipBytes.UInt16(header, 26) + ZipBytes.UInt16(header, 28);
        if (data > archive.Length - entry.PackedLength) throw Refused(entry, $"reaches beyond the zip's {archive.Length} bytes. It is truncated: copy it again");
        var window = new WindowSource(archive, data, entry.PackedLength);
        if (entry.Method == ZipEntry.Stored) return window;
        var most = Int128.Min((Int128)entry.PackedLength * MostExpansionOfLarge, (Int128)entry.Length + room);
        var isMeasured = entry.IsZip64 || !entry.IsStreamed || most < entry.Length + Wrap;
        return new UnpackedSource(window, entry.Length, isMeasured ? entry.Length : (long)most, entry.Checksum, $"The zip's object {entry.Number}", entry.HeaderOffset, options);
    }

    static SlideFormatException Refused(ZipEntry entry, string why) => new($"The zip's object {entry.Number} {why}.", entry.HeaderOffset);
}
