using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Every layout that a TIFF may have shows the same pixels, from a file and over HTTP.</summary>
public sealed class TiffLayoutTests : ServedSlideTests
{
    public static TheoryData<bool, bool, bool, bool, TiffPacking> Layouts
    {
        get
        {
            var layouts = new TheoryData<bool, bool, bool, bool, TiffPacking>();
            bool[] either = [false, true];
            foreach (var big in either)
                foreach (var bigEndian in either)
                    foreach (var directoriesFirst in either)
                        foreach (var tiled in either)
                            foreach (var packing in Enum.GetValues<TiffPacking>())
                                layouts.Add(big, bigEndian, directoriesFirst, tiled, packing);
            return layouts;
        }
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task A_tiff_shows_the_same_pixels_however_it_is_laid_out(bool big, bool bigEndian, bool directoriesFirst, bool tiled, TiffPacking packing)
    {
        (int, int)? tile = tiled ? (64, 48) : null;
        TiffPicture full = new(300, 210, tile), half = new(150, 105, (64, 48));
        var builder = new TiffBuilder(new TiffLayout(big, bigEndian, directoriesFirst));
        builder.Pages.Add(full.Page(packing).SetText(270, "made for a test").Set(282, 5, 20000, 1).Set(283, 5, 20000, 1).Set(296, 3, 3));
        builder.Pages.Add(half.Page(packing));
        var bytes = builder.Build();
        var path = Folder.File("slide");
        await File.WriteAllBytesAsync(path, bytes, Token);
        var served = Server.Serve(bytes);

        foreach (var place in new[] { path, served.Url })
        {
            // Small blocks, so that values and tiles straddle them.
            await using var slide = await Slide.OpenAsync(place, new SlideOptions { BlockSize = 1024, Cache = new BlockCache(32 * 1024) }, Token);
            Assert.Equal("generic-tiff", slide.Format);
            Assert.Equal([(300, 210), (150, 105)], slide.Levels.Select(level => (level.Width, level.Height)));
            Assert.Equal(new MicronsPerPixel(0.5, 0.5), slide.Mpp);
            Assert.Equal("made for a test", slide.Properties["tiff.ImageDescription"]);
            await Pixels.AssertSameAsync(slide, 0, full.Pixels);
            await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        }
        Assert.All(served.Asked, asked => Assert.StartsWith("GET bytes=", asked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_tile_that_is_not_stored_is_background()
    {
        var picture = new TiffPicture(128, 96, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        var page = picture.Page(TiffPacking.None);
        page.Chunks[3] = [];
        builder.Pages.Add(page);
        var path = Folder.File("sparse");
        await File.WriteAllBytesAsync(path, builder.Build(), Token);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        for (var y = 48; y < 96; y++) picture.Pixels.AsSpan((y * 128 + 64) * 3, 64 * 3).Fill(255);
        Assert.Equal(picture.Pixels, (await slide.ReadRegionAsync(new Region(0, 0, 0, 128, 96), PixelFormat.Rgb24, Token)).Pixels);
        Assert.All((await slide.ReadTileAsync(0, 1, 1, PixelFormat.Bgra32, Token)).Pixels, value => Assert.Equal(0, value));
    }
}
