using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Pages that might pass for the slide or a level of it: labels by their words, masks, maps, scenes; and how their samples are stored.</summary>
public sealed class OddPagesTests
{
    const string Aperio = "Aperio Image Library v12\r\n256x192 (64x48) |AppMag = 20|MPP = 0.5";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static TiffPicture Painted(int width, int height, byte color) => new(width, height, (64, 48), PaintedSlide.Pixels(width, height, (x, y) => (color, (byte)(x / 2), (byte)(y / 2))));

    static readonly TiffPicture Full = Painted(256, 192, 40), Half = Painted(128, 96, 40), Label = Painted(128, 96, 200);

    static TiffBuilderPage Page(TiffPicture picture, string? text = null) => text is null ? picture.Page(TiffPacking.Deflate) : picture.Page(TiffPacking.Deflate).SetText(270, text);

    static Task<Slide> OpenAsync(params TiffBuilderPage[] pages)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange(pages);
        return Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
    }

    /// <summary>Nothing of another picture is in any level, tile stream or thumbnail.</summary>
    static async Task AssertShowsOnlyTheSlideAsync(Slide slide, params int[] widths)
    {
        Assert.Equal(widths, slide.Levels.Select(level => level.Width));
        foreach (var level in slide.Levels) AssertRed((await slide.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), cancellationToken: Token)).Pixels);
        foreach (var edge in new[] { 128, 64, 30 }) AssertRed((await slide.GetThumbnailAsync(edge, edge, Token)).Pixels);

        static void AssertRed(byte[] pixels) => Assert.All(pixels.Where((_, i) => i % 3 == 0), value => Assert.Equal(40, value));
    }

    [Theory]
    [InlineData("Aperio Image Library v12\r\nlabel 128x96")]
    [InlineData("Aperio Image Library v12\nlabel\t128x96")]
    [InlineData("Aperio Image Library v12\r\nLabel|AppMag = 40")]
    [InlineData("Aperio Image Library v12\rlabel 128x96")]
    [InlineData("Aperio Image Library v12\n\n label(128x96)")]
    [InlineData("label 128x96")]
    [InlineData("Label_Image")]
    public async Task A_tiled_label_of_a_levels_shape_is_the_label_wherever_it_lies(string words)
    {
        foreach (var first in new[] { Aperio, "" })
            foreach (var place in new[] { 0, 1, 2 })
            {
                List<TiffBuilderPage> pages = [Page(Full, first), Page(Half, first)];
                pages.Insert(place, Page(Label, words).Set(254, 4, place == 1 ? 1 : 0));
                await using var slide = await OpenAsync([.. pages]);
                await AssertShowsOnlyTheSlideAsync(slide, 256, 128);
                Assert.Equal(Label.Pixels, (await slide.AssociatedImages["label"].ReadAsync(Token)).Pixels);
            }
    }

    [Theory]
    [InlineData("Slide 17\nLabel: HE 2023-11\nScanner: X")]
    [InlineData("Overview of the margin")]
    [InlineData("<slide\n  Label=\"HE 17\"/>")]
    [InlineData("Label 17")]
    [InlineData("Aperio Image Library v12\r\n256x192|Title = case\nLabel printed 2020|MPP = 0.5")]
    public async Task A_description_that_all_levels_have_names_none_of_them(string words)
    {
        await using var slide = await OpenAsync(Page(Full, words), Page(Half, words).Set(254, 4, 1), Page(Painted(64, 48, 40), words).Set(254, 4, 1));
        await AssertShowsOnlyTheSlideAsync(slide, 256, 128, 64);
        Assert.Empty(slide.AssociatedImages);
        Assert.Empty(slide.Warnings);
    }

    [Theory]
    [InlineData(150, 112)]
    [InlineData(127, 95)]
    [InlineData(128, 96)]
    public async Task A_picture_in_strips_takes_no_level_away_whatever_its_size(int width, int height)
    {
        foreach (var place in new[] { 1, 2, 3 })
        {
            List<TiffBuilderPage> pages = [Page(Full), Page(Half).Set(254, 4, 1), Page(Painted(64, 48, 40)).Set(254, 4, 1)];
            pages.Insert(place, Page(new TiffPicture(width, height, null)));
            await using var slide = await OpenAsync([.. pages]);
            await AssertShowsOnlyTheSlideAsync(slide, 256, 128, 64);
        }
    }

    [Fact]
    public async Task What_is_said_of_the_slide_behind_a_label_is_the_slides_own()
    {
        await using var slide = await OpenAsync(Page(Label, "Label 17\nof a patient"), Page(Half, "Scanner X|MPP = 1"), Page(Full, "Scanner X|MPP = 0.5").Set(274, 3, 6));
        Assert.Equal(256, slide.Width);
        Assert.Equal("6", slide.Properties["tiff.Orientation"]);
        Assert.DoesNotContain("patient", slide.Properties["tiff.ImageDescription"], StringComparison.Ordinal);
        Assert.Equal(0.5, slide.Mpp!.Value.X);
    }

    [Fact]
    public async Task A_label_in_strips_before_the_slide_is_the_label()
    {
        await using var slide = await OpenAsync(Page(new TiffPicture(60, 50, null), "Aperio Image Library v12\r\nlabel 60x50"), Page(Full, Aperio), Page(Half, Aperio));
        Assert.Equal("aperio-svs", slide.Format);
        await AssertShowsOnlyTheSlideAsync(slide, 256, 128);
        Assert.True(slide.AssociatedImages.ContainsKey("label"));
    }

    [Theory]
    [InlineData(5L, false)]
    [InlineData(0L, true)]
    public async Task A_mask_or_a_grey_map_is_no_level_of_a_slide_in_colours(long subfile, bool isGrey)
    {
        var other = (isGrey ? Label.PlanePage(0, TiffPacking.Deflate) : Page(Label)).Set(254, 4, subfile);
        await using var slide = await OpenAsync(Page(Full), other, Page(Painted(64, 48, 40)).Set(254, 4, 1));
        await AssertShowsOnlyTheSlideAsync(slide, 256, 64);
        Assert.Equal("other-pictures", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("")]
    [InlineData(Aperio)]
    public async Task Scenes_of_nearly_one_size_do_not_mix(string words)
    {
        await using var slide = await OpenAsync([.. new[] { (256, 192, 40), (128, 96, 40), (64, 48, 40), (254, 190, 200), (127, 95, 200), (63, 47, 200) }.Select(each => Page(Painted(each.Item1, each.Item2, (byte)each.Item3), words))]);
        await AssertShowsOnlyTheSlideAsync(slide, 256, 128, 64);
        Assert.Contains(slide.Warnings, warning => warning.Code == "other-pictures");
    }

    [Fact]
    public async Task Reduced_pages_behind_another_scene_are_that_scenes()
    {
        // The second scene is no level of the first; its smaller version says that it is a reduced picture, and has the first one's shape.
        await using var slide = await OpenAsync(Page(Full), Page(Half).Set(254, 4, 1), Page(Painted(200, 150, 200)), Page(Painted(100, 75, 200)).Set(254, 4, 1));
        await AssertShowsOnlyTheSlideAsync(slide, 256, 128);
        Assert.Equal("other-pictures", Assert.Single(slide.Warnings).Code);
    }

    [Fact]
    public async Task A_reduced_page_of_another_shape_takes_no_smaller_level_with_it()
    {
        // Padded to whole tiles, a level has another shape than the slide.
        await using var slide = await OpenAsync(Page(Full), Page(Painted(128, 144, 40)).Set(254, 4, 1), Page(Painted(64, 48, 40)).Set(254, 4, 1));
        await AssertShowsOnlyTheSlideAsync(slide, 256, 64);
    }

    [Fact]
    public async Task Further_pages_in_strips_are_counted()
    {
        await using var slide = await OpenAsync(Page(new TiffPicture(256, 192, null)), Page(new TiffPicture(256, 192, null)));
        Assert.Single(slide.Levels);
        Assert.Equal("other-pictures", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public async Task Bytes_with_their_lowest_bit_first_are_turned(int compression, bool lzw)
    {
        var page = Full.Page(compression == 1 ? TiffPacking.None : lzw ? TiffPacking.Lzw : TiffPacking.Deflate);
        var turned = new TiffBuilderPage { Chunks = [.. page.Chunks.Select(chunk => chunk.Select(Turn).ToArray())] };
        foreach (var (tag, field) in page.Fields) turned.Fields[tag] = field;
        await using var slide = await OpenAsync(turned.Set(266, 3, 2));
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);

        static byte Turn(byte value) => (byte)Enumerable.Range(0, 8).Sum(bit => (value >> bit & 1) << (7 - bit));
    }

    [Fact]
    public async Task Three_samples_of_a_picture_that_does_not_say_its_colours_are_red_green_and_blue_with_a_warning()
    {
        var page = Page(Full);
        page.Fields.Remove(262);
        await using var slide = await OpenAsync(page);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        Assert.Equal("colors-assumed", Assert.Single(slide.Warnings).Code);
        await using var grey = await OpenAsync(Page(Full).Set(262, 3, 1));
        Assert.Equal("colors-assumed", Assert.Single(grey.Warnings).Code);
    }

    [Fact]
    public async Task A_flood_of_warnings_of_one_kind_drives_out_none_of_another()
    {
        var jpeg = PlainJpeg.WithJfif(PlainJpeg.Encode(PaintedSlide.Pixels(64, 64, (x, y) => ((byte)240, (byte)(200 + y / 2), (byte)240)), 64, 64, subsampled: true));
        var first = new TiffBuilderPage { Chunks = [jpeg] }.Set(256, 4, 64).Set(257, 4, 64).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 2).Set(277, 3, 3).Set(322, 4, 64).Set(323, 4, 64);
        await using var slide = await OpenAsync([first, .. Enumerable.Range(1, 70).Select(i => new TiffBuilderPage { Chunks = [[1]] }.Set(256, 4, i).Set(257, 4, 0))]);
        await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
        Assert.Contains(slide.Warnings, warning => warning.Code == "colors-contradict");
        Assert.InRange(slide.Warnings.Count(warning => warning.Code == "structure-damaged"), 1, 16);
    }

    [Fact]
    public async Task A_grey_strip_that_is_decoded_by_rows_has_white_where_it_says_that_zero_is_white()
    {
        // Above 32 Mi pixels; all of it nearly black as stored.
        const int Edge = 6144;
        byte[] jpeg;
        using (var bitmap = new SkiaSharp.SKBitmap(new SkiaSharp.SKImageInfo(Edge, Edge, SkiaSharp.SKColorType.Gray8, SkiaSharp.SKAlphaType.Opaque)))
        {
            bitmap.Erase(new SkiaSharp.SKColor(5, 5, 5));
            using var pixmap = bitmap.PeekPixels();
            using var data = pixmap!.Encode(new SkiaSharp.SKJpegEncoderOptions(80));
            jpeg = data!.ToArray();
        }
        await using var slide = await OpenAsync(new TiffBuilderPage { Chunks = [jpeg] }.Set(256, 4, Edge).Set(257, 4, Edge).Set(258, 3, 8).Set(259, 3, 7).Set(262, 3, 0).Set(277, 3, 1).Set(278, 4, Edge));
        Assert.All((await slide.ReadRegionAsync(new Region(0, 10, 10, 32, 32), cancellationToken: Token)).Pixels, value => Assert.InRange(value, 247, 253));
    }

    [Fact]
    public async Task An_examination_looks_at_the_pictures_beside_the_levels_too()
    {
        await using var slide = await OpenAsync(Page(Full, Aperio), new TiffBuilderPage { Chunks = [new byte[9]] }
            .Set(256, 4, 100).Set(257, 4, 75).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 2).Set(277, 3, 3).Set(278, 4, 75).SetText(270, "Aperio Image Library v12\r\n256x192 -> 100x75"));
        Assert.Empty(slide.Warnings);
        await slide.ExamineAsync(Token);
        Assert.Contains("thumbnail cannot be decoded", Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
    }
}
