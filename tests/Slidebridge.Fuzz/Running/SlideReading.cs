using System.Buffers;
using Slidebridge.Slides;
using Slidebridge.Slides.Opening;
using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Running;

/// <summary>
/// Opens a slide that may be damaged or made to do harm, and reads of it in every way: regions, tiles, grids, images, thumbnail, mask, Deep Zoom.
/// What must not come out is thrown on: any exception but the documented ones, or a region that reads differently twice.
/// </summary>
sealed class SlideReading
{
    // What a service would open a stranger's slide with.
    static readonly SlideOptions Options = new() { MaxRegionPixels = 4 * 1024 * 1024, Concurrency = 1 };

    // A caller that shows a whole slide asks for its size first: Slide.ThumbnailPixels. A tile's memory is the caller's own.
    const long MostWhole = 2 * 1024 * 1024, MostTile = 4 * 1024 * 1024;

    const int MostLevels = 6, MostTiles = 5;

    /// <summary>What is being done; of a finding it says where.</summary>
    public string Step { get; private set; } = "open";

    public bool Opened { get; private set; }

    public int Formats { get; private set; }

    public int Sources { get; private set; }

    public int Arguments { get; private set; }

    /// <param name="objects">What the slide is made of.</param>
    /// <param name="remote">As behind URLs, several tiles at a time; else as from a file, one by one.</param>
    public async Task RunAsync(byte[][] objects, bool remote)
    {
        Slide? slide = null;
        var options = remote ? Options with { Concurrency = 3 } : Options;
        await TryAsync("open", async () => slide = await SlideOpening.OpenAsync([.. objects.Select(bytes => remote ? (ByteSource)new RemoteSource(bytes) : new MemorySource(bytes))], null, options, default));
        if (slide is null) return;
        Opened = true;
        await using (slide)
        {
            foreach (var level in slide.Levels.Take(MostLevels)) await ReadLevelAsync(slide, level);
            foreach (var image in slide.AssociatedImages.Values) await TryAsync($"associated image {image.Name}", () => image.ReadAsync());
            await TryAsync("ICC profile", () => slide.ReadIccProfileAsync());
            await ReadWholeAsync(slide);
        }
    }

    async Task ReadLevelAsync(Slide slide, Level level)
    {
        var name = $"level {level.Index}";
        await CompareAsync(slide, new Region(level.Index, 3, 3, 48, 40), $"{name}, corner");
        await TryAsync($"{name}, middle", () => slide.ReadRegionAsync(new Region(level.Index, slide.Width / 2, slide.Height / 2, 40, 40), PixelFormat.Bgra32));
        foreach (var format in new[] { PixelFormat.Rgb24, PixelFormat.Bgra32 })
            await TryAsync($"{name}, edge, {format}", () => slide.ReadRegionAsync(new Region(level.Index, slide.Width - 20, slide.Height - 20, 40, 40), format));
        if ((long)level.TileWidth * level.TileHeight <= MostTile)
            await TryAsync($"{name}, last tile", () => slide.ReadTileAsync(level.Index, level.Columns - 1, level.Rows - 1));
        await GridAsync(slide, $"{name}, grid", new TileGrid { Width = 32, Height = 24, Overlap = 4, Level = level.Index });
    }

    async Task ReadWholeAsync(Slide slide)
    {
        await TryAsync("examination", () => slide.ExamineAsync());
        // Within what a level-0 pixel costs: a scaled tile reads all that it covers.
        await GridAsync(slide, "scaled grid", new TileGrid { Width = 32, Height = 24, Downsample = 2.5, Edges = TileEdges.Crop, InOrder = false, Format = PixelFormat.Bgra32 });
        await GridAsync(slide, "grid that enlarges", new TileGrid { Width = 20, Height = 20, Downsample = 0.7, Within = new(slide.Width / 2, 5, 60, 60) });
        if (slide.Mpp is { } mpp && mpp.X < 1000) await GridAsync(slide, "grid by mpp", new TileGrid { Width = 32, Height = 32, Mpp = mpp.X * 1.5 });
        TissueMask? mask = null;
        if (slide.ThumbnailPixels(48, 48) <= MostWhole)
        {
            await TryAsync("thumbnail", () => slide.GetThumbnailAsync(48, 48));
            await TryAsync("tissue", async () => mask = await TissueMask.DetectAsync(slide, new TissueOptions { MaxEdge = 96 }));
        }
        if (mask is not null) await GridAsync(slide, "grid of tissue", new TileGrid { Width = 32, Height = 32, Mask = mask, MinTissue = 0.01 }, (long)slide.Width * slide.Height <= MostWhole);
        await DeepZoomAsync(slide);
    }

    async Task DeepZoomAsync(Slide slide)
    {
        var zoom = new DeepZoomGenerator(slide);
        Step = "Deep Zoom description";
        zoom.GetDescription();
        foreach (var level in new[] { zoom.LevelCount - 1, zoom.LevelCount - 3 })
        {
            if (level < 0) continue;
            var (columns, rows) = zoom.TilesOf(level);
            // A tile stands for 4^n times its pixels.
            var pixels = (long)zoom.TileSize * zoom.TileSize << 2 * (zoom.LevelCount - 1 - level);
            if (Math.Min(pixels, (long)slide.Width * slide.Height) > MostWhole) continue;
            await TryAsync($"Deep Zoom level {level}", () => zoom.GetTileAsync(level, columns - 1, rows - 1));
        }
    }

    async Task GridAsync(Slide slide, string name, TileGrid grid, bool allowed = true)
    {
        if (!allowed) return;
        Step = name;
        try
        {
            slide.LayOutTiles(grid);
        }
        catch (Exception e) when (e is ArgumentException or SlideResolutionException)
        {
            // Documented: it cannot be laid on this slide, or asks for more detail than it has along one side.
            Arguments++;
            return;
        }
        await TryAsync(name, async () =>
        {
            var left = MostTiles;
            await foreach (var tile in slide.ReadTilesAsync(grid))
            {
                tile.Dispose();
                if (--left == 0) break;
            }
        });
    }

    /// <summary>Twice into memory of different content: every byte must be written, and none may come from elsewhere.</summary>
    async Task CompareAsync(Slide slide, Region region, string name)
    {
        var length = region.Width * region.Height * 3;
        byte[] first = new byte[length], second = new byte[length];
        second.AsSpan().Fill(0xA5);
        var before = Formats + Sources;
        await TryAsync(name, () => slide.ReadRegionAsync(region, first, PixelFormat.Rgb24));
        Stain();
        var between = Formats + Sources;
        await TryAsync(name, () => slide.ReadRegionAsync(region, second, PixelFormat.Rgb24));
        var after = Formats + Sources;
        if (between - before != after - between) throw new InvalidOperationException("A region is read once and refused once.");
        if (after == before && !first.AsSpan().SequenceEqual(second)) throw new InvalidOperationException($"A region reads differently twice, first at byte {first.AsSpan().CommonPrefixLength(second)} of {length}.");
    }

    /// <summary>Leaves other bytes in the pools, as another slide would.</summary>
    static void Stain()
    {
        for (var size = 256; size <= 64 * 1024; size *= 2)
        {
            var rented = ArrayPool<byte>.Shared.Rent(size);
            rented.AsSpan().Fill(0x5A);
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    async Task TryAsync(string step, Func<Task> read)
    {
        Step = step;
        try
        {
            await read();
        }
        catch (SlideFormatException)
        {
            Formats++;
        }
        catch (SlideSourceException)
        {
            Sources++;
        }
    }
}
