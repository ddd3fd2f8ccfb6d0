using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Pyramids that libvips writes, against OpenSlide where it reads them and against libvips' own reading, from a file and over HTTP.</summary>
public sealed class VipsTiffTests : ServedSlideTests
{
    const int Width = 700, Height = 500;

    [Theory]
    [InlineData("--compression none")]
    [InlineData("--compression lzw")]
    [InlineData("--compression lzw --predictor horizontal")]
    [InlineData("--compression deflate --predictor horizontal --bigtiff")]
    [InlineData("--compression packbits")]
    [InlineData("--compression jpeg --Q 80")]
    [InlineData("--compression jpeg --Q 95")]
    [InlineData("--compression jpeg --Q 95 --rgbjpeg --bigtiff")]
    [InlineData("--compression zstd --predictor horizontal")]
    [InlineData("--compression webp --lossless")]
    public async Task A_pyramid_of_pages_has_OpenSlides_pixels(string options)
    {
        var written = new VipsSlide(Folder, Width, Height, options.Split(' '));
        var served = Server.Serve(await File.ReadAllBytesAsync(written.Path, Token));
        Region[] regions = [new(0, 0, 0, Width, Height), new(1, 0, 0, Width / 2, Height / 2), new(2, 0, 0, Width / 4, Height / 4), new(0, -40, 350, 300, 300), new(1, 480, 280, 200, 200)];
        await OpenSlidePixels.CompareAsync(written.Path, [written.Path, served.Url], regions);
    }

    [Theory]
    [InlineData("--compression deflate", 0)]
    [InlineData("--compression jpeg --Q 80", 0)]
    [InlineData("--compression zstd", 0)]
    [InlineData("--compression webp --Q 90", 0)]
    [InlineData("--compression jp2k --lossless", 1)]
    [InlineData("--compression jp2k --Q 60", 2)]
    public async Task A_pyramid_of_pages_or_of_SubIFDs_has_libvips_pixels(string options, int tolerance)
    {
        foreach (var subIfds in new[] { false, true })
        {
            var written = new VipsSlide(Folder, Width, Height, (subIfds ? options + " --subifd" : options).Split(' '));
            var served = Server.Serve(await File.ReadAllBytesAsync(written.Path, Token));
            var expected = Enumerable.Range(0, 4).Select(level => written.Read(level == 0 ? "page=0" : subIfds ? $"subifd={level - 1}" : $"page={level}")).ToArray();
            foreach (var place in new[] { written.Path, served.Url })
            {
                await using var slide = await Slide.OpenAsync(place, cancellationToken: Token);
                Assert.Equal([(700, 500), (350, 250), (175, 125), (87, 62)], slide.Levels.Select(level => (level.Width, level.Height)));
                Assert.Equal(new MicronsPerPixel(0.5, 0.5), slide.Mpp);
                foreach (var level in slide.Levels)
                {
                    var found = await slide.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), PixelFormat.Rgb24, Token);
                    var largest = expected[level.Index].Zip(found.Pixels, (a, b) => Math.Abs(a - b)).Max();
                    Assert.True(largest <= tolerance, $"{options}, level {level.Index}: {largest}");
                }
            }
        }
    }
}
