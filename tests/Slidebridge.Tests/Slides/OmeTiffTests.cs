using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>OME-TIFF pyramids as Bio-Formats and QuPath lay them out.</summary>
public sealed class OmeTiffTests : ServedSlideTests
{
    readonly TiffPicture full = new(300, 210, (64, 48)), half = new(150, 105, (64, 48)), label = new(60, 50, null);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_largest_image_is_the_slide_and_the_others_go_by_their_names(bool remote)
    {
        await using var slide = await OpenAsync(remote, Document(
            """
            <Image ID="Image:0" Name="Label image"><Pixels SizeC="3" SizeZ="1" SizeT="1" SizeX="60" SizeY="50"><Channel SamplesPerPixel="3"/><TiffData IFD="0" PlaneCount="1"/></Pixels></Image>
            <Image ID="Image:1" Name="scan"><ObjectiveSettings ID="Objective:0"/><Pixels SizeC="3" SizeZ="1" SizeT="1" SizeX="300" SizeY="210" PhysicalSizeX="250" PhysicalSizeXUnit="nm" PhysicalSizeY="0.25" PhysicalSizeYUnit="µm"><Channel SamplesPerPixel="3"/><TiffData IFD="1" PlaneCount="1"/></Pixels></Image>
            """), label.Page(TiffPacking.Lzw), WithLevels(full.Page(TiffPacking.DeflatePredicted), half.Page(TiffPacking.Deflate)));
        Assert.Equal("ome-tiff", slide.Format);
        Assert.Equal([(300, 210), (150, 105)], slide.Levels.Select(level => (level.Width, level.Height)));
        Assert.Equal(new MicronsPerPixel(0.25, 0.25), slide.Mpp);
        Assert.Equal(40, slide.ObjectivePower);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        Assert.Equal(label.Pixels, (await slide.AssociatedImages["label"].ReadAsync(Token)).Pixels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Three_channels_in_pages_of_their_own_are_red_green_and_blue(bool remote)
    {
        var pages = Enumerable.Range(0, 3).Select(plane => WithLevels(full.PlanePage(plane, TiffPacking.Deflate), half.PlanePage(plane, TiffPacking.Lzw))).ToArray();
        await using var slide = await OpenAsync(remote, Document("""<Image ID="Image:0"><Pixels SizeC="3" SizeZ="1" SizeT="1"><TiffData FirstC="0" IFD="0"/><TiffData FirstC="1" IFD="1"/><TiffData FirstC="2" IFD="2"/></Pixels></Image>"""), pages);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        Assert.Equal("colors-assumed", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("<Channel Name='Blue'/><Channel Name='green '/><Channel Name='R'/>")]
    [InlineData("<Channel Color='65535'/><Channel Color='16711935'/><Channel Color='-16776961'/>")]
    [InlineData("<Channel Name='blue' Color='-1'/><Channel Name='green' Color='-1'/><Channel Name='red' Color='-1'/>")]
    [InlineData("<Channel Name='DAPI' Color='65535'/><Channel Name='red' Color='16711935'/><Channel Name='red'/>")]
    public async Task Channels_are_the_colours_that_they_say(string channels)
    {
        var pages = Enumerable.Range(0, 3).Select(plane => WithLevels(full.PlanePage(2 - plane, TiffPacking.Deflate), half.PlanePage(2 - plane, TiffPacking.Lzw))).ToArray();
        await using var slide = await OpenAsync(false, Document($"<Image ID='Image:0'><Pixels SizeC='3'>{channels}<TiffData/></Pixels></Image>"), pages);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
        Assert.Empty(slide.Warnings);
    }

    [Fact]
    public async Task A_resolution_that_no_scanner_has_is_doubted()
    {
        await using var slide = await OpenAsync(false, Document("<Image ID='Image:0'><Pixels SizeC='3' PhysicalSizeX='0.25' PhysicalSizeY='2.5'><Channel SamplesPerPixel='3'/><TiffData/></Pixels></Image>"), full.Page(TiffPacking.Lzw));
        Assert.Equal(new MicronsPerPixel(0.25, 2.5), slide.Mpp);
        Assert.Equal("resolution-doubtful", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("SizeC='3' SizeT='4'", "4 points in time")]
    [InlineData("SizeC='6' SizeT='1'", "2 channels")]
    public async Task What_an_image_holds_beside_its_first_picture_is_said(string sizes, string said)
    {
        await using var slide = await OpenAsync(false, Document($"<Image ID='Image:0'><Pixels {sizes}><Channel SamplesPerPixel='3'/><TiffData/></Pixels></Image>"), full.Page(TiffPacking.Lzw), full.Page(TiffPacking.Deflate));
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        Assert.Contains(said, Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal("other-pictures", slide.Warnings[0].Code);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Colours_in_planes_of_one_page_are_woven_together(bool remote)
    {
        await using var slide = await OpenAsync(remote, Document("""<Image ID="Image:0"><Pixels SizeC="3" SizeZ="1" SizeT="1"><Channel SamplesPerPixel="3"/><TiffData/></Pixels></Image>"""), WithLevels(full.PlanarPage(TiffPacking.Lzw), half.PlanarPage(TiffPacking.Lzw)));
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, half.Pixels);
    }

    [Theory]
    [InlineData("<Image><Pixels SizeC='2'><TiffData/></Pixels></Image>", "2 channels")]
    [InlineData("<Image><Pixels SizeC='9000000'><TiffData/></Pixels></Image>", "9000000 channels")]
    [InlineData("<Image><Pixels SizeC='1'><TiffData IFD='7'/></Pixels></Image>", "split into several files")]
    [InlineData("<Image><Pixels SizeC='3'><TiffData IFD='0' PlaneCount='16000000'/></Pixels></Image>", "split into several files")]
    [InlineData("<Image><Pixels", "is damaged")]
    [InlineData("<Image Name=''Patient X''><Pixels/></Image>", "is damaged at line 1, character ")]
    [InlineData("", "contains no image")]
    public async Task What_cannot_be_shown_is_said(string images, string said)
    {
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync(false, Document(images), full.PlanePage(0, TiffPacking.Lzw)));
        Assert.Contains(said, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Patient", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_only_holds_such_a_word_names_no_associated_image()
    {
        await using var slide = await OpenAsync(false, Document(
            "<Image Name='CD68 macrophages'><Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='0' PlaneCount='1'/></Pixels></Image><Image Name='label-free preview'><Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='1' PlaneCount='1'/></Pixels></Image>"),
            full.Page(TiffPacking.Lzw), half.Page(TiffPacking.Lzw));
        Assert.Equal(300, slide.Width);
        Assert.Empty(slide.AssociatedImages);
        Assert.Equal("other-pictures", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("macro_image", "macro")]
    [InlineData("LabelImage", "label")]
    [InlineData("slide.svs [label image]", "label")]
    [InlineData("slide label.tif", "label")]
    [InlineData("Overview scan", "macro")]
    [InlineData("Thumbnail (series 2)", "thumbnail")]
    public async Task Associated_images_go_by_the_end_of_their_names_however_large(string name, string image)
    {
        await using var slide = await OpenAsync(false, Document(
            $"<Image Name='{name}'><Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='0' PlaneCount='1'/></Pixels></Image><Image Name='scan'><Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='1' PlaneCount='1'/></Pixels></Image>"),
            full.Page(TiffPacking.Lzw), half.Page(TiffPacking.Lzw));
        Assert.Equal(150, slide.Width);
        Assert.Equal([image], slide.AssociatedImages.Keys);
        Assert.Empty(slide.Warnings);
    }

    [Fact]
    public async Task Channels_behind_the_only_one_that_is_placed_are_the_pages_behind_it()
    {
        var pages = Enumerable.Range(0, 3).Select(plane => full.PlanePage(plane, TiffPacking.Deflate)).ToArray();
        await using var slide = await OpenAsync(false, Document("<Image><Pixels SizeC='3'><TiffData IFD='0' PlaneCount='1'/></Pixels></Image>"), pages);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
    }

    [Theory]
    [InlineData("<Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='9' PlaneCount='1'/></Pixels>")]
    [InlineData("<Pixels SizeC='2'><TiffData IFD='1' PlaneCount='1'/></Pixels>")]
    public async Task A_label_that_cannot_be_shown_is_left_out(string pixels)
    {
        await using var slide = await OpenAsync(false, Document($"<Image Name='slide'><Pixels SizeC='3'><Channel SamplesPerPixel='3'/><TiffData IFD='0' PlaneCount='1'/></Pixels></Image><Image Name='slide - label'>{pixels}</Image>"),
            full.Page(TiffPacking.Lzw), half.PlanePage(0, TiffPacking.Lzw));
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        Assert.Contains("label was left out", Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Planes_that_no_TiffData_places_follow_the_order_of_the_dimensions()
    {
        // Two focal planes of three channels, depths fastest: pages R0 R1 G0 G1 B0 B1.
        var other = new TiffPicture(300, 210, (64, 48), [.. full.Pixels.Select(value => (byte)(255 - value))]);
        var pages = Enumerable.Range(0, 3).SelectMany(channel => new[] { full.PlanePage(channel, TiffPacking.Lzw), other.PlanePage(channel, TiffPacking.Lzw) }).ToArray();
        await using var slide = await OpenAsync(false, Document("<Image><Pixels SizeC='3' SizeZ='2' DimensionOrder='XYZCT'/></Image>"), pages);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
    }

    [Fact]
    public async Task A_description_with_a_document_type_is_refused()
    {
        var bomb = "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]>" + Document("<Image Name='&b;'><Pixels/></Image>");
        Assert.Contains("is damaged at line ", (await Assert.ThrowsAsync<SlideFormatException>(() => OpenAsync(false, bomb, full.Page(TiffPacking.Lzw)))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SubIFDs_in_a_circle_or_without_number_are_left_out_with_a_warning()
    {
        foreach (var offsets in new long[][] { [8, 8], [1 << 30], [.. Enumerable.Repeat(9L, 1000)], [1] })
        {
            var builder = new TiffBuilder(new TiffLayout(DirectoriesFirst: true));
            builder.Pages.Add(full.Page(TiffPacking.None).Set(330, 4, offsets));
            await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
            Assert.Single(slide.Levels);
            Assert.Equal("structure-damaged", Assert.Single(slide.Warnings).Code);
        }
    }

    static TiffBuilderPage WithLevels(TiffBuilderPage page, params TiffBuilderPage[] levels)
    {
        page.Children.AddRange(levels.Select(level => level.Set(254, 4, 1)));
        return page;
    }

    static string Document(string images) =>
        $"""<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Instrument ID="Instrument:0"><Objective ID="Objective:0" NominalMagnification="40.0"/></Instrument>{images}</OME>""";

    async Task<Slide> OpenAsync(bool remote, string description, params TiffBuilderPage[] pages)
    {
        var builder = new TiffBuilder(new TiffLayout(Big: true));
        // UTF-8, as the specification has it.
        pages[0].SetText(270, System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(description)));
        builder.Pages.AddRange(pages);
        var path = Folder.File("slide.ome.tiff");
        await File.WriteAllBytesAsync(path, builder.Build(), Token);
        return await Slide.OpenAsync(remote ? Server.Serve(builder.Build()).Url : path, cancellationToken: Token);
    }
}
