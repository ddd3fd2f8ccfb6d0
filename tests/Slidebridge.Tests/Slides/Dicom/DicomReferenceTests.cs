using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>dcmtk is the reference for what an object shows, on other people's files and on ours that its tools compressed.</summary>
public sealed class DicomReferenceTests : IDisposable
{
    // dcmtk's JPEG library and libturbojpeg agree to the bit; SkiaSharp's build rounds chroma otherwise.
    static int Tolerance => JpegDecoders.Best.Name == "turbo" ? 0 : 2;

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_real_jpeg_slide_has_dcmtks_pixels()
    {
        var path = SharedFiles.Find("dicom/camelyon.dcm");
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Equal((1152, 700, "dicom-wsi", "jpeg"), (slide.Width, slide.Height, slide.Format, slide.Levels[0].Compression));
        Assert.Equal((5, 3, 256, 256), (slide.Levels[0].Columns, slide.Levels[0].Rows, slide.Levels[0].TileWidth, slide.Levels[0].TileHeight));
        Assert.Equal((28.969, 28.968), (Math.Round(slide.Mpp!.Value.X, 6), Math.Round(slide.Mpp.Value.Y, 6)));
        Assert.Equal("Congo Red-Lung test", slide.Properties["dicom.SeriesDescription"]);
        await CompareAsync(path, slide, Tolerance);
    }

    [Fact]
    public async Task A_real_jpeg_slide_has_the_same_pixels_over_http()
    {
        var path = SharedFiles.Find("dicom/camelyon.dcm");
        await using var server = await RangeServer.StartAsync();
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        await using var remote = await Slide.OpenAsync(server.Serve(await File.ReadAllBytesAsync(path, Token)).Url, cancellationToken: Token);
        var expected = await slide.ReadRegionAsync(new Region(0, 0, 0, 1152, 700), cancellationToken: Token);
        Assert.Equal(expected.Pixels, (await remote.ReadRegionAsync(new Region(0, 0, 0, 1152, 700), cancellationToken: Token)).Pixels);
        await Pixels.AssertSameAsync(remote, 0, expected.Pixels);
    }

    [Theory]
    [InlineData("dicom/sm_image.dcm")]
    [InlineData("dicom/sm_image_numbers.dcm")]
    [InlineData("dicom/sm_image_control.dcm")]
    public async Task A_real_uncompressed_slide_has_exactly_dcmtks_pixels(string name)
    {
        var path = SharedFiles.Find(name);
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Equal((50, 50), (slide.Width, slide.Height));
        Assert.Equal(0.499, Math.Round(slide.Mpp!.Value.X, 6));
        await CompareAsync(path, slide, 0);
    }

    [Fact]
    public async Task Samples_of_sixteen_bits_are_refused_in_a_sentence()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.Find("dicom/sm_image_grayscale.dcm"), cancellationToken: Token);
        var failure = await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: Token));
        Assert.Contains("16 bits in 16; expected 8", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_dcmtk_packed_as_run_lengths_is_what_went_in(bool gray)
    {
        var picture = new DicomPicture(100, 77, 33, gray: gray);
        var packed = await ConvertAsync(picture, "dcmcrle");
        await DicomObjects.AssertShowsAsync(picture.Pixels, packed);
        var fragments = await ConvertAsync(picture, "dcmcrle", "--fragment-size", "1");
        await DicomObjects.AssertShowsAsync(picture.Pixels, fragments);
    }

    [Theory]
    [InlineData("+eb", "+cy", "+s2")]
    [InlineData("+eb", "+cy", "+s4")]
    [InlineData("+eb", "+cr", "+s4")]
    [InlineData("+ee", "+cy", "+s2")]
    [InlineData("+eb", "+cy", "+s2", "--offset-table-empty")]
    [InlineData("+eb", "+cy", "+s2", "--fragment-size", "1")]
    public async Task What_dcmtk_compressed_as_jpeg_has_dcmtks_pixels(params string[] options)
    {
        var picture = new DicomPicture(300, 200, 128);
        var packed = await ConvertAsync(picture, "dcmcjpeg", [.. options, "+q", "95"]);
        await using var slide = await DicomObjects.OpenAsync(packed);
        await CompareAsync(folder.File("packed.dcm"), slide, Tolerance);
    }

    [Fact]
    public async Task What_dcmtk_compressed_without_loss_by_jpeg_ls_is_what_went_in()
    {
        if (!CharLs.IsAvailable) Assert.Skip("CharLS is not installed (Debian: libcharls2).");
        foreach (var gray in new[] { false, true })
        {
            var picture = new DicomPicture(100, 77, 33, gray: gray);
            await DicomObjects.AssertShowsAsync(picture.Pixels, await ConvertAsync(picture, "dcmcjpls"));
        }
    }

    async Task<byte[]> ConvertAsync(DicomPicture picture, string program, params string[] options)
    {
        var plain = folder.File("plain.dcm");
        await File.WriteAllBytesAsync(plain, new DicomBuilder(new DicomLayout()) { Dataset = picture.Dataset(), Frames = picture.Frames() }.Build(), Token);
        Dcmtk.Run(program, [.. options, plain, folder.File("packed.dcm")]);
        return await File.ReadAllBytesAsync(folder.File("packed.dcm"), Token);
    }

    async Task CompareAsync(string path, Slide slide, int tolerance)
    {
        var frames = Dcmtk.Frames(path, folder);
        var level = slide.Levels[0];
        Assert.Equal(level.Columns * level.Rows, frames.Count);
        for (var i = 0; i < frames.Count; i++)
        {
            var tile = await slide.ReadTileAsync(0, i % level.Columns, i / level.Columns, cancellationToken: Token);
            var largest = 0;
            for (var y = 0; y < tile.Height; y++)
                for (var x = 0; x < tile.Width * 3; x++)
                    largest = Math.Max(largest, Math.Abs(tile.Pixels[y * tile.Width * 3 + x] - frames[i][y * level.TileWidth * 3 + x]));
            Assert.True(largest <= tolerance, $"frame {i} differs by {largest}; at most {tolerance} with {JpegDecoders.Best.Name}.");
        }
    }
}
