using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>The source of a thumbnail.</summary>
/// <param name="Tiles">A level or the vendor's thumbnail.</param>
/// <param name="Reduction">1, 2, 4 or 8: decoded at 1/Reduction of its size.</param>
/// <param name="Width">The result's pixels.</param>
/// <param name="Height">The result's rows.</param>
sealed record ThumbnailPlan(TileSource Tiles, int Reduction, int Width, int Height)
{
    /// <summary>Entropy-coded pixels that must be fetched and decoded; the reduction does not change their number.</summary>
    public long StoredPixels => (long)Tiles.Level.Width * Tiles.Level.Height;
}

/// <summary>Finds the cheapest picture of the whole slide, and shrinks it tile by tile in bounded memory.</summary>
sealed class Thumbnails(SlideContent content, int concurrency, SlideWarnings warnings)
{
    // The vendor's thumbnail is used if its size is this close to the wanted size, and its aspect ratio differs from the slide's by at most 1 %:
    // some vendors' thumbnails show more of the glass than the levels do.
    const double NearEnough = 0.7, SameAspect = 0.01;

    // A stored picture with more pixels needs more memory than it is worth; the levels are read instead.
    const long LargestStored = 16L * 1024 * 1024;

    public ThumbnailPlan Plan(int maxWidth, int maxHeight)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxWidth);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxHeight);
        var full = content.Levels[0].Level;
        var (width, height) = Fit(full.Width, full.Height, maxWidth, maxHeight);

        var best = OfLevels(width, height);
        if (content.AssociatedImages.TryGetValue("thumbnail", out var stored)
            && (long)stored.Level.Width * stored.Level.Height is var pixels && pixels < best.StoredPixels && pixels <= LargestStored
            && stored.Level.Width >= width * NearEnough && stored.Level.Height >= height * NearEnough
            && HasAspectOf(full, stored.Level))
        {
            var (storedWidth, storedHeight) = Fit(stored.Level.Width, stored.Level.Height, maxWidth, maxHeight);
            best = new ThumbnailPlan(stored, Reduction(stored, storedWidth, storedHeight), storedWidth, storedHeight);
        }
        return best;
    }

    /// <summary>Writes the picture as Rgb24, rows without padding. If the vendor's thumbnail cannot be decoded, the levels are used instead.</summary>
    public async Task ReadAsync(ThumbnailPlan plan, Memory<byte> pixels, CancellationToken cancellationToken)
    {
        try
        {
            await ReadOnceAsync(plan, pixels, cancellationToken);
        }
        catch (SlideFormatException e) when (plan.Tiles.Level.Index < 0)
        {
            warnings.Add(WarningCode.PictureUnreadable, $"The slide's own thumbnail cannot be decoded; a thumbnail was made from the levels instead: {e.Message}");
            await ReadOnceAsync(OfLevels(plan.Width, plan.Height), pixels, cancellationToken);
        }
    }

    /// <summary>The picture as it is stored, if it has the wanted size and is one JPEG or strips that can be joined to one; otherwise null.</summary>
    public static async ValueTask<byte[]?> ReadStoredAsync(ThumbnailPlan plan, CancellationToken cancellationToken)
    {
        var level = plan.Tiles.Level;
        if (plan.Reduction != 1 || level.Columns != 1 || (level.Width, level.Height) != (plan.Width, plan.Height)) return null;
        try
        {
            plan.Tiles.CheckDecodable();
            await plan.Tiles.PrefetchAsync([.. plan.Tiles.AllTiles()], cancellationToken);
            return await plan.Tiles.ReadPictureJpegAsync(cancellationToken);
        }
        catch (SlideFormatException)
        {
            return null; // Decoding says what is wrong, and has a second way.
        }
    }

    /// <summary>The smallest level with at least the wanted pixels.</summary>
    ThumbnailPlan OfLevels(int width, int height)
    {
        var level = content.Levels.Last(tiles => tiles.Level.Index == 0 || (tiles.Level.Width >= width && tiles.Level.Height >= height));
        return new ThumbnailPlan(level, Reduction(level, width, height), width, height);
    }

    async Task ReadOnceAsync(ThumbnailPlan plan, Memory<byte> pixels, CancellationToken cancellationToken)
    {
        var (tiles, reduction) = (plan.Tiles, plan.Reduction);
        var level = tiles.Level;
        tiles.CheckDecodable();
        var all = tiles.AllTiles();
        // A white picture would look like a slide without tissue.
        if (!await IsAnyStoredAsync(tiles, all, cancellationToken)) throw new SlideFormatException($"Level {level.Index} stores none of its tiles: the slide has no pixels. Scan or export it again.");
        if (reduction == 1 && (level.Width, level.Height) == (plan.Width, plan.Height))
        {
            var asStored = new PixelTarget(pixels, plan.Width * 3, plan.Width, plan.Height, PixelFormat.Rgb24);
            await RegionReader.ReadAsync(tiles, 0, 0, asStored, concurrency, cancellationToken);
            return;
        }
        using var average = new AreaAverage((double)level.Width / reduction, (double)level.Height / reduction, plan.Width, plan.Height);
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = tiles.AtOnce(concurrency), CancellationToken = cancellationToken };
        foreach (var batch in all.Chunk(256))
        {
            if (tiles.PrefetchBytes > 0) await tiles.PrefetchAsync(batch, cancellationToken);
            await Parallel.ForEachAsync(batch, parallel, (tile, token) => AddAsync(tile, token));
        }
        average.Finish(pixels.Span);

        async ValueTask AddAsync(TilePosition tile, CancellationToken token)
        {
            // Pixels that are not added stay white. A small file can have millions of tiles that are not stored.
            if (!await tiles.IsStoredAsync(tile, token)) return;
            var columns = (tiles.VisibleWidth(tile.Column) + reduction - 1) / reduction;
            var rows = (tiles.VisibleHeight(tile.Row) + reduction - 1) / reduction;
            var pool = PicturePool.PixelsOf(checked(columns * rows * 3));
            var rented = pool.Rent(columns * rows * 3);
            try
            {
                await tiles.DecodeAsync(tile, reduction, new PixelTarget(rented, columns * 3, columns, rows, PixelFormat.Rgb24), token);
                average.Add(rented, columns * 3, tile.Column * (level.TileWidth / reduction), tile.Row * (level.TileHeight / reduction), columns, rows);
            }
            finally
            {
                pool.Return(rented);
            }
        }
    }

    static async ValueTask<bool> IsAnyStoredAsync(TileSource tiles, IEnumerable<TilePosition> all, CancellationToken cancellationToken)
    {
        foreach (var tile in all)
            if (await tiles.IsStoredAsync(tile, cancellationToken)) return true;
        return false;
    }

    // The largest reduction of the decoder that still gives at least the wanted pixels.
    static int Reduction(TileSource tiles, int width, int height)
    {
        var reduction = tiles.MaxReduction;
        while (reduction > 1 && (tiles.Level.Width / reduction < width || tiles.Level.Height / reduction < height)) reduction /= 2;
        return reduction;
    }

    static (int Width, int Height) Fit(int width, int height, int maxWidth, int maxHeight)
    {
        var scale = Math.Min(1, Math.Min((double)maxWidth / width, (double)maxHeight / height));
        return (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }

    static bool HasAspectOf(Level slide, Level stored) =>
        Math.Abs((double)stored.Width / stored.Height / ((double)slide.Width / slide.Height) - 1) <= SameAspect;
}
