using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>OpenSlide is the reference for what a TIFF or SVS shows.</summary>
public sealed class OpenSlideEquality
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_aperio_slide_has_OpenSlides_pixels_everywhere()
    {
        var regions = new List<Region> { new(0, 0, 0, 2220, 2967) };
        var random = new Random(7);
        for (var i = 0; i < 20; i++) regions.Add(new Region(0, random.Next(-300, 2300), random.Next(-300, 3000), random.Next(1, 700), random.Next(1, 700)));
        await OpenSlidePixels.CompareAsync(SharedFiles.CmuSmallRegion, [.. regions]);
    }

    [Fact]
    public async Task A_generic_tiff_has_OpenSlides_pixels_on_every_level()
    {
        await OpenSlidePixels.CompareAsync(SharedFiles.Boxes, [new(0, 0, 0, 300, 250), new(1, 0, 0, 150, 125), new(2, 0, 0, 75, 62), new(3, 0, 0, 37, 31), new(1, -40, 60, 120, 120)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_slide_that_we_wrote_has_OpenSlides_pixels_on_every_level(bool big)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("written.svs");
        await SyntheticTissue.Create(1100, 900, 2).WriteAsync(path, new PyramidWriterOptions { BigTiff = big }, cancellationToken: Token);
        await OpenSlidePixels.CompareAsync(path, [new(0, 0, 0, 1100, 900), new(1, 0, 0, 550, 450), new(2, 0, 0, 275, 225), new(0, -30, 700, 400, 400), new(1, 900, 700, 200, 200)]);
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
        OpenSlidePixels.AssertSame(File.ReadAllBytes(folder.File(name)), image, name);
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
}
