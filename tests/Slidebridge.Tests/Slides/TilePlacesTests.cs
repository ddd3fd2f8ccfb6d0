using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;
using Slidebridge.Slides.Tiles;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Regions and streams of tiles at the ends of what can be asked: far outside, hardly any or very much scaled, partly not stored.</summary>
public sealed class TilePlacesTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, 1L << 50)]
    [InlineData(1L << 50, 0)]
    [InlineData(0, 1L << 40)]
    [InlineData(-(1L << 50), -(1L << 50))]
    [InlineData(long.MaxValue, long.MinValue)]
    public async Task A_region_far_outside_is_background(long x, long y)
    {
        await using var slide = await OpenAsync(Page(128, 128, (64, 64), _ => Plain(64 * 64, 100)));
        var region = await slide.ReadRegionAsync(new Region(0, x, y, 10, 10), cancellationToken: Token);
        Assert.All(region.Pixels, value => Assert.Equal(255, value));
    }

    [Fact]
    public async Task A_pixel_partly_on_a_tile_that_is_not_stored_keeps_its_colour_and_part_of_its_alpha()
    {
        // The right tile is not stored. At 1.5 the pixel over columns 63 to 64.5 is a third on the slide's left tile.
        await using var slide = await OpenAsync(Page(128, 64, (64, 64), index => index == 0 ? Plain(64 * 64, 200) : []));
        var grid = new TileGrid { Width = 64, Height = 32, Downsample = 1.5, Format = PixelFormat.Bgra32 };
        await foreach (var tile in slide.ReadTilesAsync(grid, Token))
            using (tile)
                for (var i = 0; i < tile.Pixels.Length; i += 4)
                    if (tile.Pixels.Span[i + 3] > 0)
                        Assert.InRange(tile.Pixels.Span[i], 199, 201);
    }

    [Fact]
    public async Task A_tile_of_the_whole_world_is_read()
    {
        await using var slide = await OpenAsync(Page(128, 96, (64, 48), _ => Plain(64 * 48, 100)));
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 16384, Height = 1, Downsample = 200000 }, Token))
            using (tile)
            {
                Assert.Equal(100, tile.Pixels.Span[0]);
                Assert.Equal(255, tile.Pixels.Span[3]);
            }
    }

    [Fact]
    public async Task A_cropped_tile_all_of_tissue_is_all_of_tissue()
    {
        await using var slide = await OpenAsync(Page(100, 60, (64, 48), _ => Plain(64 * 48, 100)));
        var mask = new TissueMask([.. Enumerable.Repeat(true, 60)], 10, 6, 10, 10, []);
        Assert.Equal(4, slide.LayOutTiles(new TileGrid { Width = 64, Height = 48, Edges = TileEdges.Crop, Mask = mask, MinTissue = 1 }).Count);
        Assert.Equal(1, slide.LayOutTiles(new TileGrid { Width = 64, Height = 48, Edges = TileEdges.Pad, Mask = mask, MinTissue = 1 }).Count);
    }

    [Fact]
    public async Task A_large_tile_lies_where_a_small_one_does()
    {
        // Stripes of two pixels: half a pixel of shift is a third of the contrast. Tiles so large are put together in parts.
        var stripes = PaintedSlide.Pixels(512, 512, (x, _) => x % 4 < 2 ? ((byte)0, (byte)0, (byte)0) : ((byte)240, (byte)240, (byte)240));
        await using var slide = await OpenAsync(Page(15360, 2048, (512, 512), _ => stripes));
        var grid = new TileGrid { Width = 4900, Height = 1200, Overlap = 865, Downsample = 1.7 };
        var compared = 0;
        await foreach (var tile in slide.ReadTilesAsync(grid, Token))
            using (tile)
            {
                // From here the first output pixel covers tile.X to tile.X + 1.7.
                for (var x = 0; x < 300; x++)
                {
                    double left = tile.X + x * 1.7, sum = 0;
                    for (var at = (int)left; at < left + 1.7; at++) sum += (at % 4 < 2 ? 0 : 240) * (Math.Min(at + 1, left + 1.7) - Math.Max(at, left));
                    if (left + 1.7 > 15360) break;
                    Assert.InRange(tile.Pixels.Span[(600 * tile.Width + x) * 3], sum / 1.7 - 1, sum / 1.7 + 1);
                    compared++;
                }
            }
        Assert.InRange(compared, 301, int.MaxValue);
    }

    [Fact]
    public async Task What_pads_a_jpeg_tile_does_not_leak_into_the_last_pixel()
    {
        // One column and one row of the last tiles are the slide's; the rest of them is black, as some writers leave it.
        var page = new TiffPicture(65, 65, (64, 64)).Page(TiffPacking.Jpeg);
        page.Fields.Remove(347);
        page.Chunks.Clear();
        for (var tile = 0; tile < 4; tile++)
        {
            page.Chunks.Add(JpegEncoders.Best.Encode(
                PaintedSlide.Pixels(64, 64, (x, y) => (tile % 2 == 0 || x < 1) && (tile < 2 || y < 1) ? ((byte)220, (byte)220, (byte)220) : ((byte)0, (byte)0, (byte)0)), 64, 64, PixelFormat.Rgb24, 100));
        }
        await using var slide = await OpenAsync(page);
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 9, Height = 9, Downsample = 8, Edges = TileEdges.Crop }, Token))
            using (tile)
                Assert.All(tile.ToRaster().Pixels, value => Assert.InRange(value, 210, 230));
    }

    [Fact]
    public async Task A_tile_in_planes_counts_all_of_them_as_its_bytes()
    {
        await using var slide = await OpenAsync(new TiffPicture(128, 96, (64, 48)).PlanarPage(TiffPacking.None));
        Assert.Equal(64 * 48 * 3, await slide.TilesOf(0).EncodedBytesAsync(new TilePosition(0, 0), Token));
    }

    [Theory]
    [InlineData(PixelFormat.Rgb24)]
    [InlineData(PixelFormat.Bgra32)]
    public void A_grey_jpeg_whose_container_says_that_0_is_white_is_inverted(PixelFormat format)
    {
        using var gray = new SkiaSharp.SKBitmap(64, 48, SkiaSharp.SKColorType.Gray8, SkiaSharp.SKAlphaType.Opaque);
        gray.Erase(new SkiaSharp.SKColor(200, 200, 200));
        using var jpeg = gray.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 100);
        var tile = new StoredTile(64, 48, 1, StoredColor.GrayMinIsWhite);
        var stride = 64 * format.BytesPerPixel();
        var pixels = new byte[48 * stride];
        new JpegCodec().Decode(jpeg.AsSpan(), tile, 1, new PixelTarget(pixels, stride, 64, 48, format));
        Assert.All(pixels.Chunk(format.BytesPerPixel()), pixel => Assert.True(pixel[..3].All(value => value is >= 54 and <= 56) && pixel[^1] == (pixel.Length == 4 ? 255 : pixel[0])));
        // A viewer would show it the wrong way round.
        Assert.Null(JpegCodec.Complete(jpeg.AsSpan(), tile));
        Assert.NotNull(JpegCodec.Complete(jpeg.AsSpan(), tile with { Color = StoredColor.Gray }));
    }

    [Fact]
    public void An_ome_description_of_a_million_elements_is_refused_unread()
    {
        var xml = "<OME>" + string.Concat(Enumerable.Repeat("<a/>", 1024 * 1024)) + "</OME>";
        Assert.Contains("characters", Assert.Throws<SlideFormatException>(() => Slidebridge.Slides.Formats.Tiff.OmeXml.Read(xml, 8)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(256, 8, 18)]
    [InlineData(4096, 8, 2)]
    [InlineData(16384, 8, 1)]
    public void Fewer_tiles_wait_where_they_are_large(int side, int concurrency, int expected) =>
        Assert.Equal(expected, TileReader.Slots(side, side, PixelFormat.Rgb24, concurrency));

    static async Task<Slide> OpenAsync(TiffBuilderPage page)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(page);
        return await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
    }

    /// <summary>Deflated tiles, the pixels of each as the test says; none for one that is not stored.</summary>
    static TiffBuilderPage Page(int width, int height, (int Width, int Height) tile, Func<int, byte[]> pixels)
    {
        var page = new TiffBuilderPage();
        page.Set(256, 4, width).Set(257, 4, height).Set(258, 3, 8, 8, 8).Set(259, 3, 8).Set(262, 3, 2).Set(277, 3, 3).Set(322, 4, tile.Width).Set(323, 4, tile.Height);
        var count = (width + tile.Width - 1) / tile.Width * ((height + tile.Height - 1) / tile.Height);
        for (var i = 0; i < count; i++) page.Chunks.Add(pixels(i) is { Length: > 0 } found ? Deflate(found) : []);
        return page;
    }

    static byte[] Plain(int pixels, byte value) => [.. Enumerable.Repeat(value, pixels * 3)];

    static byte[] Deflate(byte[] pixels)
    {
        var packed = new MemoryStream();
        using (var zlib = new System.IO.Compression.ZLibStream(packed, System.IO.Compression.CompressionLevel.Fastest)) zlib.Write(pixels);
        return packed.ToArray();
    }
}
