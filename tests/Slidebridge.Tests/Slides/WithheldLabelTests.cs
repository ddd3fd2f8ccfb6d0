using Slidebridge.Slides;
using Slidebridge.Slides.Sources;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>With SlideOptions.WithholdLabels, no byte of a TIFF's label or macro is fetched, by the server's own log.</summary>
public sealed class WithheldLabelTests : IAsyncLifetime
{
    const string Aperio = "Aperio Image Library v12\r\n256x192 (64x48) |AppMag = 20|MPP = 0.5";
    const string Sentence = "The label is withheld: it may show a patient's name. (SlideOptions.WithholdLabels)";

    static readonly string[] Withheld = ["label", "macro"];

    RangeServer server = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    static SlideOptions Options(bool withhold = true, int block = 16 * 1024) => new() { WithholdLabels = withhold, BlockSize = block, Cache = new BlockCache(64 * 1024 * 1024) };

    public async ValueTask InitializeAsync() => server = await RangeServer.StartAsync();

    public async ValueTask DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task All_of_a_real_slide_is_read_and_nothing_of_its_label_and_macro()
    {
        var bytes = await File.ReadAllBytesAsync(SharedFiles.CmuSmallRegion, Token);
        var pictures = TiffWalk.Of(bytes);
        var withheld = pictures.Where(picture => picture.Subfile is 1 or 9).ToList();
        Assert.Equal(2, withheld.Count);
        var (served, plain) = (server.Serve(bytes), server.Serve(bytes));
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await using var open = await Slide.OpenAsync(plain.Url, Options(withhold: false), Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"opened with {served.Asked.Count} requests of {slide.Usage.BytesRead} bytes; without the option with {plain.Asked.Count} of {open.Usage.BytesRead}");
        AssertNothingOf(served, slide, withheld);
        await AssertSameAsync(open, slide);
        AssertNothingOf(served, slide, withheld);
        Assert.Equal((await open.AssociatedImages["thumbnail"].ReadAsync(Token)).Pixels, (await slide.AssociatedImages["thumbnail"].ReadAsync(Token)).Pixels);
        await AssertRefusedAsync(slide, Withheld);
        foreach (var (part, picture) in Withheld.Zip(withheld))
            Assert.Equal(ByteLog.Merged(picture.Bytes, bytes.Length), Assert.Single(slide.Parts, each => each.Name == part).Bytes);
        Assert.Equal(open.AssociatedImages.Keys.Order(), slide.AssociatedImages.Keys.Order());
        Assert.Equal(open.Properties, slide.Properties);
        foreach (var name in Withheld) await open.AssociatedImages[name].ReadAsync(Token);
        AssertNothingOf(served, slide, withheld);
    }

    [Fact]
    public async Task A_file_on_disk_is_read_without_its_label_too()
    {
        var path = SharedFiles.CmuSmallRegion;
        var length = (int)new FileInfo(path).Length;
        var withheld = TiffWalk.Of(await File.ReadAllBytesAsync(path, Token)).Where(picture => picture.Subfile is 1 or 9).SelectMany(picture => picture.Bytes).ToList();
        await using var slide = await Slide.OpenAsync(path, Options(), Token);
        await using var open = await Slide.OpenAsync(path, Options(withhold: false), Token);
        await AssertSameAsync(open, slide);
        await slide.ExamineAsync(Token);
        await AssertRefusedAsync(slide, Withheld);
        var read = ByteLog.Of(slide.Objects[0].Fetched, length);
        Assert.All(withheld, range => Assert.DoesNotContain(true, read.AsSpan((int)range.Offset, (int)range.Length).ToArray()));
        await open.ExamineAsync(Token);
        Assert.Contains(withheld, range => ByteLog.Of(open.Objects[0].Fetched, length)[range.Offset]);
    }

    /// <summary>A label before, between and behind the levels, in tiles and in strips, within the blocks of level tiles.</summary>
    [Theory]
    [InlineData(false, false, false)]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, false, true)]
    public async Task Wherever_the_label_lies_none_of_its_bytes_is_fetched(bool big, bool bigEndian, bool directoriesFirst)
    {
        var layout = new TiffLayout(big, bigEndian, directoriesFirst);
        foreach (var first in new[] { Aperio, "" })
            foreach (var place in new[] { 0, 1, 2 })
                foreach (var tiled in new[] { true, false })
                {
                    var bytes = Tiff(layout, first, place, tiled);
                    foreach (var block in new[] { 1024, 16 * 1024 })
                    {
                        await AssertWithheldAsync(bytes, bytes, 0, block);
                        var zip = new ZipBuilder { Comment = place == 1 ? "a comment" : "" };
                        zip.Add("slide/notes.txt", "a note"u8.ToArray());
                        zip.Add("slide/a.tif", bytes);
                        var packed = zip.Build();
                        await AssertWithheldAsync(packed, bytes, packed.AsSpan().IndexOf(bytes), block);
                    }
                }
    }

    [Fact]
    public async Task A_deflated_slide_counts_as_a_whole_and_its_label_cannot_be_read()
    {
        var zip = new ZipBuilder();
        zip.Add("a.tif", Tiff(new TiffLayout(), Aperio, 1, tiled: false), deflated: true);
        var served = server.Serve(zip.Build());
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await using var open = await Slide.OpenAsync(served.Url, Options(withhold: false), Token);
        await AssertSameAsync(open, slide);
        await AssertRefusedAsync(slide, "label");
        var part = Assert.Single(slide.Parts);
        Assert.Equal((1, 1), (part.Object, part.Bytes.Count));
        Assert.InRange(part.Bytes[0].End, 1, served.Bytes.Length);
    }

    [Fact]
    public async Task An_OME_label_its_channels_and_smaller_copies_are_withheld()
    {
        var ome = $$"""<OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0" Name="label image"><Pixels SizeC="3" SizeZ="1" SizeT="1"><TiffData FirstC="0" IFD="0"/><TiffData FirstC="1" IFD="1"/><TiffData FirstC="2" IFD="2"/></Pixels></Image><Image ID="Image:1" Name="scan"><Pixels SizeC="3" SizeZ="1" SizeT="1"><Channel SamplesPerPixel="3"/><TiffData IFD="3"/></Pixels></Image></OME>""";
        var (label, full) = (new TiffPicture(90, 70, (64, 48)), new TiffPicture(256, 192, (64, 48)));
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(label.PlanePage(0, TiffPacking.Deflate).SetText(270, ome));
        builder.Pages.Add(label.PlanePage(1, TiffPacking.Deflate));
        builder.Pages.Add(label.PlanePage(2, TiffPacking.Deflate));
        builder.Pages.Add(full.Page(TiffPacking.Deflate));
        builder.Pages[^1].Children.Add(full.Half().Page(TiffPacking.Deflate).Set(254, 4, 1));
        var bytes = builder.Build();
        var served = server.Serve(bytes);
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        Assert.Equal(2, slide.Levels.Count);
        await Pixels.AssertSameAsync(slide, 0, full.Pixels);
        AssertNothingOf(served, slide, TiffWalk.Of(bytes).Take(3));
        await AssertRefusedAsync(slide, "label");
    }

    [Fact]
    public async Task A_label_without_lengths_or_a_second_one_and_an_unnamed_picture_are_withheld()
    {
        var pages = new[] { Page(Full, Aperio), Page(Half, Aperio), Label(tiled: false), Label(tiled: true).SetText(270, "label 2"), new TiffPicture(70, 60, null).Page(TiffPacking.Deflate), new TiffPicture(50, 60, null).Page(TiffPacking.None).SetText(270, "macro 50x60") };
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange(pages);
        var bytes = builder.Build();
        var walked = TiffWalk.Of(bytes).Skip(2).ToList();
        pages[2].Set(279, 4, new long[pages[2].Chunks.Count]);
        pages[5].Set(279, 4, new long[pages[5].Chunks.Count]);
        var served = server.Serve(builder.Build());
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await slide.ExamineAsync(Token);
        AssertNothingOf(served, slide, walked);
        await AssertRefusedAsync(slide, Withheld);
        Assert.Equal(["label", "label", "macro"], slide.Parts.Select(part => part.Name).Order());
    }

    [Fact]
    public async Task If_the_labels_index_is_damaged_nothing_is_fetched_that_is_not_read()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange([Page(Full, Aperio), Label(tiled: true), Page(Half, Aperio)]);
        var walked = TiffWalk.Of(builder.Build())[1];
        builder.Pages[1].Set(325, 2, [.. Enumerable.Repeat(1L, builder.Pages[1].Chunks.Count)]);
        builder.Pages[1].Fields[325] = new TiffField(4, 500_000, [1]);
        var served = server.Serve(builder.Build());
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        var log = ByteLog.Of(served);
        Assert.All(walked.Bytes, range => Assert.DoesNotContain(true, log.AsSpan((int)range.Offset, (int)range.Length).ToArray()));
        Assert.Equal(ByteLog.Ranges(log), slide.Objects[0].Fetched);
        await AssertRefusedAsync(slide, "label");
    }

    [Fact]
    public async Task A_server_that_hides_the_length_is_asked_beyond_the_end_not_for_the_last_byte()
    {
        // The label is the last picture, and its last byte the file's.
        var bytes = Tiff(new TiffLayout(DirectoriesFirst: true), Aperio, 2, tiled: false);
        var served = server.Serve(bytes);
        served.HidesLength = true;
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        AssertNothingOf(served, slide, [TiffWalk.Of(bytes)[2]]);
    }

    [Fact]
    public async Task A_file_that_is_only_a_label_is_not_opened()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(Label(tiled: true));
        var bytes = builder.Build();
        var served = server.Serve(bytes);
        var failure = await Assert.ThrowsAsync<SlideWithheldException>(() => Slide.OpenAsync(served.Url, Options(), Token));
        Assert.Contains("WithholdLabels", failure.Message, StringComparison.Ordinal);
        await using (await Slide.OpenAsync(served.Url, Options(withhold: false), Token))
        {
        }
    }

    [Fact]
    public async Task A_source_that_was_opened_before_refuses_withheld_bytes_as_well()
    {
        var bytes = Tiff(new TiffLayout(), Aperio, 1, tiled: true);
        var range = TiffWalk.Of(bytes)[1].Bytes[0];
        var served = server.Serve(bytes);
        var source = await HttpSource.OpenAsync(served.Url, Options(withhold: false), Token);
        await using var slide = await Slide.OpenAsync(source, Options(), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Assert.ThrowsAsync<SlideWithheldException>(() => source.ReadAsync(range.Offset, new byte[1], Token).AsTask());
        await Assert.ThrowsAsync<SlideWithheldException>(() => source.PrefetchAsync([range], Token).AsTask());
        await Assert.ThrowsAsync<SlideWithheldException>(() => source.CopyToAsync(Stream.Null, Token));
        // What was fetched before is said.
        Assert.Equal(ByteLog.Ranges(ByteLog.Of(served)), slide.Objects[0].Fetched);
    }

    [Fact]
    public async Task Directories_in_a_labels_strip_are_read_and_the_list_says_so()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.AddRange([Page(Full, Aperio), Page(Half, Aperio), Label(tiled: false)]);
        var before = builder.Build();
        var label = TiffWalk.Of(before)[2].Bytes;
        builder.Pages[2].Set(279, 4, [.. label.SkipLast(1).Select(range => range.Length), before.Length - label[^1].Offset]);
        var served = server.Serve(builder.Build());
        Assert.Equal(before.Length, served.Bytes.Length);
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        ByteLog.AssertNeverAsked(served, slide, label);
        var part = Assert.Single(slide.Parts);
        Assert.Equal(before.Length, part.Bytes[^1].End);
        Assert.Contains(slide.Objects[0].Fetched, range => range.End > label[^1].End);
    }

    [Theory]
    [InlineData("svs/CMU-1-Small-Region.svs")]
    [InlineData("tiff/boxes.tiff")]
    [InlineData("dicom/camelyon.dcm")]
    [InlineData("dicom/sm_image.dcm")]
    [InlineData("reported/svs_no_thumbnail.svs")]
    [InlineData("reported/svs_thumb_padded_strip.svs")]
    [InlineData("reported/svs_tiled_label.svs")]
    [InlineData("reported/svs_zero_edge_tiles.svs")]
    [InlineData("reported/svs_zstack.svs")]
    [InlineData("reported/motic.svs")]
    [InlineData("reported/end_pointer.svs")]
    [InlineData("reported/page_without_width.svs")]
    [InlineData("reported/subifd_zero_1.tif")]
    [InlineData("reported/zip_ann.zip")]
    [InlineData("reported/zip_backslash.zip")]
    [InlineData("reported/zip_thumbs.zip")]
    public async Task Other_programs_slides_show_the_same_without_their_labels(string name)
    {
        var bytes = await File.ReadAllBytesAsync(SharedFiles.Find(name), Token);
        var (served, plain) = (server.Serve(bytes), server.Serve(bytes));
        await using var open = await Slide.OpenAsync(plain.Url, Options(withhold: false), Token);
        await using var slide = await Slide.OpenAsync(served.Url, Options(), Token);
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: opened with {served.Asked.Count} requests of {slide.Usage.BytesRead} bytes; without the option with {plain.Asked.Count} of {open.Usage.BytesRead}; {string.Join(", ", slide.Parts.Select(part => part.Name))}");
        Assert.Equal(open.Levels, slide.Levels);
        Assert.Equal(open.Mpp, slide.Mpp);
        foreach (var level in open.Levels)
        {
            var region = new Region(level.Index, 0, 0, Math.Min(level.Width, 2000), Math.Min(level.Height, 2000));
            Assert.Equal((await open.ReadRegionAsync(region, cancellationToken: Token)).Pixels, (await slide.ReadRegionAsync(region, cancellationToken: Token)).Pixels);
        }
        Assert.Equal((await open.GetThumbnailAsync(300, 300, Token)).Pixels, (await slide.GetThumbnailAsync(300, 300, Token)).Pixels);
        await slide.ExamineAsync(Token);
        ByteLog.AssertNeverAsked(served, slide, slide.Parts.Where(part => part.Name != "thumbnail").SelectMany(part => part.Bytes));
        await AssertRefusedAsync(slide, [.. slide.AssociatedImages.Keys.Intersect(Withheld)]);
        if (slide.Format == "dicom-wsi") return;
        Assert.Equal(open.AssociatedImages.Keys.Order(), slide.AssociatedImages.Keys.Order());
        Assert.Equal(slide.AssociatedImages.Keys.Order(), slide.Parts.Select(part => part.Name).Distinct().Order());
    }

    static readonly TiffPicture Full = new(256, 192, (64, 48)), Half = Full.Half();

    static TiffBuilderPage Page(TiffPicture picture, string text) => text.Length == 0 ? picture.Page(TiffPacking.Deflate) : picture.Page(TiffPacking.Deflate).SetText(270, text);

    static TiffBuilderPage Label(bool tiled) => new TiffPicture(128, 96, tiled ? (64, 48) : null).Page(TiffPacking.Deflate).SetText(270, "Label 128x96");

    static byte[] Tiff(TiffLayout layout, string first, int place, bool tiled)
    {
        var builder = new TiffBuilder(layout);
        builder.Pages.AddRange([Page(Full, first), Page(Half, first)]);
        builder.Pages.Insert(place, Label(tiled));
        return builder.Build();
    }

    async Task AssertWithheldAsync(byte[] bytes, byte[] tiff, int start, int block)
    {
        var label = TiffWalk.Of(tiff).Where(picture => picture.Description.StartsWith("Label", StringComparison.Ordinal)).SelectMany(picture => picture.Bytes).Select(range => range with { Offset = range.Offset + start }).ToList();
        Assert.NotEmpty(label);
        var served = server.Serve(bytes);
        await using var slide = await Slide.OpenAsync(served.Url, Options(block: block), Token);
        await Pixels.AssertSameAsync(slide, 0, Full.Pixels);
        await Pixels.AssertSameAsync(slide, 1, Half.Pixels);
        await slide.ExamineAsync(Token);
        ByteLog.AssertNeverAsked(served, slide, label);
        Assert.Equal(ByteLog.Merged(label, bytes.Length), Assert.Single(slide.Parts).Bytes);
        await AssertRefusedAsync(slide, "label");
    }

    static void AssertNothingOf(ServedObject served, Slide slide, IEnumerable<TiffWalk.Picture> withheld) => ByteLog.AssertNeverAsked(served, slide, withheld.SelectMany(picture => picture.Bytes));

    static async Task AssertRefusedAsync(Slide slide, params string[] names)
    {
        foreach (var name in names)
            Assert.Equal(Sentence.Replace("label", name, StringComparison.Ordinal), (await Assert.ThrowsAsync<SlideWithheldException>(() => slide.AssociatedImages[name].ReadAsync(Token))).Message);
    }

    /// <summary>All levels, the tissue and thumbnails are the same.</summary>
    static async Task AssertSameAsync(Slide expected, Slide slide)
    {
        foreach (var level in expected.Levels)
        {
            var whole = new Region(level.Index, 0, 0, level.Width, level.Height);
            Assert.Equal((await expected.ReadRegionAsync(whole, cancellationToken: Token)).Pixels, (await slide.ReadRegionAsync(whole, cancellationToken: Token)).Pixels);
        }
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid(), Token)) tile.Dispose();
        var (first, second) = (await TissueMask.DetectAsync(expected, cancellationToken: Token), await TissueMask.DetectAsync(slide, cancellationToken: Token));
        Assert.Equal(first.Regions.Select(region => region.AreaPixels), second.Regions.Select(region => region.AreaPixels));
        foreach (var edge in new[] { 100, 700 }) Assert.Equal((await expected.GetThumbnailAsync(edge, edge, Token)).Pixels, (await slide.GetThumbnailAsync(edge, edge, Token)).Pixels);
    }
}
