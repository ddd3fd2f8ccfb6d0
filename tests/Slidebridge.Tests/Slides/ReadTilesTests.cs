using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A slide as a stream of tiles: the right pixels, in the asked order, in bounded memory, and cleanly ended.</summary>
public sealed class ReadTilesTests : ServedSlideTests
{
    public static TheoryData<TileGrid> UnscaledGrids => new(
        new TileGrid { Width = 64, Height = 48 },
        new TileGrid { Width = 128, Height = 96, Format = PixelFormat.Bgra32 },
        new TileGrid { Width = 50, Height = 70 },
        new TileGrid { Width = 50, Height = 70, InOrder = false, Concurrency = 3 },
        new TileGrid { Width = 100, Height = 60, Overlap = 20 },
        new TileGrid { Width = 64, Height = 48, Edges = TileEdges.Crop },
        new TileGrid { Width = 100, Height = 60, Overlap = 7, Edges = TileEdges.Skip },
        new TileGrid { Width = 64, Height = 64, Level = 1, Edges = TileEdges.Crop },
        new TileGrid { Width = 64, Height = 64, Downsample = 2.01 },
        new TileGrid { Width = 64, Height = 64, Mpp = 0.505 },
        new TileGrid { Width = 40, Height = 40, Within = new(-30, 50, 150, 400), Edges = TileEdges.Crop, Format = PixelFormat.Bgra32 },
        new TileGrid { Width = 500, Height = 500 });

    [Theory]
    [MemberData(nameof(UnscaledGrids))]
    public async Task Unscaled_tiles_are_the_levels_own_pixels(TileGrid grid)
    {
        var bytes = Pyramid(out _, out _);
        foreach (var place in new[] { await SaveAsync(bytes), Server.Serve(bytes).Url })
        {
            await using var slide = await Slide.OpenAsync(place, new SlideOptions { BlockSize = 1024, Cache = new BlockCache(64 * 1024) }, Token);
            var layout = slide.LayOutTiles(grid);
            Assert.False(layout.IsScaled);
            var seen = new List<(int Column, int Row)>();
            await foreach (var tile in slide.ReadTilesAsync(grid, Token))
            {
                using (tile)
                {
                    seen.Add((tile.Column, tile.Row));
                    var expected = await slide.ReadRegionAsync(new Region(layout.Level, (long)tile.X, (long)tile.Y, tile.Width, tile.Height), grid.Format, Token);
                    Assert.True(expected.Pixels.AsSpan().SequenceEqual(tile.Pixels.Span), $"{tile.Column},{tile.Row}");
                    if (grid.Edges == TileEdges.Pad) Assert.Equal((grid.Width, grid.Height), (tile.Width, tile.Height));
                }
            }
            var all = from row in Enumerable.Range(0, layout.Rows) from column in Enumerable.Range(0, layout.Columns) select (column, row);
            Assert.Equal(grid.InOrder ? all : all.Order(), grid.InOrder ? seen : seen.Order());
            Assert.Equal(seen.Count, layout.Count);
        }
    }

    [Theory]
    [InlineData(64, 48, 0, TileEdges.Crop)]
    [InlineData(50, 70, 0, TileEdges.Crop)]
    [InlineData(100, 60, 30, TileEdges.Crop)]
    [InlineData(300, 210, 0, TileEdges.Crop)]
    [InlineData(7, 300, 3, TileEdges.Pad)]
    public async Task Tiles_cover_the_whole_slide(int width, int height, int overlap, TileEdges edges)
    {
        var bytes = Pyramid(out var full, out _);
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
        var painted = new byte[full.Length];
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = width, Height = height, Overlap = overlap, Edges = edges }, Token))
            using (tile)
                for (var y = 0; y < tile.Height && tile.Y + y < 210; y++)
                    for (var x = 0; x < tile.Width && tile.X + x < 300; x++)
                        tile.Pixels.Span.Slice((y * tile.Width + x) * 3, 3).CopyTo(painted.AsSpan((((int)tile.Y + y) * 300 + (int)tile.X + x) * 3));
        Assert.Equal(full, painted);
    }

    [Fact]
    public async Task Only_tiles_with_tissue_come_when_asked_so()
    {
        var path = Folder.File("tissue.svs");
        await SyntheticTissue.Create(2000, 1500, 6).WriteAsync(path, cancellationToken: Token);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        var mask = await TissueMask.DetectAsync(slide, cancellationToken: Token);
        var grid = new TileGrid { Width = 100, Height = 100, Mask = mask, MinTissue = 0.3 };
        var seen = new HashSet<(int, int)>();
        await foreach (var tile in slide.ReadTilesAsync(grid, Token))
            using (tile) seen.Add((tile.Column, tile.Row));
        Assert.Equal(seen.Count, slide.LayOutTiles(grid).Count);
        Assert.InRange(seen.Count, 20, 280);
        for (var row = 0; row < 15; row++)
            for (var column = 0; column < 20; column++)
            {
                var sampled = Enumerable.Range(0, 400).Count(i => mask[(int)((column * 100 + i % 20 * 5 + 2.5) / mask.DownsampleX), (int)((row * 100 + i / 20 * 5 + 2.5) / mask.DownsampleY)]) / 400.0;
                Assert.InRange(mask.FractionOf(column * 100, row * 100, 100, 100), sampled - 0.05, sampled + 0.05);
                if (sampled > 0.35) Assert.Contains((column, row), seen);
                if (sampled < 0.25) Assert.DoesNotContain((column, row), seen);
            }
    }

    [Fact]
    public async Task A_slow_caller_is_not_buried_in_tiles()
    {
        await using var source = new CountingSource(Pyramid(out _, out _));
        await using var slide = await Slide.OpenAsync(source, cancellationToken: Token);
        var before = source.Reads;
        await using var tiles = slide.ReadTilesAsync(new TileGrid { Width = 8, Height = 6, Concurrency = 2 }, Token).GetAsyncEnumerator(Token);
        Assert.True(await tiles.MoveNextAsync());
        await Task.Delay(200, Token);
        // 1330 tiles in all; two jobs of eight are painted at a time, and four may wait.
        Assert.InRange(source.Reads - before, 1, 100);
    }

    [Fact]
    public async Task A_loop_that_is_left_early_ends_the_reading()
    {
        await using var source = new CountingSource(Pyramid(out _, out _));
        await using var slide = await Slide.OpenAsync(source, cancellationToken: Token);
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 8, Height = 6 }, Token))
        {
            tile.Dispose();
            break;
        }
        var reads = source.Reads;
        await Task.Delay(100, Token);
        Assert.Equal(reads, source.Reads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task No_tile_comes_after_cancelling_though_more_were_decoded(bool inOrder)
    {
        await using var slide = await Slide.OpenAsync(new MemorySource(Pyramid(out _, out _)), cancellationToken: Token);
        using var cancelled = new CancellationTokenSource();
        var tiles = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 8, Height = 6, InOrder = inOrder }, cancelled.Token))
                using (tile)
                {
                    if (++tiles < 5) continue;
                    await Task.Delay(100, Token);
                    await cancelled.CancelAsync();
                }
        });
        Assert.Equal(5, tiles);
    }

    [Fact]
    public async Task Cancelling_and_disposing_end_the_reading_each_with_its_own_error()
    {
        var bytes = Pyramid(out _, out _);
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
        using var cancelled = new CancellationTokenSource();
        var first = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ReadAsync(slide, cancelled.Token, cancelled.Cancel));
        Assert.Equal(cancelled.Token, first.CancellationToken);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(slide, Token, () => _ = slide.DisposeAsync().AsTask()));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => ReadAsync(slide, Token, () => { }));

        static async Task ReadAsync(Slide slide, CancellationToken token, Action afterFirst)
        {
            await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 8, Height = 6 }, token))
            {
                tile.Dispose();
                afterFirst();
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_tile_is_told_and_ends_the_reading(bool inOrder)
    {
        var picture = new TiffPicture(640, 480, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        var page = picture.Page(TiffPacking.Deflate);
        page.Chunks[57] = [1, 2, 3];
        builder.Pages.Add(page);
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var count = 0;
        var failure = await Assert.ThrowsAsync<SlideFormatException>(async () =>
        {
            await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 64, Height = 48, InOrder = inOrder }, Token))
            {
                tile.Dispose();
                count++;
            }
        });
        Assert.Contains("tile 7,5", failure.Message, StringComparison.Ordinal);
        if (inOrder) Assert.Equal(57, count);
    }

    [Fact]
    public async Task A_full_scan_over_http_asks_for_every_byte_once_and_in_long_runs()
    {
        var path = Folder.File("tissue.svs");
        await SyntheticTissue.Create(4000, 3000, 6).WriteAsync(path, cancellationToken: Token);
        var served = Server.Serve(await File.ReadAllBytesAsync(path, Token));
        using var cache = new BlockCache(2 * 1024 * 1024);
        await using var slide = await Slide.OpenAsync(served.Url, new SlideOptions { Cache = cache }, Token);
        await using var local = await Slide.OpenAsync(path, cancellationToken: Token);
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 300, Height = 200, Overlap = 10 }, Token))
            using (tile)
                if (tile.Column == 3) Assert.Equal((await local.ReadRegionAsync(new Region(0, (long)tile.X, (long)tile.Y, 300, 200), cancellationToken: Token)).Pixels, tile.Pixels.ToArray());
        TestContext.Current.TestOutputHelper?.WriteLine($"{served.Bytes.Length} bytes: {slide.Usage}");
        Assert.InRange(slide.Usage.BytesRead, 0, served.Bytes.Length * 1.05);
        Assert.InRange(slide.Usage.Requests, 1, served.Bytes.Length / (128 * 1024) + 12);
    }

    [Fact]
    public async Task Grids_that_cannot_be_are_refused_with_the_settings_name()
    {
        await using var slide = await Slide.OpenAsync(new MemorySource(RampSlide.Build()), cancellationToken: Token);
        Assert.Contains("TileGrid.Overlap", Assert.Throws<ArgumentOutOfRangeException>(() => slide.ReadTilesAsync(new TileGrid { Overlap = 256 }, Token)).Message, StringComparison.Ordinal);
        Assert.Contains("0 to 0", Assert.Throws<ArgumentOutOfRangeException>(() => slide.LayOutTiles(new TileGrid { Level = 1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => slide.LayOutTiles(new TileGrid { Level = 0, Downsample = 2 }));
        Assert.Contains("microns per pixel", Assert.Throws<InvalidOperationException>(() => slide.LayOutTiles(new TileGrid { Mpp = 1 })).Message, StringComparison.Ordinal);
    }

    /// <summary>Two lossless levels, 300×210 and 150×105, 0.5 µm/pixel.</summary>
    static byte[] Pyramid(out byte[] full, out byte[] half)
    {
        TiffPicture first = new(300, 210, (64, 48)), second = new(150, 105, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(first.Page(TiffPacking.Lzw).Set(282, 5, 20000, 1).Set(283, 5, 20000, 1).Set(296, 3, 3));
        builder.Pages.Add(second.Page(TiffPacking.Deflate));
        (full, half) = (first.Pixels, second.Pixels);
        return builder.Build();
    }

    async Task<string> SaveAsync(byte[] bytes)
    {
        var path = Folder.File("slide");
        await File.WriteAllBytesAsync(path, bytes, Token);
        return path;
    }

    sealed class CountingSource(byte[] bytes) : ByteSource
    {
        readonly MemorySource memory = new(bytes);
        int reads;

        public int Reads => reads;

        public override long Length => memory.Length;

        public override SourceUsage Usage => default;

        public override ValueTask ReadAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref reads);
            return memory.ReadAsync(offset, buffer, cancellationToken);
        }

        public override ValueTask DisposeAsync() => default;
    }
}
