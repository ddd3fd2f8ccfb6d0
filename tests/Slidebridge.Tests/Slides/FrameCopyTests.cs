using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Tiles that go from one container to another as they are: no pixel changes, and the history of what was lost says so.</summary>
public sealed class FrameCopyTests : IDisposable
{
    const string Method = "dicom.LossyImageCompressionMethod", Ratio = "dicom.LossyImageCompressionRatio";

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Frames_go_from_SVS_to_DICOM_and_back_and_stay_what_they_are()
    {
        await SyntheticTissue.Create(1300, 1000, 5).WriteAsync(folder.File("a.svs"), new PyramidWriterOptions { Mpp = 0.25, ObjectivePower = 40 }, null, Token);
        await using var svs = await Slide.OpenAsync(folder.File("a.svs"), cancellationToken: Token);
        Assert.True(await svs.TryCopyFramesAsync(folder.File("series"), new DicomSeriesWriterOptions { Pyramid = new() { Mpp = 0.25, ObjectivePower = 40 } }, cancellationToken: Token));
        await using var dicom = await Slide.OpenAsync(folder.File("series"), cancellationToken: Token);
        Assert.True(await dicom.TryCopyFramesAsync(folder.File("back.svs"), new PyramidWriterOptions { Mpp = 0.25 }, cancellationToken: Token));
        Assert.True(await dicom.TryCopyFramesAsync(folder.File("back.ome.tiff"), new PyramidWriterOptions { Mpp = 0.25, Kind = PyramidKind.OmeTiff, BigTiff = true }, level: 1, cancellationToken: Token));

        await using var back = await Slide.OpenAsync(folder.File("back.svs"), cancellationToken: Token);
        await using var ome = await Slide.OpenAsync(folder.File("back.ome.tiff"), cancellationToken: Token);
        Assert.Equal(("dicom-wsi", "aperio-svs", "ome-tiff"), (dicom.Format, back.Format, ome.Format));
        Assert.Equal((0.25, 40.0), (dicom.Mpp!.Value.X, dicom.ObjectivePower));
        Assert.All([dicom, back, ome], slide => Assert.Empty(slide.Warnings));
        await AssertSameAsync(svs, dicom, 0);
        await AssertSameAsync(svs, back, 0);
        await AssertSameAsync(svs, ome, 1);
        for (var level = 0; level < svs.Levels.Count; level++)
        {
            var jpeg = await svs.ReadJpegAsync(level, 0, 0, Token);
            Assert.Equal(Scan(jpeg!), Scan((await dicom.ReadJpegAsync(level, 0, 0, Token))!));
            Assert.Equal(Scan(jpeg!), Scan((await back.ReadJpegAsync(level, 0, 0, Token))!));
        }
    }

    [Fact]
    public async Task A_real_slide_of_RGB_JPEGs_keeps_its_colours()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        Assert.True(await slide.TryCopyFramesAsync(folder.File("series"), new DicomSeriesWriterOptions(), cancellationToken: Token));
        await using var dicom = await Slide.OpenAsync(folder.File("series"), cancellationToken: Token);
        Assert.Equal("RGB", dicom.Properties["dicom.PhotometricInterpretation"]);
        await AssertSameAsync(slide, dicom, 0);
        Assert.True(await dicom.TryCopyFramesAsync(folder.File("back.svs"), new PyramidWriterOptions(), cancellationToken: Token));
        await using var back = await Slide.OpenAsync(folder.File("back.svs"), cancellationToken: Token);
        await AssertSameAsync(slide, back, 0);
    }

    [Fact]
    public async Task Other_tools_have_nothing_to_complain_of_a_series_of_copied_frames()
    {
        await SyntheticTissue.Create(700, 600, 2).WriteAsync(folder.File("a.svs"), cancellationToken: Token);
        await using var svs = await Slide.OpenAsync(folder.File("a.svs"), cancellationToken: Token);
        await using var copy = await CopyAsync(svs, "series");
        foreach (var file in Directory.GetFiles(folder.File("series")))
        {
            var (_, said) = ExternalTool.Try("dciodvfy", "dicom3tools", file);
            Assert.DoesNotContain(said.Split('\n'), line => line.StartsWith("Error", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task What_cannot_be_taken_as_it_is_is_not()
    {
        await using var boxes = await Slide.OpenAsync(SharedFiles.Boxes, cancellationToken: Token);
        Assert.NotEqual("jpeg", boxes.Levels[0].Compression);
        Assert.False(await boxes.TryCopyFramesAsync(folder.File("a.svs"), new PyramidWriterOptions(), cancellationToken: Token));
        Assert.False(File.Exists(folder.File("a.svs")));
        await using var empty = await Slide.OpenAsync(SharedFiles.Find("reported/svs_zero_edge_tiles.svs"), cancellationToken: Token);
        Assert.False(await empty.TryCopyFramesAsync(folder.File("series"), new DicomSeriesWriterOptions(), cancellationToken: Token));
    }

    [Fact]
    public async Task A_copy_adds_no_step_to_what_was_lost_and_an_encoding_adds_one()
    {
        await SyntheticTissue.Create(700, 600, 5).WriteAsync(folder.File("a.svs"), cancellationToken: Token);
        await using var svs = await Slide.OpenAsync(folder.File("a.svs"), cancellationToken: Token);
        var first = Assert.Single(await LossyStep.FindAsync(svs, 0, Token));
        Assert.Equal("ISO_10918_1", first.Method);
        Assert.InRange(first.Ratio, 2, 100);

        await using var copy = await CopyAsync(svs, "copy");
        Assert.Equal("ISO_10918_1", copy.Properties[Method]);
        Assert.Equal(first.Ratio, Assert.Single(await LossyStep.FindAsync(copy, 0, Token)).Ratio, 0.1);

        await using (var writer = DicomSeriesWriter.Create(folder.File("again"), 700, 600, new() { Pyramid = new() { Quality = 30 }, LossySteps = await LossyStep.FindAsync(copy, 0, Token) })) await copy.CopyToAsync(writer, cancellationToken: Token);
        await using var again = await Slide.OpenAsync(folder.File("again"), cancellationToken: Token);
        Assert.Equal(@"ISO_10918_1\ISO_10918_1", again.Properties[Method]);
        var steps = await LossyStep.FindAsync(again, 0, Token);
        Assert.Equal(2, steps.Count);
        Assert.Equal(copy.Properties[Ratio], again.Properties[Ratio].Split('\\')[0]);
        Assert.True(steps[1].Ratio > steps[0].Ratio * 1.5);

        await using var second = await CopyAsync(again, "second");
        Assert.Equal(again.Properties[Method], second.Properties[Method]);
        // Of the tiles as they are in the copy, whose headers may be some bytes shorter.
        var kept = await LossyStep.FindAsync(second, 0, Token);
        Assert.Equal(steps[0], kept[0]);
        Assert.InRange(kept[1].Ratio, steps[1].Ratio * 0.99, steps[1].Ratio * 1.01);
    }

    [Fact]
    public async Task Comments_in_the_tiles_stay_behind()
    {
        var pixels = PaintedSlide.Pixels(256, 256, (x, y) => ((byte)x, (byte)y, (byte)90));
        var jpeg = JpegEncoders.Best.Encode(pixels, 256, 256, PixelFormat.Rgb24, 80);
        byte[] named = [0xFF, 0xFE, 0, 14, .. "Mary Poppins"u8, 0xFF, 0xE1, 0, 8, .. "Exif\0\0"u8];
        var tiff = new TiffBuilder(new TiffLayout());
        tiff.Pages.Add(new TiffBuilderPage { Chunks = [[.. jpeg[..2], .. named, .. jpeg[2..]]] }
            .Set(256, 4, 256).Set(257, 4, 256).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 6).Set(277, 3, 3).Set(322, 4, 256).Set(323, 4, 256).Set(530, 3, 2, 2));
        await File.WriteAllBytesAsync(folder.File("a.tif"), tiff.Build(), Token);
        await using var slide = await Slide.OpenAsync(folder.File("a.tif"), cancellationToken: Token);
        Assert.True(await slide.TryCopyFramesAsync(folder.File("series"), new DicomSeriesWriterOptions(), cancellationToken: Token));
        Assert.True(await slide.TryCopyFramesAsync(folder.File("b.svs"), new PyramidWriterOptions(), cancellationToken: Token));
        foreach (var file in Directory.EnumerateFiles(folder.File("series")).Append(folder.File("b.svs")))
        {
            var bytes = await File.ReadAllBytesAsync(file, Token);
            Assert.True(bytes.AsSpan().IndexOf("Poppins"u8) < 0 && bytes.AsSpan().IndexOf("Exif"u8) < 0, Path.GetFileName(file));
        }
    }

    async Task<Slide> CopyAsync(Slide slide, string name)
    {
        Assert.True(await slide.TryCopyFramesAsync(folder.File(name), new DicomSeriesWriterOptions { LossySteps = await LossyStep.FindAsync(slide, 0, Token) }, cancellationToken: Token));
        return await Slide.OpenAsync(folder.File(name), cancellationToken: Token);
    }

    /// <summary>The encoded pixels: everything from the start of the scan, without what a container pads.</summary>
    static byte[] Scan(byte[] jpeg)
    {
        var end = jpeg.AsSpan().LastIndexOf<byte>([0xFF, 0xD9]);
        return jpeg[jpeg.AsSpan().IndexOf<byte>([0xFF, 0xDA])..end];
    }

    static async Task AssertSameAsync(Slide expected, Slide found, int from)
    {
        Assert.Equal(expected.Levels.Skip(from).Select(level => (level.Width, level.Height, level.TileWidth, level.TileHeight)), found.Levels.Select(level => (level.Width, level.Height, level.TileWidth, level.TileHeight)));
        foreach (var level in found.Levels)
            Assert.Equal((await expected.ReadRegionAsync(new Region(level.Index + from, 0, 0, level.Width, level.Height), cancellationToken: Token)).Pixels, (await found.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), cancellationToken: Token)).Pixels);
    }
}
