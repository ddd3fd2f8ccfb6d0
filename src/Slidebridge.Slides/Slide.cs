using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;
using Slidebridge.Slides.Sources;
using Slidebridge.Slides.Tiles;

namespace Slidebridge.Slides;

/// <summary>A whole-slide image: a pyramid of tiled levels, read piece by piece. Safe for concurrent readers.</summary>
/// <remarks>If the slide is disposed during a read, the read fails with <see cref="ObjectDisposedException"/>.</remarks>
public sealed partial class Slide : IAsyncDisposable
{
    readonly IReadOnlyList<ByteSource> sources, objects;
    readonly SlideContent content;
    readonly SlideOptions options;
    readonly SlideWarnings warnings;
    readonly SlideLifetime lifetime = new();
    readonly Thumbnails thumbnails;
    TileGrid? firstGrid;
    TissueMask? tissueAhead;
    bool isFirstGridOfTissue;

    /// <summary>Takes ownership of the sources and of the content's resources.</summary>
    /// <param name="sources">All sources, including entries of archives, in the order in which they are closed.</param>
    /// <param name="objects">The sources that the caller gave, in this order.</param>
    /// <param name="content">What the format found in them.</param>
    /// <param name="options">The caller's options.</param>
    /// <param name="warnings">The list that grows while the slide is read.</param>
    internal Slide(IReadOnlyList<ByteSource> sources, IReadOnlyList<ByteSource> objects, SlideContent content, SlideOptions options, SlideWarnings warnings)
    {
        this.sources = sources;
        this.objects = objects;
        this.content = content;
        this.options = options;
        this.warnings = warnings;
        Levels = [.. content.Levels.Select(tiles => tiles.Level)];
        AssociatedImages = content.AssociatedImages.ToDictionary(
            image => image.Key,
            image => new AssociatedImage(
                image.Key, image.Value.Level.Width, image.Value.Level.Height, image.Value.Level.Compression,
                options.WithholdLabels && SlideWithheldException.Concerns(image.Key)
                    ? _ => Task.FromException<Raster>(SlideWithheldException.Of(image.Key))
                    : token => lifetime.RunAsync(inner => ReadWholeAsync(image.Value, inner), token)));
        Parts = [.. content.Parts.Select(PartOf)];
        thumbnails = new Thumbnails(content, Concurrency, warnings);
    }

    /// <summary>The format's stable name: <c>aperio-svs</c>, <c>generic-tiff</c>, <c>dicom-wsi</c>.</summary>
    public string Format => content.Format;

    /// <summary>Level-0 pixels.</summary>
    public int Width => Levels[0].Width;

    /// <summary>Level-0 pixels.</summary>
    public int Height => Levels[0].Height;

    /// <summary>At least one level, the largest first.</summary>
    public IReadOnlyList<Level> Levels { get; }

    /// <summary>The size of a level-0 pixel; null if the slide does not state it, or states an impossible value.</summary>
    public MicronsPerPixel? Mpp => content.Mpp;

    /// <summary>The objective's magnification, such as 20 or 40; null if the slide does not state it.</summary>
    public double? ObjectivePower => content.ObjectivePower;

    /// <summary>The scanned part; null if the format does not state it.</summary>
    public SlideBounds? Bounds => content.Bounds;

    /// <summary>The optical paths that can be chosen with <see cref="SlideOptions.OpticalPath"/>; empty if the format has no optical paths.</summary>
    public IReadOnlyList<OpticalPath> OpticalPaths => content.OpticalPaths;

    /// <summary>The depths that can be chosen with <see cref="SlideOptions.FocalPlane"/>; empty if the format has no focal planes.</summary>
    public IReadOnlyList<FocalPlane> FocalPlanes => content.FocalPlanes;

    /// <summary>The scanner's metadata, not interpreted: <c>aperio.AppMag</c>, <c>tiff.ImageDescription</c>. May contain patient data.</summary>
    public IReadOnlyDictionary<string, string> Properties => content.Properties;

    /// <summary>The associated images by name: <c>thumbnail</c>, <c>label</c>, <c>macro</c>.</summary>
    public IReadOnlyDictionary<string, AssociatedImage> AssociatedImages { get; }

    /// <summary>What was repaired, skipped or doubtful so far in this slide. The list grows while the slide is read. It never contains patient data.</summary>
    public IReadOnlyList<SlideWarning> Warnings => warnings.All;

    /// <summary>The requests and bytes that reading this slide has needed so far.</summary>
    public SourceUsage Usage => new(sources.Sum(source => source.Usage.Requests), sources.Sum(source => source.Usage.BytesRead));

    /// <summary>The objects (files, URLs) that the slide was opened from, in the given order, with the bytes that were fetched of each so far. An archive is one object. Also valid after the slide is disposed.</summary>
    /// <remarks>If OpenSlide reads a local file, which of its bytes it reads is not known: the whole file counts. Other files that OpenSlide reads beside it are not listed.</remarks>
    public IReadOnlyList<SlideObjectUsage> Objects => [.. objects.Select((source, index) => new SlideObjectUsage(index + 1, source.Length, source.Version, content.IsReadElsewhere ? [new ByteRange(0, source.Length)] : ByteRanges.Merge(source.Fetched)))];

    /// <summary>Where the associated images lie in the objects, as far as it is known. Empty if the slide is read through OpenSlide. With <see cref="SlideOptions.WithholdLabels"/>, all labels and macro pictures are listed; without it, those whose place the opening shows.</summary>
    public IReadOnlyList<SlidePart> Parts { get; }

    /// <summary>Pixels of the slide's levels that were decoded for readers so far; thumbnails and associated images are not counted.</summary>
    public long PixelsDecoded => content.Levels.Sum(level => level.PixelsDecoded);

    int Concurrency => options.Concurrency > 0 ? options.Concurrency : sources.Max(source => source.PreferredConcurrency);

    /// <summary>The smallest level with at least the detail of <paramref name="downsample"/>; level 0 for values below 1. The same rule as OpenSlide's.</summary>
    public int BestLevelForDownsample(double downsample)
    {
        for (var level = Levels.Count - 1; level > 0; level--)
            if (Levels[level].Downsample <= downsample)
                return level;
        return 0;
    }

    /// <summary>Reads a region into <paramref name="destination"/>: row-major, rows without padding.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level, or a size is negative.</exception>
    /// <exception cref="ArgumentException">The destination is too small.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task ReadRegionAsync(Region region, Memory<byte> destination, PixelFormat format, CancellationToken cancellationToken = default)
    {
        var tiles = CheckLevel(region.Level);
        ArgumentOutOfRangeException.ThrowIfNegative(region.Width);
        ArgumentOutOfRangeException.ThrowIfNegative(region.Height);
        var bytes = (Int128)region.Width * region.Height * format.BytesPerPixel();
        if (destination.Length < bytes)
            throw new ArgumentException($"A region of {region.Width}×{region.Height} {format} needs {bytes} bytes; the destination has {destination.Length}.", nameof(destination));
        var target = new PixelTarget(destination, region.Width * format.BytesPerPixel(), region.Width, region.Height, format);
        var (x, y) = (ToLevel(region.X, tiles.Level), ToLevel(region.Y, tiles.Level));
        return lifetime.RunAsync(async token => { await FillAsync(tiles, x, y, target, token); return true; }, cancellationToken);
    }

    /// <summary>Reads a region into a new raster.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level, a size is below 1, or the region has more pixels than <see cref="SlideOptions.MaxRegionPixels"/>.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public async Task<Raster> ReadRegionAsync(Region region, PixelFormat format = PixelFormat.Rgb24, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(region.Width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(region.Height);
        CheckLevel(region.Level);
        var pixels = (long)region.Width * region.Height;
        if (pixels > options.MaxRegionPixels)
            throw new ArgumentOutOfRangeException(nameof(region), $"A region of {region.Width}×{region.Height} has {pixels} pixels; at most {options.MaxRegionPixels} are allowed (SlideOptions.MaxRegionPixels). Read it in parts.");
        var raster = new byte[pixels * format.BytesPerPixel()];
        await ReadRegionAsync(region, raster, format, cancellationToken);
        return new Raster(region.Width, region.Height, format, raster);
    }

    /// <summary>Reads one stored tile, cropped to the level's edge.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such level, column or row.</exception>
    /// <exception cref="SlideFormatException">The tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task<Raster> ReadTileAsync(int level, int column, int row, PixelFormat format = PixelFormat.Rgb24, CancellationToken cancellationToken = default)
    {
        var tiles = CheckLevel(level);
        ArgumentOutOfRangeException.ThrowIfNegative(column);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(column, tiles.Level.Columns);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, tiles.Level.Rows);
        int width = tiles.VisibleWidth(column), height = tiles.VisibleHeight(row);
        return lifetime.RunAsync(async token =>
        {
            tiles.CheckDecodable();
            var raster = new Raster(width, height, format, new byte[width * height * format.BytesPerPixel()]);
            await tiles.DecodeAsync(new(column, row), 1, new PixelTarget(raster.Pixels, width * format.BytesPerPixel(), width, height, format), token);
            return raster;
        }, cancellationToken);
    }

    /// <summary>The layout of a grid on this slide: the number of tiles, and the actual resolution.</summary>
    /// <exception cref="ArgumentException">The grid is invalid, or does not fit this slide.</exception>
    /// <exception cref="InvalidOperationException">The grid requests an mpp, but the slide does not state its own.</exception>
    /// <exception cref="SlideResolutionException">The grid requests more than twice the slide's detail, without <see cref="TileGrid.AllowUpsampling"/>.</exception>
    public TileLayout LayOutTiles(TileGrid grid)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var plan = PlanTiles(grid);
        MicronsPerPixel? mpp = Mpp is { } own ? new(own.X * plan.Downsample, own.Y * plan.Downsample) : null;
        return new TileLayout(plan.Columns, plan.Rows, plan.Count(), plan.Pixels.Tiles.Level.Index, plan.Downsample, mpp, plan.IsScaled);
    }

    /// <summary>
    /// Reads a grid of tiles, decoded in parallel ahead of the caller and in bounded memory. For a remote slide, the next bytes are fetched
    /// while the current tiles are decoded. If no level has the grid's resolution, tiles are scaled from the next larger level: by the JPEG decoder as far as possible,
    /// the rest by the mean of the area.
    /// </summary>
    /// <param name="grid">Tile size, resolution, order, and whether only tissue is read.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The tiles. Dispose each one when its pixels are no longer needed. Leaving the loop early ends the reading.</returns>
    /// <exception cref="ArgumentException">The grid is invalid, or does not fit this slide.</exception>
    /// <exception cref="InvalidOperationException">The grid requests an mpp, but the slide does not state its own.</exception>
    /// <exception cref="SlideResolutionException">The grid requests more than twice the slide's detail, without <see cref="TileGrid.AllowUpsampling"/>.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public IAsyncEnumerable<SlideTile> ReadTilesAsync(TileGrid grid, CancellationToken cancellationToken = default) => ReadTilesAsync(grid, PooledTileMemory.Shared, cancellationToken);

    /// <summary><see cref="ReadTilesAsync(TileGrid, CancellationToken)"/> into the caller's memory.</summary>
    /// <param name="grid">Tile size, resolution, order, and whether only tissue is read.</param>
    /// <param name="memory">Provides the memory for each tile.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public IAsyncEnumerable<SlideTile> ReadTilesAsync(TileGrid grid, ITileMemory memory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentNullException.ThrowIfNull(memory);
        var plan = PlanTiles(grid);
        // Without the mask, which takes megabytes.
        if (Interlocked.CompareExchange(ref firstGrid, grid with { Mask = null }, null) is null) isFirstGridOfTissue = grid.Mask is not null;
        return TileReader.ReadAsync(plan, memory, lifetime, plan.Concurrency > 0 ? plan.Concurrency : Concurrency, cancellationToken);
    }

    /// <summary>The grid of the first <see cref="ReadTilesAsync(TileGrid, CancellationToken)"/>, without its mask; null if there was none.</summary>
    public TileGrid? FirstGrid => firstGrid;

    /// <summary>The first grid had a <see cref="TileGrid.Mask"/>.</summary>
    public bool IsFirstGridOfTissue => isFirstGridOfTissue;

    /// <summary>
    /// Fetches what a grid's first tiles need, the index and some hundred kilobytes, into the cache: <see cref="ReadTilesAsync(TileGrid, CancellationToken)"/> then begins without waiting for a server.
    /// Adds no warning. For a slide on this machine it only finds the tissue.
    /// </summary>
    /// <param name="grid">The grid that will be read.</param>
    /// <param name="ofTissue">Only tiles with tissue will be read: finds it, in place of the grid's mask, and keeps it for the next <see cref="TissueMask.DetectAsync"/> with the default options.</param>
    /// <param name="cancellationToken">Ends the fetching.</param>
    /// <exception cref="ArgumentException">The grid is invalid, or does not fit this slide.</exception>
    /// <exception cref="InvalidOperationException">The grid requests an mpp, but the slide does not state its own.</exception>
    /// <exception cref="SlideResolutionException">The grid requests more than twice the slide's detail, without <see cref="TileGrid.AllowUpsampling"/>.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public async Task FetchFirstTilesAsync(TileGrid grid, bool ofTissue = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grid);
        var mask = grid.Mask;
        if (ofTissue) tissueAhead = mask = await TissueMask.DetectAsync(this, cancellationToken: cancellationToken);
        var plan = PlanTiles(grid with { Mask = mask }, new SlideWarnings());
        if (plan.Pixels.Tiles.PrefetchBytes == 0) return;
        await lifetime.RunAsync(async token => { await new ReadAhead(plan).FetchFirstAsync(TileReader.PositionsOf(plan), token); return true; }, cancellationToken);
    }

    /// <summary>The tissue that was found ahead; only once, for a slide does not keep megabytes that its reader may not need again.</summary>
    internal TissueMask? TakeTissue() => Interlocked.Exchange(ref tissueAhead, null);

    /// <summary>
    /// A small picture of the slide: it keeps the aspect ratio, has at most the given size, is never larger than level 0, and is area-averaged.
    /// Made from the cheapest of the levels and the vendor's own thumbnail. The latter is returned as stored if it is only slightly smaller than the given size.
    /// </summary>
    /// <param name="maxWidth">Maximum width in pixels.</param>
    /// <param name="maxHeight">Maximum height in pixels.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the picture has more than <see cref="SlideOptions.MaxRegionPixels"/>.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task<Raster> GetThumbnailAsync(int maxWidth, int maxHeight, CancellationToken cancellationToken = default)
    {
        var plan = PlanThumbnail(maxWidth, maxHeight);
        return lifetime.RunAsync(async token =>
        {
            var raster = new Raster(plan.Width, plan.Height, PixelFormat.Rgb24, new byte[plan.Width * plan.Height * 3]);
            await thumbnails.ReadAsync(plan, raster.Pixels, token);
            return raster;
        }, cancellationToken);
    }

    /// <summary><see cref="GetThumbnailAsync"/> as a baseline JPEG, with pixels in pooled memory: for a service that creates a thumbnail of every slide.</summary>
    /// <param name="maxWidth">Maximum width in pixels.</param>
    /// <param name="maxHeight">Maximum height in pixels.</param>
    /// <param name="quality">1 (smallest) to 100 (best).</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the picture has more than <see cref="SlideOptions.MaxRegionPixels"/>.</exception>
    /// <exception cref="SlideFormatException">A tile is damaged or needs another codec.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task<byte[]> GetThumbnailJpegAsync(int maxWidth, int maxHeight, int quality = 85, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        var plan = PlanThumbnail(maxWidth, maxHeight);
        return lifetime.RunAsync(async token =>
        {
            var length = plan.Width * plan.Height * 3;
            var rented = PicturePool.Pixels.Rent(length);
            try
            {
                await thumbnails.ReadAsync(plan, rented.AsMemory(0, length), token);
                return JpegEncoders.Best.Encode(rented.AsSpan(0, length), plan.Width, plan.Height, PixelFormat.Rgb24, quality);
            }
            finally
            {
                PicturePool.Pixels.Return(rented);
            }
        }, cancellationToken);
    }

    /// <summary>
    /// The slide's own thumbnail as it is stored, as one baseline JPEG, for a service that keeps one of every slide and rarely shows it: nothing is decoded. Null if <see cref="GetThumbnailAsync"/>
    /// would not use a stored picture of this size, or if it is not stored as JPEG. Whether its data is damaged is not known before <see cref="Raster.Decode"/>, which then throws.
    /// </summary>
    /// <param name="maxWidth">Maximum width in pixels.</param>
    /// <param name="maxHeight">Maximum height in pixels.</param>
    /// <param name="cancellationToken">Stops between strips.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1, or the picture has more than <see cref="SlideOptions.MaxRegionPixels"/>.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task<byte[]?> GetStoredThumbnailJpegAsync(int maxWidth, int maxHeight, CancellationToken cancellationToken = default)
    {
        var plan = PlanThumbnail(maxWidth, maxHeight);
        return lifetime.RunAsync(token => Thumbnails.ReadStoredAsync(plan, token).AsTask(), cancellationToken);
    }

    /// <summary>
    /// Stored pixels that <see cref="GetThumbnailAsync"/> must fetch and decode. With it, a caller can decline
    /// a slide that has only one huge level before a byte is read.
    /// </summary>
    public long ThumbnailPixels(int maxWidth, int maxHeight) => thumbnails.Plan(maxWidth, maxHeight).StoredPixels;

    /// <summary>
    /// Checks for problems that would cause a warning when the slide is read, and adds them to <see cref="Warnings"/>: missing tiles, contradictory colours,
    /// pictures that cannot be decoded. Reads the index of all tiles, which may be megabytes of a remote slide, and one tile of each level and of each associated image.
    /// </summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task ExamineAsync(CancellationToken cancellationToken = default) => lifetime.RunAsync(async token => { await Examination.RunAsync(content, options.WithholdLabels, warnings, token); return true; }, cancellationToken);

    /// <summary>The ICC profile for level 0's colours, which are not converted when they are read; null if the slide has none.</summary>
    /// <exception cref="SlideFormatException">The profile is damaged or too large.</exception>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public Task<byte[]?> ReadIccProfileAsync(CancellationToken cancellationToken = default) =>
        content.ReadIccProfile is { } read ? lifetime.RunAsync(read, cancellationToken) : Task.FromResult<byte[]?>(null);

    /// <summary>Ends all reads, then closes the source.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!await lifetime.CloseAsync()) return;
        if (content.Owned is { } owned) await owned.DisposeAsync();
        await SlideObjects.CloseAsync(sources);
    }

    /// <summary>A stored tile as a complete JPEG; null if it is not stored as a JPEG.</summary>
    internal Task<byte[]?> ReadJpegAsync(int level, int column, int row, CancellationToken cancellationToken)
    {
        var tiles = CheckLevel(level);
        return lifetime.RunAsync(
            token =>
            {
                tiles.CheckDecodable();
                return tiles.ReadJpegAsync(new(column, row), token).AsTask();
            }, cancellationToken);
    }

    /// <summary>Fetches what some grids need into the cache, neighbours in one request. Does nothing for a slide on this machine.</summary>
    internal Task FetchTilesAsync(IEnumerable<TileGrid> grids, CancellationToken cancellationToken)
    {
        var plans = grids.Select(grid => PlanTiles(grid, new SlideWarnings())).Where(plan => plan.Pixels.Tiles.PrefetchBytes > 0).ToList();
        if (plans.Count == 0) return Task.CompletedTask;
        return lifetime.RunAsync(async token =>
        {
            await Task.WhenAll(plans.GroupBy(plan => plan.Pixels.Tiles).Select(level => level.Key.PrefetchAsync(
                [.. level.SelectMany(plan => TileReader.PositionsOf(plan).SelectMany(position => plan.Pixels.PartsOf(plan.SourceOf(position)))).Select(part => part.Tile).Distinct()], token).AsTask()));
            return true;
        }, cancellationToken);
    }

    /// <summary>Fetches the index of a level's tiles into the cache if it is not larger than <paramref name="mostBytes"/>. Without it, the first tile of each region costs one more round trip.</summary>
    internal Task FetchIndexAsync(int level, long mostBytes, CancellationToken cancellationToken)
    {
        var tiles = CheckLevel(level);
        return lifetime.RunAsync(async token => { await tiles.PrefetchIndexAsync(mostBytes, token); return true; }, cancellationToken);
    }

    /// <summary>A rectangle of a level in the level's own pixels, as Rgb24.</summary>
    internal Task ReadLevelAsync(int level, int x, int y, int width, int height, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var tiles = CheckLevel(level);
        return lifetime.RunAsync(async token => { await FillAsync(tiles, x, y, new PixelTarget(destination, width * 3, width, height, PixelFormat.Rgb24), token); return true; }, cancellationToken);
    }

    /// <summary>A level's stored tiles.</summary>
    internal TileSource TilesOf(int level) => CheckLevel(level);

    SlidePart PartOf(ContentPart part)
    {
        var (opened, bytes) = part.Source.PlaceOf(part.Bytes);
        return new SlidePart(part.Name, objects.TakeWhile(each => each != opened).Count() + 1, ByteRanges.Merge(bytes));
    }

    TilePlan PlanTiles(TileGrid grid) => PlanTiles(grid, warnings);

    TilePlan PlanTiles(TileGrid grid, SlideWarnings found) => new(options.AllowUpsampling ? grid with { AllowUpsampling = true } : grid, content, found);

    ThumbnailPlan PlanThumbnail(int maxWidth, int maxHeight)
    {
        var plan = thumbnails.Plan(maxWidth, maxHeight);
        if ((long)plan.Width * plan.Height is var pixels && pixels > options.MaxRegionPixels)
            throw new ArgumentOutOfRangeException(nameof(maxWidth), maxWidth, $"A thumbnail of {plan.Width}×{plan.Height} has {pixels} pixels; at most {options.MaxRegionPixels} are allowed (SlideOptions.MaxRegionPixels). Request a smaller one.");
        return plan;
    }

    TileSource CheckLevel(int level) => level >= 0 && level < content.Levels.Count
        ? content.Levels[level]
        : throw new ArgumentOutOfRangeException(nameof(level), level, $"The slide has levels 0 to {content.Levels.Count - 1}.");

    // Round to the nearest pixel: a caller that multiplied this level's pixels by the downsample lost less than one pixel to truncation.
    // Far outside the slide the exact position does not matter, but its sum with a width must not overflow.
    static long ToLevel(long levelZero, Level level) =>
        (long)Math.Clamp(Math.Floor(levelZero / level.Downsample + 0.5), -(1L << 50), 1L << 50);

    ValueTask FillAsync(TileSource tiles, long x, long y, PixelTarget target, CancellationToken cancellationToken) =>
        RegionReader.ReadAsync(tiles, x, y, target, Concurrency, cancellationToken);

    async Task<Raster> ReadWholeAsync(TileSource image, CancellationToken cancellationToken)
    {
        var (width, height) = (image.Level.Width, image.Level.Height);
        if ((long)width * height > options.MaxRegionPixels)
            throw new SlideFormatException($"The associated image has a stated size of {width}×{height}; at most {options.MaxRegionPixels} pixels are decoded (SlideOptions.MaxRegionPixels).");
        var pixels = new byte[(long)width * height * 3];
        await FillAsync(image, 0, 0, new PixelTarget(pixels, width * 3, width, height, PixelFormat.Rgb24), cancellationToken);
        return new Raster(width, height, PixelFormat.Rgb24, pixels);
    }
}
