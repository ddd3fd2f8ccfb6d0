using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>What we write as DICOM is what went in, to us and to other people's programs.</summary>
public sealed class DicomSeriesWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(null)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_written_series_has_the_pixels_of_the_same_pyramid_as_tiff(bool? extended)
    {
        var tissue = SyntheticTissue.Create(1100, 900, 4);
        var pyramid = new PyramidWriterOptions { Mpp = 0.25, ObjectivePower = 40, Quality = 85 };
        await tissue.WriteAsync(folder.File("slide.svs"), pyramid, cancellationToken: Token);
        await tissue.WriteSeriesAsync(folder.File("series"), Options(pyramid) with { ExtendedOffsetTable = extended }, cancellationToken: Token);

        await using var tiff = await Slide.OpenAsync(folder.File("slide.svs"), cancellationToken: Token);
        await using var series = await Slide.OpenAsync(folder.File("series"), cancellationToken: Token);
        Assert.Equal("dicom-wsi", series.Format);
        Assert.Equal(tiff.Levels, series.Levels);
        Assert.Equal((0.25, 0.25, 40), (Math.Round(series.Mpp!.Value.X, 9), Math.Round(series.Mpp.Value.Y, 9), series.ObjectivePower));
        Assert.Equal(["label", "macro", "thumbnail"], series.AssociatedImages.Keys.Order());
        foreach (var level in tiff.Levels)
        {
            var expected = await tiff.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), cancellationToken: Token);
            await Pixels.AssertSameAsync(series, level.Index, expected.Pixels);
        }
        Assert.Equal((await tiff.AssociatedImages["thumbnail"].ReadAsync(Token)).Pixels, (await series.AssociatedImages["thumbnail"].ReadAsync(Token)).Pixels);
        Assert.Equal("acsp"u8.ToArray(), (await series.ReadIccProfileAsync(Token))![36..40]);
    }

    [Fact]
    public async Task The_same_seed_makes_the_same_bytes_and_another_seed_other_identifiers()
    {
        var tissue = SyntheticTissue.Create(500, 400, 2);
        foreach (var (name, seed) in new[] { ("a", "one"), ("b", "one"), ("c", "two") })
            await tissue.WriteSeriesAsync(folder.File(name), Options(new PyramidWriterOptions()) with { Seed = seed }, cancellationToken: Token);
        foreach (var file in Directory.GetFiles(folder.File("a")).Select(path => Path.GetFileName(path)!))
        {
            var bytes = new List<byte[]>();
            foreach (var name in new[] { "a", "b", "c" }) bytes.Add(await File.ReadAllBytesAsync(Path.Combine(folder.File(name), file), Token));
            Assert.True(bytes[0].AsSpan().SequenceEqual(bytes[1]), file);
            Assert.False(bytes[0].AsSpan().SequenceEqual(bytes[2]), file);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Dcmdump_and_dciodvfy_have_nothing_to_complain_of(bool extended)
    {
        await SyntheticTissue.Create(700, 600, 2).WriteSeriesAsync(folder.File("series"), Options(new PyramidWriterOptions()) with { ExtendedOffsetTable = extended }, cancellationToken: Token);
        var files = Directory.GetFiles(folder.File("series"));
        Assert.Equal(5, files.Length);
        foreach (var file in files)
        {
            var dump = Dcmtk.Run("dcmdump", "--quote-nonascii", file);
            Assert.DoesNotContain("W:", dump, StringComparison.Ordinal);
            Assert.DoesNotContain("E:", dump, StringComparison.Ordinal);
        }
        foreach (var file in files)
        {
            var (_, said) = ExternalTool.Try("dciodvfy", "dicom3tools", file);
            var errors = said.Split('\n').Where(line => line.StartsWith("Error", StringComparison.Ordinal)).ToList();
            Assert.True(errors.Count == 0, $"{Path.GetFileName(file)}: {string.Join(" | ", errors)}");
        }
    }

    [Fact]
    public async Task Dcmtk_shows_the_frames_of_a_written_level_as_we_do()
    {
        await SyntheticTissue.Create(600, 500, 2).WriteSeriesAsync(folder.File("series"), Options(new PyramidWriterOptions()), cancellationToken: Token);
        var frames = Dcmtk.Frames(Path.Combine(folder.File("series"), "level-0.dcm"), folder);
        await using var slide = await Slide.OpenAsync(folder.File("series"), cancellationToken: Token);
        Assert.Equal(6, frames.Count);
        var tolerance = Slidebridge.Slides.Codecs.JpegDecoders.Best.Name == "turbo" ? 0 : 2;
        for (var i = 0; i < frames.Count; i++)
        {
            var tile = await slide.ReadTileAsync(0, i % 3, i / 3, cancellationToken: Token);
            for (var y = 0; y < tile.Height; y++)
                for (var x = 0; x < tile.Width * 3; x++)
                    Assert.InRange(tile.Pixels[y * tile.Width * 3 + x] - frames[i][y * 256 * 3 + x], -tolerance, tolerance);
        }
    }

    [Fact]
    public async Task An_interrupted_writing_leaves_nothing_that_looks_like_a_slide()
    {
        await using (var writer = DicomSeriesWriter.Create(folder.Path, 300, 300))
        {
            await writer.WriteRowsAsync(new byte[300 * 256 * 3], Token);
            await Assert.ThrowsAsync<InvalidOperationException>(() => writer.FinishAsync(Token).AsTask());
        }
        await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(folder.Path, cancellationToken: Token));
    }

    [Fact]
    public async Task An_objective_that_is_not_known_is_not_made_up()
    {
        var options = new PyramidWriterOptions { ObjectivePower = null };
        await using var tiff = await Slide.OpenAsync(await PaintedSlide.WriteAsync(folder, 300, 300, (_, _) => PaintedSlide.Eosin, options), cancellationToken: Token);
        await using (var writer = DicomSeriesWriter.Create(folder.File("series"), 300, 300, new() { Pyramid = options })) await tiff.CopyToAsync(writer, cancellationToken: Token);
        await using var series = await Slide.OpenAsync(folder.File("series"), cancellationToken: Token);
        Assert.Equal((null, null, 0.5, 0.5), (tiff.ObjectivePower, series.ObjectivePower, tiff.Mpp?.X, series.Mpp?.X));
    }

    [Fact]
    public void Settings_that_cannot_work_are_named()
    {
        foreach (var options in new DicomSeriesWriterOptions[] { new() { ContainerIdentifier = "" }, new() { PatientId = new string('x', 65) }, new() { IccProfile = [] }, new() { ContainerIdentifier = @"a\b" } })
            Assert.Contains("DicomSeriesWriterOptions.", Assert.Throws<ArgumentOutOfRangeException>(() => DicomSeriesWriter.Create(folder.File("never"), 10, 10, options)).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder.File("never")));
    }

    static DicomSeriesWriterOptions Options(PyramidWriterOptions pyramid) => new()
    {
        Pyramid = pyramid,
        Label = new Raster(40, 30, PixelFormat.Rgb24, PaintedSlide.Pixels(40, 30, (x, y) => ((byte)(x * 5), (byte)(y * 7), 200))),
        Overview = new Raster(90, 30, PixelFormat.Rgb24, PaintedSlide.Pixels(90, 30, (x, y) => ((byte)(x * 2), (byte)(y * 7), 100))),
    };
}
