using System.Text;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>TIFFs that are damaged behind their first picture, or written in a way of their own: opened, with the right pixels, and said so.</summary>
public sealed class StructureTests
{
    readonly TiffPicture full = new(256, 192, (64, 48)), half = new(128, 96, (64, 48));

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_without_a_size_is_left_out_and_those_behind_it_are_not()
    {
        foreach (var tag in new[] { 256, 257, 324 })
        {
            var bad = full.Page(TiffPacking.Lzw);
            if (tag == 324) bad.Set(324, 4, 8);
            else bad.Fields.Remove(tag);
            await using var slide = await OpenAsync(full.Page(TiffPacking.Lzw), bad, half.Page(TiffPacking.Deflate));
            Assert.Equal([256, 128], slide.Levels.Select(level => level.Width));
            await Pixels.AssertSameAsync(slide, 0, full.Pixels);
            await Pixels.AssertSameAsync(slide, 1, half.Pixels);
            Assert.Equal("structure-damaged", Assert.Single(slide.Warnings).Code);
        }
    }

    [Fact]
    public async Task A_first_page_that_is_damaged_is_refused_for_a_smaller_level_would_pass_for_the_slide()
    {
        var bad = full.Page(TiffPacking.Lzw);
        bad.Fields.Remove(256);
        Assert.Contains("ImageWidth", (await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync(bad, half.Page(TiffPacking.Lzw)))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(0L, 0L)]
    [InlineData(4294967295L)]
    [InlineData(9L, 0L)]
    public async Task SubIFDs_that_are_none_are_passed_over(params long[] offsets)
    {
        await using var slide = await OpenAsync(full.Page(TiffPacking.Lzw).Set(330, 4, offsets), half.Page(TiffPacking.Lzw));
        Assert.Equal([256, 128], slide.Levels.Select(level => level.Width));
        Assert.Equal(offsets.Any(offset => offset != 0) ? 1 : 0, slide.Warnings.Count);
    }

    [Fact]
    public async Task A_SubIFD_that_is_no_image_is_left_out()
    {
        var page = full.Page(TiffPacking.Lzw);
        page.Children.Add(new TiffBuilderPage().Set(33434, 5, 1, 100));
        page.Children.Add(half.Page(TiffPacking.Lzw).Set(254, 4, 1));
        await using var slide = await OpenAsync(page);
        Assert.Equal([256, 128], slide.Levels.Select(level => level.Width));
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        Assert.Equal("structure-damaged", Assert.Single(slide.Warnings).Code);
    }

    [Fact]
    public async Task Tiles_may_be_indexed_by_the_fields_for_strips()
    {
        foreach (var packing in new[] { TiffPacking.None, TiffPacking.Jpeg })
        {
            var (picture, builder) = (new TiffPicture(256, 192, (64, 48)), new TiffBuilder(new TiffLayout()));
            builder.Pages.Add(picture.Page(packing));
            var bytes = builder.Build();
            // 324 and 325, each at an entry of its own.
            Rename(bytes, (int)builder.FirstDirectory, 324, 273);
            Rename(bytes, (int)builder.FirstDirectory, 325, 279);
            await using var slide = await Slide.OpenAsync(new MemorySource(bytes), cancellationToken: Token);
            await Pixels.AssertSameAsync(slide, 0, picture.Pixels);
        }
    }

    [Theory]
    [InlineData(8L, 8L, 8L, 8L)]
    [InlineData(8L)]
    [InlineData(8L, 8L, 8L, 16L, 16L)]
    public async Task As_many_BitsPerSample_count_as_there_are_samples(params long[] bits)
    {
        await using var slide = await OpenAsync(full.Page(TiffPacking.Lzw).Set(258, 3, bits));
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
    }

    [Fact]
    public async Task The_last_JPEG_strip_may_be_padded_and_a_tile_to_whole_blocks()
    {
        // 100 rows in strips of 40, whose last holds 40 rows, too; and a picture of one tile of 61×43, whose JPEG is 64×48.
        var gray = PaintedSlide.Pixels(120, 120, (x, y) => ((byte)(x * 2), (byte)(y * 2), 128));
        var strips = new TiffBuilderPage();
        for (var strip = 0; strip < 3; strip++) strips.Chunks.Add(PlainJpeg.WithJfif(PlainJpeg.Encode(gray[(strip * 40 * 360)..((strip + 1) * 40 * 360)], 120, 40, subsampled: false)));
        strips.Set(256, 4, 120).Set(257, 4, 100).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 6).Set(277, 3, 3).Set(278, 4, 40);
        await using var slide = await OpenAsync(strips);
        var found = await slide.ReadRegionAsync(new Region(0, 0, 0, 120, 100), cancellationToken: Token);
        Assert.All(gray[..found.Pixels.Length].Zip(found.Pixels), pair => Assert.InRange(pair.First - pair.Second, -10, 10));

        var padded = PaintedSlide.Pixels(64, 48, (x, y) => ((byte)(x * 3), (byte)(y * 3), 128));
        var page = new TiffBuilderPage { Chunks = [PlainJpeg.WithJfif(PlainJpeg.Encode(padded, 64, 48, subsampled: false))] };
        page.Set(256, 4, 61).Set(257, 4, 43).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 6).Set(277, 3, 3).Set(278, 4, 43);
        await using var single = await OpenAsync(page);
        var shown = await single.ReadRegionAsync(new Region(0, 0, 0, 61, 43), cancellationToken: Token);
        Assert.InRange(shown.Pixels[(42 * 61 + 60) * 3] - 180, -10, 10);
    }

    [Fact]
    public async Task A_thumbnail_that_cannot_be_decoded_gives_way_to_the_levels()
    {
        var builder = new TiffBuilder(new TiffLayout());
        const string Description = "Aperio Image Library v12\r\n256x192 (64x48) |AppMag = 20|MPP = 0.5";
        builder.Pages.Add(full.Page(TiffPacking.Deflate).SetText(270, Description));
        var thumbnail = new TiffPicture(128, 96, null).Page(TiffPacking.Jpeg).SetText(270, "Aperio Image Library v12\r\n256x192 -> 128x96 - ").Set(530, 3, 1, 1);
        thumbnail.Chunks[1] = [1, 2, 3];
        builder.Pages.Add(thumbnail);
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var found = await slide.GetThumbnailAsync(128, 96, Token);
        Assert.All(full.Half().Pixels.Zip(found.Pixels), pair => Assert.InRange(pair.First - pair.Second, -1, 1));
        Assert.Equal("picture-unreadable", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LZW_from_before_TIFF_6_is_read(bool noise)
    {
        // Long runs grow the table to its end; noise fills it again and again.
        var picture = noise ? full : new TiffPicture(256, 192, (64, 48), PaintedSlide.Pixels(256, 192, (x, y) => ((byte)(x / 40), 7, (byte)(y / 9))));
        var page = picture.Page(5, 2, (rgb, _, _) => LzwEncoder.EncodeOld(rgb));
        await using var slide = await OpenAsync(page);
        await Pixels.AssertSameAsync(slide, 0, picture.Pixels);
    }

    public static TheoryData<string> Descriptions => new()
    {
        "\uFEFF{0}", "\n\n{0}", "{0}\n\nand what an editor left behind <x>", "{0}\u0001\u0002", "  <?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<!-- by somebody -->{0}", "{0}<OME-not", "\uFEFF \n<?xml version=\"1.0\"?>{0}\u0000garbage",
    };

    [Theory]
    [MemberData(nameof(Descriptions))]
    public async Task OME_XML_is_read_whatever_stands_around_and_inside_it(string around)
    {
        var xml = "<OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"><Image ID=\"Image:0\" Name=\"a\u0003b&#x1;c\"><Pixels SizeC=\"3\" PhysicalSizeX=\"0,25\" PhysicalSizeY=\"2.5e-1\"><Channel SamplesPerPixel=\"3\"/><TiffData IFD=\"0\"/></Pixels></Image></OME>";
        await using var slide = await OpenAsync(WithText(full.Page(TiffPacking.Lzw), around.Replace("{0}", xml, StringComparison.Ordinal)));
        Assert.Equal("ome-tiff", slide.Format);
        Assert.Equal(new MicronsPerPixel(0.25, 0.25), slide.Mpp);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
    }

    [Theory]
    [InlineData("Scanner X|AppMag = 40|MPP = 0.2500", 0.25, 40.0)]
    [InlineData("Scanner X 256x192|MPP=0,25|AppMag=40x", 0.25, 40.0)]
    [InlineData("Scanner X|mpp = 2.5E-1 um|appmag = 40.00", 0.25, 40.0)]
    [InlineData("Scanner X|MPP = 250 nm|AppMag = 40", 0.25, 40.0)]
    [InlineData("Scanner X|MPP = 2.5e-4mm", 0.25, null)]
    [InlineData("Scanner X|MPP = 250 NM", 0.25, null)]
    [InlineData("Scanner X|MPP = 4 px/um", null, null)]
    [InlineData("\uFEFFScanner X|MPP = +0.25µm/px", 0.25, null)]
    [InlineData("Scanner X|MPP = 0", null, null)]
    [InlineData("Scanner X|MPP = n/a|AppMag = ", null, null)]
    [InlineData("MPP = 0.25", null, null)]
    public async Task Pairs_of_any_scanner_tell_the_resolution(string description, double? mpp, double? power)
    {
        foreach (var tiled in new[] { true, false })
        {
            var picture = new TiffPicture(256, 192, tiled ? (64, 48) : null);
            await using var slide = await OpenAsync(WithText(picture.Page(TiffPacking.Lzw), description));
            Assert.Equal(mpp, slide.Mpp?.X);
            Assert.Equal(power, slide.ObjectivePower);
        }
    }

    [Fact]
    public async Task An_Aperio_slide_that_was_cut_out_in_strips_keeps_its_resolution()
    {
        await using var slide = await OpenAsync(WithText(new TiffPicture(256, 192, null).Page(TiffPacking.Lzw), "Aperio Image Library v11.2.1\r\n46000x32914 [42673,5576 256x192] (256x256) JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990"));
        Assert.Equal(0.499, slide.Mpp!.Value.X);
        Assert.Equal(20, slide.ObjectivePower);
    }

    [Theory]
    [InlineData(null, 101600L, 1L, 0.25)]
    [InlineData(2L, 101600L, 1L, 0.25)]
    [InlineData(3L, 40000L, 1L, 0.25)]
    [InlineData(1L, 40000L, 1L, null)]
    [InlineData(null, 72L, 1L, null)]
    [InlineData(3L, 40000L, 0L, null)]
    public async Task Resolution_without_a_unit_is_in_inches(long? unit, long numerator, long denominator, double? mpp)
    {
        var page = full.Page(TiffPacking.Lzw).Set(282, 5, numerator, denominator).Set(283, 5, numerator, denominator);
        if (unit is { } given) page.Set(296, 3, given);
        await using var slide = await OpenAsync(page);
        Assert.Equal(mpp, slide.Mpp?.X);
        Assert.Empty(slide.Warnings);
        // Of an Aperio slide it is not where the scanner says it: taken, and told.
        await using var aperio = await OpenAsync(WithText(page, "Aperio Image Library v12\r\n256x192 (64x48)|AppMag = 40"));
        Assert.Equal(mpp, aperio.Mpp?.X);
        Assert.Equal(mpp is null ? [] : ["resolution-doubtful"], aperio.Warnings.Select(warning => warning.Code));
    }

    [Fact]
    public async Task A_resolution_of_any_number_type_counts_and_of_one_axis_for_both()
    {
        foreach (var (type, value) in new[] { (4, 40000L), (16, 40000L), (3, 40000L) })
        {
            await using var slide = await OpenAsync(full.Page(TiffPacking.Lzw).Set(282, type, value).Set(296, 3, 3));
            Assert.Equal(new MicronsPerPixel(0.25, 0.25), slide.Mpp);
        }
    }

    [Fact]
    public async Task The_callers_resolution_wins_and_is_told()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(WithText(full.Page(TiffPacking.Lzw), "Scanner X|MPP = 0.25"));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), new SlideOptions { Mpp = new(0.5, 0.5) }, Token);
        Assert.Equal(new MicronsPerPixel(0.5, 0.5), slide.Mpp);
        Assert.Equal("resolution-doubtful", Assert.Single(slide.Warnings).Code);
        Assert.Equal(2, slide.LayOutTiles(new TileGrid { Mpp = 1 }).Downsample);
    }

    [Theory]
    [InlineData(2, "mirrored left to right")]
    [InlineData(3, "by 180°")]
    [InlineData(8, "90° to the left")]
    public async Task An_orientation_is_told_and_not_applied(int orientation, string how)
    {
        await using var slide = await OpenAsync(full.Page(TiffPacking.Lzw).Set(274, 3, orientation));
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        Assert.Equal($"{orientation}", slide.Properties["tiff.Orientation"]);
        Assert.Contains(how, Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
    }

    static TiffBuilderPage WithText(TiffBuilderPage page, string text) => page.Set(270, 2, [.. Encoding.UTF8.GetBytes(text + "\0").Select(value => (long)value)]);

    static void Rename(byte[] bytes, int directory, int from, int to)
    {
        for (var i = 0; i < BitConverter.ToUInt16(bytes, directory); i++)
            if (BitConverter.ToUInt16(bytes, directory + 2 + i * 12) == from) BitConverter.TryWriteBytes(bytes.AsSpan(directory + 2 + i * 12), (ushort)to);
    }

    static Task<Slide> OpenAsync(params TiffBuilderPage[] pages)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange(pages);
        return Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
    }
}
