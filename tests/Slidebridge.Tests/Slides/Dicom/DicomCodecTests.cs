using Slidebridge.Slides.Codecs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Dicom;

/// <summary>Frames of every transfer syntax for which somebody else's encoder is at hand show what went in.</summary>
public sealed class DicomCodecTests : IDisposable
{
    const int Tile = 64;

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    public static TheoryData<string, string, bool> Lossless => new()
    {
        { "1.2.840.10008.1.2.4.90", "YBR_RCT", false }, { "1.2.840.10008.1.2.4.91", "YBR_RCT", true }, { "1.2.840.10008.1.2.4.90", "RGB", false },
        { "1.2.840.10008.1.2.4.201", "YBR_RCT", false }, { "1.2.840.10008.1.2.4.203", "YBR_RCT", true },
    };

    [Theory]
    [MemberData(nameof(Lossless))]
    public async Task Jpeg_2000_without_loss_is_what_went_in(string syntax, string photometric, bool walked)
    {
        var samples = new CodecSamples(folder, Tile, Tile);
        var isHighThroughput = syntax.Contains(".4.20", StringComparison.Ordinal);
        var packed = isHighThroughput ? samples.OpenJph("-reversible", "true")
            : photometric == "RGB" ? samples.OpenJpeg("j2k", "-mct", "0")
            : samples.OpenJpeg("j2k");
        await DicomObjects.AssertShowsAsync(Tiled(samples.Rgb), Object(syntax, photometric, packed, walked ? DicomOffsets.None : DicomOffsets.Basic, walked ? 2 : 1));
    }

    [Theory]
    [InlineData("1.2.840.10008.1.2.4.91", "YBR_ICT")]
    [InlineData("1.2.840.10008.1.2.4.202", "YBR_ICT")]
    public async Task Lossy_jpeg_2000_is_near_what_went_in(string syntax, string photometric)
    {
        var samples = new CodecSamples(folder, Tile, Tile);
        var packed = syntax.EndsWith("202", StringComparison.Ordinal) ? samples.OpenJph("-qstep", "0.002") : samples.OpenJpeg("j2k", "-I", "-r", "3");
        await using var slide = await DicomObjects.OpenAsync(Object(syntax, photometric, packed, DicomOffsets.Basic, 1));
        var found = await slide.ReadTileAsync(0, 1, 1, cancellationToken: Token);
        Assert.InRange(samples.Rgb.Zip(found.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 3);
    }

    [Fact]
    public async Task Jpeg_2000_that_left_luma_and_chroma_as_they_are_becomes_colours()
    {
        var samples = new CodecSamples(folder, Tile, Tile);
        await using var slide = await DicomObjects.OpenAsync(Object("1.2.840.10008.1.2.4.90", "YBR_FULL", samples.OpenJpegYCbCr(1), DicomOffsets.Basic, 1));
        var found = await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
        Assert.InRange(samples.Rgb.Zip(found.Pixels, (a, b) => Math.Abs(a - b)).Max(), 0, 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Jpeg_ls_by_plane_line_and_sample_is_what_went_in(int interleave)
    {
        if (!CharLs.IsAvailable) Assert.Skip("CharLS is not installed (Debian: libcharls2).");
        var samples = new CodecSamples(folder, Tile, Tile);
        byte[] together = interleave > 0 ? samples.Rgb : [.. Enumerable.Range(0, 3).SelectMany(c => Enumerable.Range(0, Tile * Tile).Select(i => samples.Rgb[i * 3 + c]))];
        var packed = CharLsEncoder.Encode(together, Tile, Tile, 3, interleave);
        await DicomObjects.AssertShowsAsync(Tiled(samples.Rgb), Object("1.2.840.10008.1.2.4.80", "RGB", packed, DicomOffsets.Extended, 1));
    }

    [Fact]
    public async Task Jpeg_with_red_green_and_blue_keeps_its_colours()
    {
        // Stated as RGB, and the stream says nothing else: the decoder must leave the three components alone. A grey picture in Y with Cb and Cr at 128 is then no longer grey.
        var gray = PaintedSlide.Pixels(Tile, Tile, (x, y) => ((byte)(x * 3), (byte)(x * 3), (byte)(x * 3)));
        var packed = PlainJpeg.Encode(gray, Tile, Tile, subsampled: false);
        await using var slide = await DicomObjects.OpenAsync(Object(DicomSyntax.Jpeg, "RGB", packed, DicomOffsets.Basic, 1));
        var found = await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token);
        for (var i = 0; i < found.Pixels.Length; i += 3)
        {
            Assert.InRange(found.Pixels[i] - gray[i], -6, 6);
            Assert.InRange(found.Pixels[i + 1] - 128, -3, 3);
            Assert.InRange(found.Pixels[i + 2] - 128, -3, 3);
        }
    }

    [Theory]
    [InlineData(DicomSyntax.Deflated, "deflated")]
    [InlineData(DicomSyntax.BigEndian, "big endian")]
    [InlineData("1.2.840.10008.1.2.4.102", "which this reader does not know")]
    public async Task A_transfer_syntax_that_cannot_be_read_is_named(string syntax, string what)
    {
        var failure = await DicomObjects.RefusedAsync(Object(syntax, "RGB", [1, 2], DicomOffsets.Basic, 1));
        Assert.Contains(syntax, failure.Message, StringComparison.Ordinal);
        Assert.Contains(what, failure.Message, StringComparison.Ordinal);
        Assert.Equal(0x00020010, failure.Tag);
    }

    [Fact]
    public async Task A_compression_without_a_codec_opens_and_is_named_when_a_tile_is_read()
    {
        var failure = await DicomObjects.RefusedTileAsync(Object(DicomSyntax.JpegLossless, "RGB", [0xFF, 0xD8, 0xFF, 0xD9], DicomOffsets.Basic, 1));
        Assert.Contains("jpeg-lossless", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PALETTE COLOR", 1, 8)]
    [InlineData("MONOCHROME2", 1, 16)]
    [InlineData("CMYK", 3, 8)]
    [InlineData("RGB", 1, 8)]
    public async Task Samples_that_cannot_be_shown_are_refused_in_a_sentence(string photometric, int samples, int bits)
    {
        var picture = new DicomPicture(64, 32, 32);
        var dataset = picture.Dataset().Text(0x00280004, "CS", photometric).Short(0x00280002, samples).Short(0x00280100, bits).Short(0x00280101, bits);
        var failure = await DicomObjects.RefusedTileAsync(new DicomBuilder(new DicomLayout()) { Dataset = dataset, Frames = picture.Frames() }.Build());
        Assert.Contains("Export it again", failure.Message.Replace("export", "Export", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(0x00280004, failure.Tag);
    }

    // Two by two tiles of one frame.
    static byte[] Object(string syntax, string photometric, byte[] frame, DicomOffsets offsets, int fragments) => new DicomBuilder(new DicomLayout(syntax, Offsets: offsets, Fragments: fragments))
    {
        Dataset = new DicomPicture(2 * Tile, 2 * Tile, Tile).Dataset().Text(0x00280004, "CS", photometric),
        Frames = [frame, frame, frame, frame],
    }.Build();

    static byte[] Tiled(byte[] tile) => PaintedSlide.Pixels(2 * Tile, 2 * Tile, (x, y) =>
    {
        var at = (y % Tile * Tile + x % Tile) * 3;
        return (tile[at], tile[at + 1], tile[at + 2]);
    });
}
