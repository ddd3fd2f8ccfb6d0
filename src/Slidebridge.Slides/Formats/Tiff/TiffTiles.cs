using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The tiles or strips of one page: located through its index, decoded by the codec of its compression.</summary>
sealed class TiffTiles : StoredTileSource
{
    readonly TiffPage page;
    readonly ITileCodec? codec;
    readonly TiffTileIndex index;
    volatile StoredTile? storage;

    /// <summary>The tiles of a page, with interleaved or planar colours.</summary>
    /// <param name="page">The picture.</param>
    /// <param name="index">The level's index, or -1 for an associated image.</param>
    /// <param name="full">Level 0's page, for the downsample; the page itself for an associated image.</param>
    public static TileSource Of(TiffPage page, int index, TiffPage full) => page.Planes == 1
        ? LargeTiles.Of(new TiffTiles(page, index, full))
        : new PlanarTiles([.. Enumerable.Range(0, page.Planes).Select(plane => new TiffTiles(page.Plane(plane), index, full))], page.Color);

    TiffTiles(TiffPage page, int index, TiffPage full)
        : this(page, TileCodecs.Find(page.Compression), new Level(index, page.Width, page.Height, Downsample(full, page), page.TileWidth, page.TileHeight, page.Compression))
    {
    }

    TiffTiles(TiffPage page, ITileCodec? codec, Level level)
        : base(level, codec, page.Directory.Reader.Warnings)
    {
        this.page = page;
        this.codec = codec;
        index = new TiffTileIndex(page, Name);
    }

    ByteSource Source => page.Directory.Reader.Source;

    public override bool IsDoubtfulWithoutTiles => true;

    public override long PrefetchBytes => Source.PrefetchBytes;

    public override void CheckDecodable()
    {
        if (codec is null) throw TileCodecs.Missing(page.Compression, page.Directory.Offset);
        if (page.Unsupported is { } reason)
            throw new SlideFormatException($"{Name} is stored as {reason}. Export the slide again as 8-bit RGB.", page.Directory.Offset);
        CheckSize(page.Directory.Offset, TiffTag.RowsPerStrip);
    }

    public override async ValueTask PrefetchIndexAsync(long mostBytes, CancellationToken cancellationToken)
    {
        if (PrefetchBytes == 0) return;
        List<ByteRange> places = [.. new[] { page.Offsets, page.ByteCounts }.OfType<TiffArray>().Select(array => array.Place).Where(place => place.Length > 0)];
        if (places.Sum(place => place.Length) <= mostBytes) await Source.PrefetchAsync(places, cancellationToken);
    }

    protected override int Unwrap(Span<byte> bytes)
    {
        if (page.IsReversed)
            foreach (ref var value in bytes) value = (byte)((value * 0x0202020202UL & 0x010884422010UL) % 1023); // Reverses a byte's bits.
        return bytes.Length;
    }

    protected override ValueTask<TileLocation?> LocateAsync(TilePosition tile, CancellationToken cancellationToken) =>
        index.FindAsync(tile, Level.Columns, (long)Level.TileWidth * (page.IsTiled ? Level.TileHeight : VisibleHeight(tile.Row)) * Math.Clamp(page.Samples, 1, 4), cancellationToken);

    protected override async ValueTask<StoredTile> DescribeAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        var described = storage ??= await ReadStorageAsync(cancellationToken);
        // The last strip has fewer rows; a JPEG may be padded to the height of the other strips.
        return page.IsTiled ? described : described with { Height = VisibleHeight(tile.Row), PaddedHeight = Level.TileHeight };
    }

    async Task<StoredTile> ReadStorageAsync(CancellationToken cancellationToken)
    {
        // Not read when the slide is opened: the field lies behind the index of the tiles.
        if (await page.Directory.IntegerAsync(TiffTag.SampleFormat, cancellationToken) is not (null or TiffPage.UnsignedSamples) and var format)
            throw new SlideFormatException($"{Name} is stored as sample format {format}; expected {TiffPage.UnsignedSamples} (unsigned). Export the slide again as 8-bit RGB.", page.Directory.Offset, TiffTag.SampleFormat);
        var tables = page.Compression == "jpeg" ? await page.Directory.BlobAsync(TiffTag.JpegTables, cancellationToken) : default;
        return new(Level.TileWidth, Level.TileHeight, page.Samples, page.Color, page.Predicted, tables)
        {
            IsTransformed = page.HasVendorColor ? null : false,
            IsSubsampled = page.Compression != "jpeg" || page.Color != StoredColor.YCbCr || await TiffPage.HasWholeChromaAsync(page.Directory, cancellationToken) ? false
                : page.Directory.Has(TiffTag.YCbCrSubsampling) ? true : null,
        };
    }

    static double Downsample(TiffPage full, TiffPage page) =>
        ((double)full.Width / page.Width + (double)full.Height / page.Height) / 2;
}
