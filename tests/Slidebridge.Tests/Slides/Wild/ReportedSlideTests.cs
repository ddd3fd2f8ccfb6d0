using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Small slides with the troubles of public bug reports, each against what is right: <c>../shared/data/reported</c>.</summary>
public sealed class ReportedSlideTests
{
    // Another writer's JPEG of the same picture, level 0 of which others are made.
    const string SamePicture = "reported/motic.svs";

    // Two lossy codings of one picture differ by a few steps, at edges by more.
    const double SamePictureMean = 3;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("dicom_bf_rgb/0.dcm", "colors-contradict")]
    [InlineData("dicom_dup", "objects-left-out")]
    [InlineData("dicom_zstack", "other-pictures")]
    [InlineData("zip_ann.zip", "objects-left-out")]
    [InlineData("end_pointer.svs", "structure-damaged")]
    [InlineData("page_without_width.svs", "structure-damaged")]
    [InlineData("svs_zstack.svs", "other-pictures")]
    [InlineData("svs_no_thumbnail.svs", null)]
    [InlineData("svs_tiled_label.svs", null)]
    [InlineData("svs_thumb_padded_strip.svs", null)]
    public async Task Level_0_is_the_picture_that_all_of_them_show(string name, string? warning)
    {
        await using var slide = await OpenAsync(name);
        await using var same = await Slide.OpenAsync(SharedFiles.Find(SamePicture), cancellationToken: Token);
        Assert.Equal((768, 512), (slide.Width, slide.Height));
        Assert.Equal(0.25, slide.Mpp!.Value.X, 0.001);
        Assert.InRange(await DifferenceAsync(slide, 0, same, 0), 0, SamePictureMean);
        await slide.ExamineAsync(Token);
        if (warning is null) Assert.Empty(slide.Warnings);
        else Assert.Contains(warning, slide.Warnings.Select(each => each.Code));
        Assert.All(slide.Warnings, each => Assert.DoesNotContain("SYNTHETIC", each.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Empty_edge_tiles_of_a_smaller_level_show_the_larger_one()
    {
        await using var slide = await OpenAsync("svs_zero_edge_tiles.svs");
        Assert.Equal([1280, 640, 320], slide.Levels.Select(level => level.Width));
        var full = await slide.ReadRegionAsync(new Region(0, 0, 0, 1280, 1024), cancellationToken: Token);
        for (var index = 1; index < 3; index++)
        {
            var (level, found) = (slide.Levels[index], await slide.ReadRegionAsync(new Region(index, 0, 0, slide.Levels[index].Width, slide.Levels[index].Height), cancellationToken: Token));
            Assert.InRange(Difference(Shrink(full, 1 << index), found.Pixels), 0, SamePictureMean);
            // And tile by tile, as whoever copies a pyramid reads it.
            for (var row = 0; row < level.Rows; row++)
                for (var column = 0; column < level.Columns; column++)
                {
                    var tile = await slide.ReadTileAsync(index, column, row, cancellationToken: Token);
                    Assert.Equal(tile.Pixels, Cut(found, column * level.TileWidth, row * level.TileHeight, tile.Width, tile.Height));
                }
        }
        Assert.Equal("tiles-filled", Assert.Single(slide.Warnings).Code);
        var thumbnail = await slide.GetThumbnailAsync(320, 256, Token);
        Assert.InRange(Difference(Shrink(full, 4), thumbnail.Pixels), 0, SamePictureMean);
    }

    [Fact]
    public async Task A_slide_at_several_depths_shows_the_first_and_gives_the_others()
    {
        foreach (var (name, levels) in new[] { ("svs_zstack.svs", 2), ("dicom_zstack", 1) })
        {
            await using var first = await OpenAsync(name);
            Assert.Equal([0.0, 1, 2], first.FocalPlanes.Select(plane => plane.Offset!.Value));
            Assert.Equal(levels, first.Levels.Count);
            Assert.Equal(first.Levels.Count, first.Levels.Select(level => level.Width).Distinct().Count());
            Assert.Equal(levels - 1, first.BestLevelForDownsample(2));
            for (var plane = 1; plane < 3; plane++)
            {
                await using var other = await OpenAsync(name, new SlideOptions { FocalPlane = plane });
                for (var level = 0; level < levels; level++) Assert.True(await DifferenceAsync(first, level, other, level) > 1);
            }
            await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync(name, new SlideOptions { FocalPlane = 3 }));
        }
    }

    [Theory]
    [InlineData("svs_no_thumbnail.svs", "label 160×160, macro 320×128")]
    [InlineData("svs_tiled_label.svs", "thumbnail 160×128, label 160×160, macro 320×128")]
    [InlineData("svs_thumb_padded_strip.svs", "thumbnail 384×256")]
    public async Task The_label_is_called_label_and_no_level(string name, string images)
    {
        await using var slide = await OpenAsync(name);
        Assert.Equal(images, string.Join(", ", slide.AssociatedImages.Values.Select(image => $"{image.Name} {image.Width}×{image.Height}")));
        Assert.All(slide.Levels, level => Assert.Equal(1.5, (double)level.Width / level.Height));
        foreach (var image in slide.AssociatedImages.Values) Assert.Equal(image.Width, (await image.ReadAsync(Token)).Width);
        // A label is square here, or shows a number: what stands for the slide has its shape.
        var thumbnail = await slide.GetThumbnailAsync(200, 200, Token);
        Assert.InRange((double)thumbnail.Width / thumbnail.Height, 1.2, 1.55);
    }

    [Fact]
    public async Task Pixels_are_as_stored_though_the_slide_asks_to_be_turned()
    {
        await using var slide = await OpenAsync("real/li__test_orient6.tif");
        Assert.Equal((120, 180), (slide.Width, slide.Height));
        Assert.Equal("6", slide.Properties["tiff.Orientation"]);
        Assert.Equal("orientation", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("subifd_zero_1.tif", 200, 150)]
    [InlineData("real/pil__child_ifd_jpeg.tiff", 1, 1)]
    [InlineData("real/pil__tiff_wrong_bits_per_sample_2.tiff", 16, 16)]
    [InlineData("real/tm__ifd-end-pointer.tif", 6, 4)]
    public async Task A_TIFF_that_every_reader_opens_is_opened(string name, int width, int height)
    {
        await using var slide = await OpenAsync(name);
        Assert.Equal((width, height), (slide.Width, slide.Height));
        if (slide.Levels[0].Compression != "ccitt") Assert.Equal(width, (await slide.ReadRegionAsync(new Region(0, 0, 0, width, height), cancellationToken: Token)).Width);
    }

    [Fact]
    public async Task Resolution_and_magnification_are_read_from_any_scanners_pairs()
    {
        await using var slide = await OpenAsync("motic.svs");
        Assert.Equal(0.25729, slide.Mpp!.Value.X, 0.00001);
        Assert.Equal(40, slide.ObjectivePower);
    }

    static Task<Slide> OpenAsync(string name, SlideOptions? options = null)
    {
        var found = Path.Combine(Path.GetDirectoryName(SharedFiles.Find("reported/motic.svs"))!, name);
        return Slide.OpenAsync(found, options, Token);
    }

    static async Task<double> DifferenceAsync(Slide one, int level, Slide other, int otherLevel)
    {
        var (width, height) = (one.Levels[level].Width, one.Levels[level].Height);
        return Difference((await one.ReadRegionAsync(new Region(level, 0, 0, width, height), cancellationToken: Token)).Pixels, (await other.ReadRegionAsync(new Region(otherLevel, 0, 0, width, height), cancellationToken: Token)).Pixels);
    }

    static double Difference(byte[] one, byte[] other)
    {
        Assert.Equal(one.Length, other.Length);
        return one.Zip(other, (a, b) => (double)Math.Abs(a - b)).Average();
    }

    static byte[] Shrink(Raster raster, int by)
    {
        int width = raster.Width / by, height = raster.Height / by;
        var small = new byte[width * height * 3];
        for (var i = 0; i < small.Length; i++)
        {
            int x = i / 3 % width * by, y = i / 3 / width * by, sum = 0;
            for (var dy = 0; dy < by; dy++)
                for (var dx = 0; dx < by; dx++) sum += raster.Pixels[((y + dy) * raster.Width + x + dx) * 3 + i % 3];
            small[i] = (byte)((sum + by * by / 2) / (by * by));
        }
        return small;
    }

    static byte[] Cut(Raster raster, int x, int y, int width, int height) =>
        [.. Enumerable.Range(0, height).SelectMany(row => raster.Pixels.AsSpan(((y + row) * raster.Width + x) * 3, width * 3).ToArray())];
}
