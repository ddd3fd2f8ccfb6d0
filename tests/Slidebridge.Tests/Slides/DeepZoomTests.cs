using System.Xml.Linq;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A slide for a Deep Zoom viewer: the right sizes, the right pixels, and the slide's own bytes where they will do.</summary>
public sealed class DeepZoomTests : IAsyncLifetime
{
    readonly TemporaryFolder folder = new();
    Slide slide = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var path = folder.File("slide.svs");
        await SyntheticTissue.Create(1300, 1001, 8).WriteAsync(path);
        slide = await Slide.OpenAsync(path);
    }

    public async ValueTask DisposeAsync()
    {
        await slide.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public void The_description_says_what_the_slide_is()
    {
        var zoom = new DeepZoomGenerator(slide);
        var image = XDocument.Parse(zoom.GetDescription()).Root!;
        XNamespace space = "http://schemas.microsoft.com/deepzoom/2008";
        Assert.Equal(space + "Image", image.Name);
        Assert.Equal(("jpeg", "0", "256"), ((string)image.Attribute("Format")!, (string)image.Attribute("Overlap")!, (string)image.Attribute("TileSize")!));
        var size = image.Element(space + "Size")!;
        Assert.Equal((1300, 1001), ((int)size.Attribute("Width")!, (int)size.Attribute("Height")!));
    }

    [Fact]
    public async Task Tiles_that_are_fetched_together_take_fewer_requests_and_no_other_one_when_they_are_read()
    {
        await using var server = await RangeServer.StartAsync();
        var served = server.Serve(await File.ReadAllBytesAsync(folder.File("slide.svs"), Token));
        await using var remote = await Slide.OpenAsync(served.Url, new SlideOptions { Cache = new BlockCache(1 << 24) }, Token);
        var zoom = new DeepZoomGenerator(remote);
        await zoom.FetchIndicesAsync(1 << 20, Token);
        var opened = remote.Usage.Requests;
        // A scaled level, stored tiles, and one that does not exist.
        (int Level, int Column, int Row)[] tiles = [(9, 0, 0), (9, 1, 0), .. Enumerable.Range(0, 20).Select(i => (11, i % 5, i / 5)), (11, 99, 0)];

        await zoom.FetchTilesAsync(tiles, Token);
        var fetched = remote.Usage.Requests;
        foreach (var (level, column, row) in tiles[..^1]) Assert.NotEmpty((await zoom.GetTileAsync(level, column, row, Token)).Bytes);

        Assert.InRange(fetched - opened, 1, 8);
        Assert.Equal(fetched, remote.Usage.Requests);
    }

    [Fact]
    public void Levels_are_halved_down_to_one_pixel()
    {
        var zoom = new DeepZoomGenerator(slide);
        // 2¹¹ is the first power of two that holds 1300 pixels.
        Assert.Equal(12, zoom.LevelCount);
        Assert.Equal((1300, 1001), zoom.SizeOf(11));
        Assert.Equal((650, 501), zoom.SizeOf(10));
        Assert.Equal((1, 1), zoom.SizeOf(0));
        Assert.Equal((6, 4), zoom.TilesOf(11));
        Assert.Throws<ArgumentOutOfRangeException>(() => zoom.SizeOf(12));
    }

    [Fact]
    public async Task The_widest_slide_has_as_many_tiles_as_it_needs()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(32, 32, null).Page(TiffPacking.None).Set(256, 4, int.MaxValue));
        await using var widest = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var zoom = new DeepZoomGenerator(widest);
        Assert.Equal((8388608, 1), zoom.TilesOf(zoom.LevelCount - 1));
    }

    [Fact]
    public async Task The_slides_own_tiles_pass_through_undecoded()
    {
        var zoom = new DeepZoomGenerator(slide);
        foreach (var (level, stored) in new[] { (11, 0), (10, 1) })
        {
            var tile = await zoom.GetTileAsync(level, 1, 0, Token);
            Assert.True(tile.IsStored);
            Assert.Equal("image/jpeg", tile.ContentType);
            // The viewer's decoder need not be ours; it may round otherwise.
            AssertNear(await slide.ReadTileAsync(stored, 1, 0, cancellationToken: Token), Raster.Decode(tile.Bytes), 3);
        }
        Assert.False((await zoom.GetTileAsync(11, 5, 0, Token)).IsStored);
    }

    [Fact]
    public async Task A_tile_of_a_slide_stored_as_rgb_states_its_colours()
    {
        await using var rgb = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var zoom = new DeepZoomGenerator(rgb);
        Assert.Equal(240, zoom.TileSize);
        var tile = await zoom.GetTileAsync(zoom.LevelCount - 1, 4, 6, Token);
        Assert.True(tile.IsStored);
        // A decoder that knows nothing of the TIFF takes it for YCbCr unless the stream says otherwise.
        AssertNear(await rgb.ReadTileAsync(0, 4, 6, cancellationToken: Token), Raster.Decode(tile.Bytes), 3);
    }

    [Theory]
    [InlineData(null, 0)]
    [InlineData(254, 1)]
    [InlineData(100, 10)]
    public async Task Lossless_tiles_have_the_slides_own_pixels_and_cover_it(int? tileSize, int overlap)
    {
        var zoom = new DeepZoomGenerator(slide, new DeepZoomOptions { Format = DeepZoomFormat.Png, TileSize = tileSize, Overlap = overlap });
        var (columns, rows) = zoom.TilesOf(11);
        for (var row = 0; row < rows; row++)
            for (var column = 0; column < columns; column++)
            {
                var tile = await zoom.GetTileAsync(11, column, row, Token);
                Assert.Equal("image/png", tile.ContentType);
                int left = Math.Max(0, column * zoom.TileSize - overlap), top = Math.Max(0, row * zoom.TileSize - overlap);
                int right = Math.Min(1300, (column + 1) * zoom.TileSize + overlap), bottom = Math.Min(1001, (row + 1) * zoom.TileSize + overlap);
                var expected = await slide.ReadRegionAsync(new Region(0, left, top, right - left, bottom - top), cancellationToken: Token);
                AssertNear(expected, Raster.Decode(tile.Bytes), 0);
            }
    }

    [Fact]
    public async Task Small_levels_are_the_slide_seen_from_afar()
    {
        var zoom = new DeepZoomGenerator(slide, new DeepZoomOptions { Format = DeepZoomFormat.Png });
        var whole = await slide.GetThumbnailAsync(163, 126, Token);
        var tile = Raster.Decode((await zoom.GetTileAsync(8, 0, 0, Token)).Bytes);
        Assert.Equal((163, 126), (tile.Width, tile.Height));
        AssertNear(whole, tile, 255, mean: 4);
        var one = Raster.Decode((await zoom.GetTileAsync(0, 0, 0, Token)).Bytes);
        Assert.Equal((1, 1), (one.Width, one.Height));
    }

    [Fact]
    public async Task A_slide_without_small_levels_is_averaged_in_bounded_memory()
    {
        var path = folder.File("flat.svs");
        await SyntheticTissue.Create(9000, 8000, 8).WriteAsync(path, new PyramidWriterOptions { SmallestLevel = 9000, ThumbnailEdge = 64 }, cancellationToken: Token);
        await using var flat = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Single(flat.Levels);
        var zoom = new DeepZoomGenerator(flat, new DeepZoomOptions { Format = DeepZoomFormat.Png, TileSize = 512 });
        var tile = Raster.Decode((await zoom.GetTileAsync(9, 0, 0, Token)).Bytes);
        Assert.Equal((282, 250), (tile.Width, tile.Height));
        var whole = await flat.ReadRegionAsync(new Region(0, 0, 0, 9000, 8000), cancellationToken: Token);
        double sum = 0;
        for (var y = 0; y < 250; y++)
            for (var x = 0; x < 281; x++)
            {
                var mean = 0L;
                for (var dy = 0; dy < 32; dy++)
                    for (var dx = 0; dx < 32; dx++) mean += whole.Pixels[((y * 32 + dy) * 9000 + x * 32 + dx) * 3 + 1];
                sum += Math.Abs(mean / 1024.0 - tile.Pixels[(y * 282 + x) * 3 + 1]);
            }
        Assert.InRange(sum / (250 * 281), 0, 1.5);
    }

    static void AssertNear(Raster expected, Raster found, int most, double mean = 255)
    {
        Assert.Equal((expected.Width, expected.Height), (found.Width, found.Height));
        long sum = 0;
        for (var i = 0; i < expected.Pixels.Length; i++)
        {
            var difference = Math.Abs(expected.Pixels[i] - found.Pixels[i]);
            Assert.True(difference <= most, $"Sample {i} is {found.Pixels[i]}; expected {expected.Pixels[i]}.");
            sum += difference;
        }
        Assert.InRange(sum / (double)expected.Pixels.Length, 0, mean);
    }
}
