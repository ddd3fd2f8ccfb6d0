using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Aperio's compressions against OpenSlide, from a file and over HTTP.</summary>
public sealed class AperioTests : ServedSlideTests
{
    const int Ycc = 33003, Rgb = 33005;

    [Theory]
    [InlineData(TiffPacking.None)]
    [InlineData(TiffPacking.Lzw)]
    [InlineData(TiffPacking.LzwPredicted)]
    [InlineData(TiffPacking.Deflate)]
    [InlineData(TiffPacking.DeflatePredicted)]
    [InlineData(TiffPacking.Jpeg)]
    public async Task Every_classic_compression_has_OpenSlides_pixels(TiffPacking packing) => await CompareAsync(AperioSlide.Build(picture => picture.Page(packing)), null);

    [Theory]
    [InlineData(Rgb, 0)]
    [InlineData(Ycc, 1)]
    [InlineData(Ycc, 2)]
    public async Task Jpeg_2000_has_OpenSlides_pixels(int compression, int chromaStep)
    {
        var bytes = AperioSlide.Build(picture => picture.Page(compression, 2, (rgb, width, height) =>
        {
            var samples = new CodecSamples(Folder, width, height, rgb);
            return compression == Rgb ? samples.OpenJpeg("j2k", "-r", "6", "-I") : samples.OpenJpegYCbCr(chromaStep, "-r", "6", "-I");
        }));
        await CompareAsync(bytes, 2);
    }

    [Fact]
    public async Task A_tile_that_level_0_does_not_store_is_background_as_in_OpenSlide()
    {
        var bytes = AperioSlide.Build(picture =>
        {
            var page = picture.Page(TiffPacking.Deflate);
            if (picture.Width == AperioSlide.Width) page.Chunks[4] = [];
            return page;
        });
        // OpenSlide leaves the place empty on level 1 too, although it is stored there; we show what is stored.
        await CompareAsync(bytes, null, AperioSlide.Regions[0], AperioSlide.Regions[2]);
    }

    [Fact]
    public async Task The_colour_profile_is_given_as_stored()
    {
        byte[] profile = [.. Enumerable.Range(0, 700).Select(i => (byte)i)];
        var bytes = AperioSlide.Build(picture => picture.Page(TiffPacking.Deflate).SetBytes(34675, profile));
        await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
        Assert.Equal(profile, await slide.ReadIccProfileAsync(Token));
    }

    async Task CompareAsync(byte[] bytes, int? tolerance, params Region[] regions)
    {
        var path = Folder.File("slide.svs");
        await File.WriteAllBytesAsync(path, bytes, Token);
        await OpenSlidePixels.CompareAsync(path, [path, Server.Serve(bytes).Url], regions.Length > 0 ? regions : AperioSlide.Regions, tolerance);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Equal("aperio-svs", slide.Format);
        Assert.Contains("thumbnail", slide.AssociatedImages.Keys);
    }
}
