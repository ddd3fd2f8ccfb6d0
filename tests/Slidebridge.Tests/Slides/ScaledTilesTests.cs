using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Tiles at a resolution that is no level's: the mean of the area, or a straight line between the pixels.</summary>
public sealed class ScaledTilesTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1.7, 0)]
    [InlineData(3, 0)]
    [InlineData(5.3, 10)]
    [InlineData(40, 0)]
    public async Task Scaled_tiles_are_the_mean_of_the_area_they_cover(double downsample, int overlap)
    {
        // One level, without loss: each pixel of the tile is the mean of its level-0 pixels, to rounding.
        var picture = new TiffPicture(300, 210, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(picture.Page(TiffPacking.Lzw));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var grid = new TileGrid { Width = 48, Height = 32, Overlap = overlap, Downsample = downsample };
        var layout = slide.LayOutTiles(grid);
        Assert.True(layout.IsScaled);
        Assert.Equal(downsample, layout.Downsample);
        await foreach (var tile in slide.ReadTilesAsync(grid, Token))
            using (tile)
                for (var y = 0; y < tile.Height; y++)
                    for (var x = 0; x < tile.Width; x++)
                        for (var c = 0; c < 3; c++)
                        {
                            var expected = Mean(picture.Pixels, 300, 210, tile.X + x * downsample, tile.Y + y * downsample, downsample, c) ?? 255;
                            Assert.InRange(tile.Pixels.Span[(y * tile.Width + x) * 3 + c], expected - 0.6, expected + 0.6);
                        }
    }

    [Fact]
    public async Task Enlarged_tiles_lie_on_straight_lines_between_the_pixels()
    {
        await using var slide = await Slide.OpenAsync(new MemorySource(RampSlide.Build()), cancellationToken: Token);
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 100, Height = 60, Downsample = 0.25, AllowUpsampling = true }, Token))
            using (tile)
                for (var x = 0; x < tile.Width; x++)
                {
                    var at = tile.X + (x + 0.5) * 0.25 - 0.5;
                    if (at is > 0 and < 127) Assert.InRange(tile.Pixels.Span[x * 3], at - 0.6, at + 0.6);
                }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(6.4)]
    [InlineData(8)]
    public async Task Scaling_in_the_jpeg_decoder_is_near_to_the_mean_of_the_area(double downsample)
    {
        // One level only, so that the scaling is all the decoder's.
        using var folder = new TemporaryFolder();
        var path = folder.File("tissue.svs");
        await SyntheticTissue.Create(1024, 1024, 5).WriteAsync(path, new PyramidWriterOptions { SmallestLevel = 1024 }, cancellationToken: Token);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        var full = await slide.ReadRegionAsync(new Region(0, 0, 0, 1024, 1024), cancellationToken: Token);
        double sum = 0, count = 0, largest = 0;
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 64, Height = 64, Downsample = downsample, Edges = TileEdges.Skip }, Token))
            using (tile)
                for (var i = 0; i < 64 * 64 * 3; i++)
                {
                    int x = i / 3 % 64, y = i / 192;
                    var error = Math.Abs(tile.Pixels.Span[i] - Mean(full.Pixels, 1024, 1024, tile.X + x * downsample, tile.Y + y * downsample, downsample, i % 3)!.Value);
                    (sum, count, largest) = (sum + error, count + 1, Math.Max(largest, error));
                }
        TestContext.Current.TestOutputHelper?.WriteLine($"downsample {downsample}: mean {sum / count:0.00}, largest {largest:0.0} of 255");
        Assert.InRange(sum / count, 0, 1.5);
        Assert.InRange(largest, 0, 40);
    }

    /// <summary>By the definition, in floating point; null where the square lies outside.</summary>
    static double? Mean(byte[] rgb, int width, int height, double left, double top, double size, int channel)
    {
        double right = Math.Min(left + size, width), bottom = Math.Min(top + size, height), sum = 0, area = 0;
        for (var y = (int)top; y < bottom - 1e-9; y++)
            for (var x = (int)left; x < right - 1e-9; x++)
            {
                var share = (Math.Min(x + 1, right) - Math.Max(x, left)) * (Math.Min(y + 1, bottom) - Math.Max(y, top));
                if (share <= 0) continue;
                sum += rgb[(y * width + x) * 3 + channel] * share;
                area += share;
            }
        return area > 1e-6 ? sum / area : null;
    }
}
