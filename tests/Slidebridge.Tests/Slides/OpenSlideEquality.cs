using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>OpenSlide is the reference for what a TIFF or SVS shows.</summary>
public sealed class OpenSlideEquality
{
    // libturbojpeg is what OpenSlide decodes with; SkiaSharp's build rounds chroma otherwise.
    static int Tolerance => JpegDecoders.Best.Name == "turbo" ? 0 : 2;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_aperio_slide_has_OpenSlides_pixels_everywhere()
    {
        var regions = new List<Region> { new(0, 0, 0, 2220, 2967) };
        var random = new Random(7);
        for (var i = 0; i < 20; i++) regions.Add(new Region(0, random.Next(-300, 2300), random.Next(-300, 3000), random.Next(1, 700), random.Next(1, 700)));
        await Compare(SharedFiles.CmuSmallRegion, [.. regions]);
    }

    [Fact]
    public async Task A_generic_tiff_has_OpenSlides_pixels_on_every_level()
    {
        await Compare(SharedFiles.Boxes, [new(0, 0, 0, 300, 250), new(1, 0, 0, 150, 125), new(2, 0, 0, 75, 62), new(3, 0, 0, 37, 31), new(1, -40, 60, 120, 120)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slide_that_we_wrote_has_OpenSlides_pixels_on_every_level(bool big)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("written.svs");
        await SyntheticTissue.Create(1100, 900, 2).WriteAsync(path, new PyramidWriterOptions { BigTiff = big }, cancellationToken: Token);
        await Compare(path, [new(0, 0, 0, 1100, 900), new(1, 0, 0, 550, 450), new(2, 0, 0, 275, 225), new(0, -30, 700, 400, 400), new(1, 900, 700, 200, 200)]);
    }

    [Theory]
    [InlineData("thumbnail")]
    [InlineData("label")]
    [InlineData("macro")]
    public async Task An_associated_image_has_OpenSlides_pixels(string name)
    {
        using var folder = new TemporaryFolder();
        var reference = OpenSlideReference.Read(SharedFiles.CmuSmallRegion, folder);
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        Assert.Equal(reference.AssociatedImages.Keys.Order().ToArray(), slide.AssociatedImages.Keys.Order().ToArray());
        var image = await slide.AssociatedImages[name].ReadAsync(Token);
        Assert.Equal(reference.AssociatedImages[name], new[] { image.Width, image.Height });
        AssertSame(File.ReadAllBytes(folder.File(name)), image, name);
    }

    [Fact]
    public async Task An_aperio_slide_says_what_OpenSlide_says_of_it()
    {
        using var folder = new TemporaryFolder();
        var reference = OpenSlideReference.Read(SharedFiles.CmuSmallRegion, folder);
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        Assert.Equal("aperio-svs", slide.Format);
        Assert.Equal(reference.Levels, slide.Levels.Select(level => new[] { level.Width, level.Height }).ToArray());
        Assert.Equal(new MicronsPerPixel(0.499, 0.499), slide.Mpp);
        Assert.Equal(20, slide.ObjectivePower);
        Assert.Equal("20", slide.Properties["aperio.AppMag"]);
        Assert.Equal("jpeg", slide.Levels[0].Compression);
        Assert.Equal("lzw", slide.AssociatedImages["label"].Compression);
    }

    static async Task Compare(string path, Region[] regions)
    {
        using var folder = new TemporaryFolder();
        var reference = OpenSlideReference.Read(path, folder, regions);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Equal(reference.Downsamples, slide.Levels.Select(level => level.Downsample).ToArray());
        for (var i = 0; i < regions.Length; i++)
        {
            var expected = File.ReadAllBytes(folder.File($"region{i}"));
            AssertSame(expected, await slide.ReadRegionAsync(regions[i], PixelFormat.Rgb24, Token), $"{regions[i]}");
            AssertSame(expected, await slide.ReadRegionAsync(regions[i], PixelFormat.Bgra32, Token), $"{regions[i]} with alpha");
        }
    }

    /// <summary>Compares with OpenSlide's RGBA (or RGB) bytes; where it is transparent ours must be background.</summary>
    static void AssertSame(byte[] expected, Raster actual, string what)
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
                Assert.Equal(bytes == 3 ? 255 : 0, actual.Pixels[a]);
                if (bytes == 4) Assert.Equal(0, actual.Pixels[a + 3]);
                continue;
            }
            compared++;
            largest = Math.Max(largest, Math.Abs(expected[e] - actual.Pixels[a + red]));
            largest = Math.Max(largest, Math.Abs(expected[e + 1] - actual.Pixels[a + 1]));
            largest = Math.Max(largest, Math.Abs(expected[e + 2] - actual.Pixels[a + blue]));
            if (bytes == 4) Assert.Equal(255, actual.Pixels[a + 3]);
        }
        Assert.True(largest <= Tolerance, $"{what}: of {compared} pixels one differs by {largest}; at most {Tolerance} with {JpegDecoders.Best.Name}.");
    }
}
