using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>How a pixel's samples may lie in a TIFF: in planes, as luma and chroma, with a fourth channel; and what is refused.</summary>
public sealed class TiffSamplesTests : ServedSlideTests
{
    [Theory]
    [InlineData(TiffPacking.None)]
    [InlineData(TiffPacking.Lzw)]
    [InlineData(TiffPacking.LzwPredicted)]
    [InlineData(TiffPacking.Deflate)]
    [InlineData(TiffPacking.DeflatePredicted)]
    public async Task Colours_in_planes_are_woven_together(TiffPacking packing)
    {
        foreach (var tiled in new[] { true, false })
        {
            (int, int)? tile = tiled ? (64, 48) : null;
            TiffPicture full = new(300, 210, tile), half = new(150, 105, (64, 48));
            var builder = new TiffBuilder(new TiffLayout());
            builder.Pages.Add(full.PlanarPage(packing));
            builder.Pages.Add(half.PlanarPage(packing).Set(254, 4, 1));
            var path = await WriteAsync(builder);
            foreach (var place in new[] { path, Server.Serve(builder.Build()).Url })
            {
                await using var slide = await Slide.OpenAsync(place, cancellationToken: Token);
                await Pixels.AssertSameAsync(slide, 0, full.Pixels);
                await Pixels.AssertSameAsync(slide, 1, half.Pixels);
            }
            if (tiled) await OpenSlidePixels.CompareAsync(path, [path], [new(0, 0, 0, 300, 210), new(1, 0, 0, 150, 105)], 0);
        }
    }

    [Fact]
    public async Task Luma_and_chroma_that_are_not_JPEG_have_OpenSlides_pixels()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(300, 210, (64, 48)).Page(1, 6, (rgb, width, height) =>
        {
            var (y, cb, cr) = new CodecSamples(Folder, width, height, rgb).YCbCr(1);
            return [.. y.SelectMany((value, i) => new[] { value, cb[i], cr[i] })];
        }).Set(530, 3, 1, 1));
        var path = await WriteAsync(builder);
        await OpenSlidePixels.CompareAsync(path, [path, Server.Serve(builder.Build()).Url], [new(0, 0, 0, 300, 210)], 2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Grey_is_shown_grey_and_the_right_way_round(bool minIsWhite)
    {
        var picture = new TiffPicture(100, 80, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(picture.PlanePage(1, TiffPacking.Lzw).Set(262, 3, minIsWhite ? 0 : 1));
        await using var slide = await Slide.OpenAsync(await WriteAsync(builder), cancellationToken: Token);
        await Pixels.AssertSameAsync(slide, 0, [.. picture.Pixels.Chunk(3).SelectMany(pixel => Enumerable.Repeat((byte)(minIsWhite ? 255 - pixel[1] : pixel[1]), 3))]);
    }

    [Fact]
    public async Task A_fourth_channel_is_not_shown()
    {
        var picture = new TiffPicture(100, 80, (64, 48));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(picture.Page(1, 2, (rgb, _, _) => [.. rgb.Chunk(3).SelectMany(pixel => pixel.Append((byte)7))]).Set(258, 3, 8, 8, 8, 8).Set(277, 3, 4).Set(338, 3, 0));
        await using var slide = await Slide.OpenAsync(await WriteAsync(builder), cancellationToken: Token);
        await Pixels.AssertSameAsync(slide, 0, picture.Pixels);
    }

    [Theory]
    [InlineData(258, 16, "samples of 16 bits")]
    [InlineData(259, 6, "old-style JPEG")]
    [InlineData(259, 34887, "lerc")]
    [InlineData(262, 3, "colour model")]
    [InlineData(262, 6, "YCbCr with subsampled chroma")]
    [InlineData(339, 3, "sample format 3")]
    public async Task What_cannot_be_shown_is_said(int tag, int value, string said)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(100, 80, (64, 48)).Page(TiffPacking.None).Set(tag, 3, value));
        await using var slide = await Slide.OpenAsync(await WriteAsync(builder), cancellationToken: Token);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: Token));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.NotNull(failure.Offset);
    }

    async Task<string> WriteAsync(TiffBuilder builder)
    {
        var path = Folder.File("slide.tif");
        await File.WriteAllBytesAsync(path, builder.Build(), Token);
        return path;
    }
}
