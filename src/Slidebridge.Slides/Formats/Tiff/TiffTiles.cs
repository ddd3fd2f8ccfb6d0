using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>The tiles or strips of one page: found through its index, decoded by the codec of its compression.</summary>
sealed class TiffTiles : StoredTileSource
{
    readonly TiffPage page;
    readonly ITileCodec? codec;
    volatile StoredTile? storage;

    /// <summary>The tiles of a page, whether its colours lie together or in planes.</summary>
    /// <param name="page">The picture.</param>
    /// <param name="index">The level's index, or -1 for an associated image.</param>
    /// <param name="full">Level 0's page, for the downsample; the page itself for an associated image.</param>
    public static TileSource Of(TiffPage page, int index, TiffPage full) => page.Planes == 1
        ? new TiffTiles(page, index, full)
        : new PlanarTiles([.. Enumerable.Range(0, page.Planes).Select(plane => new TiffTiles(page.Plane(plane), index, full))], page.Color);

    TiffTiles(TiffPage page, int index, TiffPage full)
        : this(page, TileCodecs.Find(page.Compression), new Level(index, page.Width, page.Height, Downsample(full, page), page.TileWidth, page.TileHeight, page.Compression))
    {
    }

    TiffTiles(TiffPage page, ITileCodec? codec, Level level)
        : base(level, codec)
    {
        this.page = page;
        this.codec = codec;
    }

    ByteSource Source => page.Directory.Reader.Source;

    public override long PrefetchBytes => Source.PrefetchBytes;

    public override void CheckDecodable()
    {
        if (codec is null) throw TileCodecs.Missing(page.Compression, page.Directory.Offset);
        if (page.Unsupported is { } reason)
            throw new SlideFormatException($"{Name} is stored as {reason}. Export the slide again as 8-bit RGB.", page.Directory.Offset);
        if ((long)Level.TileWidth * Level.TileHeight > TiffPage.MostTilePixels)
            throw new SlideFormatException($"{Name} is stored in strips of {Level.TileWidth}×{Level.TileHeight}; at most {TiffPage.MostTilePixels} pixels are decoded at once. Export it tiled.", page.Directory.Offset, TiffTag.RowsPerStrip);
    }

    protected override async ValueTask<TileLocation?> LocateAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        if (page.Offsets is null || page.ByteCounts is null)
            throw new SlideFormatException($"{Name} has no index of its tiles or strips.", page.Directory.Offset, TiffTag.TileOffsets);
        var index = page.FirstTile + (long)tile.Row * Level.Columns + tile.Column;
        // Both at once: of a remote slide each may be a round trip.
        var lengths = page.ByteCounts.GetAsync(index, cancellationToken);
        var offset = await page.Offsets.GetAsync(index, cancellationToken);
        var length = await lengths;
        if (length == 0 || offset == 0) return null;
        if (offset > Source.Length - length)
            throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row}, lies at bytes {offset} to {(Int128)offset + length}, but the slide has {Source.Length}. It is damaged or was cut short: copy it again.", offset);
        // No codec here makes a tile more than about twice its decoded size; what claims more is an attack on memory.
        var decoded = (long)Level.TileWidth * Level.TileHeight * Math.Clamp(page.Samples, 1, 4);
        if (length > decoded * 2 + 65536)
            throw new SlideFormatException($"{Name}, tile {tile.Column},{tile.Row}, takes {length} bytes for {decoded} bytes of pixels. The slide is damaged.", offset);
        return new TileLocation(Source, offset, length);
    }

    protected override async ValueTask<StoredTile> DescribeAsync(TilePosition tile, CancellationToken cancellationToken)
    {
        var described = storage ??= await ReadStorageAsync(cancellationToken);
        return page.IsTiled ? described : described with { Height = VisibleHeight(tile.Row) };
    }

    async Task<StoredTile> ReadStorageAsync(CancellationToken cancellationToken) => new(
        Level.TileWidth, Level.TileHeight, page.Samples, page.Color, page.Predicted,
        page.Compression == "jpeg" ? await page.Directory.BlobAsync(TiffTag.JpegTables, cancellationToken) : default);

    static double Downsample(TiffPage full, TiffPage page) =>
        ((double)full.Width / page.Width + (double)full.Height / page.Height) / 2;
}
