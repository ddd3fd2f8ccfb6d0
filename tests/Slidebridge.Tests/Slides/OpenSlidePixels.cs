using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Compares what a slide shows with what OpenSlide shows of the same file.</summary>
static class OpenSlidePixels
{
    // libturbojpeg is what OpenSlide decodes with; SkiaSharp's build rounds chroma otherwise.
    static int Tolerance => JpegDecoders.Best.Name == "turbo" ? 0 : 2;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Task CompareAsync(string path, Region[] regions) => CompareAsync(path, [path], regions);

    /// <param name="path">Where OpenSlide reads it.</param>
    /// <param name="places">Where we read it: the path, a URL.</param>
    /// <param name="regions">What is compared, in both formats.</param>
    /// <param name="tolerance">The largest difference of a channel; by the JPEG decoder where it is not given.</param>
    public static async Task CompareAsync(string path, string[] places, Region[] regions, int? tolerance = null)
    {
        using var folder = new TemporaryFolder();
        var reference = OpenSlideReference.Read(path, folder, regions);
        foreach (var place in places)
        {
            await using var slide = await Slide.OpenAsync(place, cancellationToken: Token);
            Assert.Equal(reference.Downsamples, slide.Levels.Select(level => level.Downsample).ToArray());
            for (var i = 0; i < regions.Length; i++)
            {
                if (OpenSlideReference.MisreadsSmallPictures && IsSmall(slide.Levels[regions[i].Level])) continue;
                var expected = File.ReadAllBytes(folder.File($"region{i}"));
                AssertSame(expected, await slide.ReadRegionAsync(regions[i], PixelFormat.Rgb24, Token), $"{regions[i]}", tolerance);
                AssertSame(expected, await slide.ReadRegionAsync(regions[i], PixelFormat.Bgra32, Token), $"{regions[i]} with alpha", tolerance);
            }
        }
    }

    static bool IsSmall(Level level) => level.Compression != "jpeg" && (level.Width < level.TileWidth || level.Height < level.TileHeight);

    /// <summary>Compares with OpenSlide's RGBA (or RGB) bytes; where it is transparent ours must be background.</summary>
    public static void AssertSame(byte[] expected, Raster actual, string what, int? tolerance = null)
    {
        var channels = expected.Length / (actual.Width * actual.Height);
        var bytes = actual.Format == PixelFormat.Rgb24 ? 3 : 4;
        var (red, blue) = bytes == 3 ? (0, 2) : (2, 0);
        int largest = 0, compared = 0;
        for (int i = 0, e = 0, a = 0; i < actual.Width * actual.Height; i++, e += channels, a += bytes)
        {
            var inside = channels == 3 || expected[e + 3] == 255;
            if (!inside)
            {
                Assert.True(actual.Pixels[a] == (bytes == 3 ? 255 : 0), $"{what}: OpenSlide is transparent at {i % actual.Width},{i / actual.Width}, alpha {expected[e + 3]}; ours is {actual.Pixels[a]}.");
                if (bytes == 4) Assert.Equal(0, actual.Pixels[a + 3]);
                continue;
            }
            compared++;
            largest = Math.Max(largest, Math.Abs(expected[e] - actual.Pixels[a + red]));
            largest = Math.Max(largest, Math.Abs(expected[e + 1] - actual.Pixels[a + 1]));
            largest = Math.Max(largest, Math.Abs(expected[e + 2] - actual.Pixels[a + blue]));
            if (bytes == 4) Assert.Equal(255, actual.Pixels[a + 3]);
        }
        Assert.True(largest <= (tolerance ?? Tolerance), $"{what}: of {compared} pixels one differs by {largest}; at most {tolerance ?? Tolerance} with {JpegDecoders.Best.Name}.");
    }
}
