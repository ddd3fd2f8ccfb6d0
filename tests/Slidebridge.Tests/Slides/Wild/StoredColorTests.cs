using Slidebridge.Slides;
using Slidebridge.Tests.Slides.Dicom;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>What samples mean where the container and the encoded tile contradict each other: in TIFF and DICOM, of JPEG and JPEG 2000.</summary>
public sealed class StoredColorTests : IDisposable
{
    const int Tile = 64;

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    /// <summary>Pink tissue in the middle of glass; or nothing but one red.</summary>
    static byte[] Picture(bool hasGlass) => PaintedSlide.Pixels(Tile, Tile, (x, y) =>
        !hasGlass ? ((byte)200, (byte)30, (byte)30)
        : Math.Pow(x - 32, 2) + Math.Pow(y - 32, 2) < 500 ? ((byte)(190 + x / 8), (byte)(90 + y / 4), (byte)(150 + x / 8)) : ((byte)243, (byte)242, (byte)244));

    /// <summary>A tile's samples, and what it says of them.</summary>
    public enum Stream
    {
        /// <summary>YCbCr, 4:4:4, without a word: every decoder believes the container.</summary>
        SilentYCbCr,
        Jfif,
        AdobeYCbCr,
        Subsampled,

        /// <summary>RGB without a word: Aperio's.</summary>
        SilentRgb,
        AdobeRgb,

        /// <summary>RGB under the marker that says YCbCr.</summary>
        RgbUnderJfif,
    }

    static byte[] Encode(byte[] rgb, Stream stream) => stream switch
    {
        Stream.SilentYCbCr => PlainJpeg.Encode(rgb, Tile, Tile, subsampled: false),
        Stream.Jfif => PlainJpeg.WithJfif(PlainJpeg.Encode(rgb, Tile, Tile, subsampled: false)),
        Stream.AdobeYCbCr => PlainJpeg.WithAdobe(PlainJpeg.Encode(rgb, Tile, Tile, subsampled: false), 1),
        Stream.Subsampled => PlainJpeg.Encode(rgb, Tile, Tile, subsampled: true),
        Stream.SilentRgb => PlainJpeg.EncodeSamples(rgb, Tile, Tile),
        Stream.AdobeRgb => PlainJpeg.WithAdobe(PlainJpeg.EncodeSamples(rgb, Tile, Tile), 0),
        _ => PlainJpeg.WithJfif(PlainJpeg.EncodeSamples(rgb, Tile, Tile)),
    };

    [Theory]
    [InlineData(false, Stream.Jfif, true, true)]
    [InlineData(false, Stream.Jfif, false, true)]
    [InlineData(false, Stream.AdobeYCbCr, true, true)]
    [InlineData(false, Stream.AdobeYCbCr, false, true)]
    [InlineData(false, Stream.Subsampled, true, true)]
    [InlineData(false, Stream.Subsampled, false, true)]
    [InlineData(false, Stream.SilentRgb, true, false)]
    [InlineData(false, Stream.SilentRgb, false, false)]
    [InlineData(false, Stream.AdobeRgb, true, false)]
    [InlineData(false, Stream.RgbUnderJfif, true, true)]
    [InlineData(true, Stream.SilentYCbCr, true, true)]
    [InlineData(true, Stream.SilentYCbCr, false, true)]
    [InlineData(true, Stream.SilentRgb, true, true)]
    [InlineData(true, Stream.Jfif, false, false)]
    [InlineData(true, Stream.AdobeRgb, true, true)]
    [InlineData(true, Stream.AdobeRgb, false, true)]
    public async Task A_JPEG_shows_its_true_colours_in_TIFF_and_DICOM(bool containerSaysYCbCr, Stream stream, bool hasGlass, bool warns)
    {
        var rgb = Picture(hasGlass);
        var jpeg = Encode(rgb, stream);
        foreach (var slide in new[] { await TiffAsync(jpeg, 7, containerSaysYCbCr ? 6 : 2), await DicomAsync(jpeg, DicomSyntax.Jpeg, containerSaysYCbCr ? "YBR_FULL_422" : "RGB") })
            await using (slide)
            {
                await AssertShowsAsync(slide, rgb, hasGlass ? 12 : 6);
                if (warns) Assert.Equal("colors-contradict", Assert.Single(slide.Warnings).Code);
                else Assert.Empty(slide.Warnings);
                // What a viewer is given undecoded shows the same.
                if (await slide.ReadJpegAsync(0, 0, 0, Token) is { } own) AssertNear(rgb, Decode(own), 12);
            }
    }

    [Theory]
    [InlineData(Stream.SilentRgb, true, true)]
    [InlineData(Stream.SilentYCbCr, true, false)]
    [InlineData(Stream.SilentYCbCr, false, true)]
    public async Task A_TIFF_that_says_nothing_of_its_chroma_is_doubted_where_its_pixels_do_not_bear_it_out(Stream stream, bool hasGlass, bool warns)
    {
        var rgb = Picture(hasGlass);
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(Page(Encode(rgb, stream), 7, 6));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        await AssertShowsAsync(slide, rgb, hasGlass ? 12 : 6);
        Assert.Equal(warns, slide.Warnings.Count == 1);
    }

    [Fact]
    public async Task A_damaged_tile_does_not_keep_the_others_from_being_judged_and_shown()
    {
        var rgb = Picture(hasGlass: true);
        var builder = new TiffBuilder(new TiffLayout());
        var page = new TiffBuilderPage { Chunks = [new byte[40], Encode(rgb, Stream.Jfif)] };
        builder.Pages.Add(page.Set(256, 4, 2 * Tile).Set(257, 4, Tile).Set(258, 3, 8, 8, 8).Set(259, 3, 7).Set(262, 3, 2).Set(277, 3, 3).Set(322, 4, Tile).Set(323, 4, Tile));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        AssertNear(rgb, (await slide.ReadTileAsync(0, 1, 0, cancellationToken: Token)).Pixels, 12);
        await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadTileAsync(0, 0, 0, cancellationToken: Token));
        Assert.Equal("colors-contradict", Assert.Single(slide.Warnings).Code);
    }

    [Theory]
    [InlineData("YBR_FULL_422", false, true)]
    [InlineData("YBR_FULL", false, true)]
    [InlineData("YBR_FULL_422", true, true)]
    [InlineData("YBR_RCT", false, false)]
    [InlineData("YBR_ICT", false, false)]
    [InlineData("RGB", false, false)]
    [InlineData("RGB", true, false)]
    [InlineData("YBR_RCT", true, false)]
    public async Task Plain_RGB_in_JPEG_2000_is_neither_violet_nor_green(string photometric, bool transformed, bool warns)
    {
        var rgb = Picture(hasGlass: true);
        var stream = new CodecSamples(folder, Tile, Tile, rgb).OpenJpeg("j2k", "-mct", transformed ? "1" : "0");
        await using var slide = await DicomAsync(stream, DicomSyntax.Jpeg2000, photometric);
        await AssertShowsAsync(slide, rgb, 0);
        Assert.Equal(warns, slide.Warnings.Any(warning => warning.Code == "colors-contradict"));
    }

    [Theory]
    [InlineData("YBR_FULL", 1, false)]
    [InlineData("YBR_FULL_422", 1, true)]
    [InlineData("YBR_FULL_422", 2, false)]
    [InlineData("RGB", 2, true)]
    public async Task YCbCr_in_JPEG_2000_without_a_transform_stays_what_it_is(string photometric, int step, bool warns)
    {
        foreach (var hasGlass in new[] { true, false })
        {
            var rgb = Picture(hasGlass);
            var stream = new CodecSamples(folder, Tile, Tile, rgb).OpenJpegYCbCr(step);
            await using var slide = await DicomAsync(stream, DicomSyntax.Jpeg2000, photometric);
            await AssertShowsAsync(slide, rgb, step == 1 ? 3 : 60);
            // Without glass, nothing proves what such a container says.
            Assert.Equal(warns || (!hasGlass && step == 1), slide.Warnings.Any(warning => warning.Code == "colors-contradict"));
        }
    }

    [Fact]
    public async Task Without_glass_colours_that_do_not_exist_tell_plain_RGB()
    {
        var rgb = PaintedSlide.Pixels(Tile, Tile, (x, y) => ((byte)(200 + x / 4), (byte)(110 + y / 4), (byte)(170 + x / 8)));
        var stream = new CodecSamples(folder, Tile, Tile, rgb).OpenJpeg("j2k", "-mct", "0");
        await using var slide = await DicomAsync(stream, DicomSyntax.Jpeg2000, "YBR_FULL_422");
        await AssertShowsAsync(slide, rgb, 0);
        Assert.Contains("impossible colours if it is read as YCbCr", Assert.Single(slide.Warnings).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_label_has_its_own_word_too()
    {
        var rgb = Picture(hasGlass: true);
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffPicture(128, 128, (64, 64)).Page(TiffPacking.Jpeg).SetText(270, "Aperio Image Library v12\r\n128x128 |AppMag = 20|MPP = 0.5"));
        builder.Pages.Add(Page(Encode(rgb, Stream.Jfif), 7, 2, tiled: false).Set(254, 4, 1).SetText(270, "Aperio Image Library v12\r\nlabel 64x64"));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        AssertNear(rgb, (await slide.AssociatedImages["label"].ReadAsync(Token)).Pixels, 12);
        Assert.Equal("colors-contradict", Assert.Single(slide.Warnings).Code);
    }

    static TiffBuilderPage Page(byte[] tile, int compression, int photometric, bool tiled = true)
    {
        var page = new TiffBuilderPage { Chunks = [tile] };
        page.Set(256, 4, Tile).Set(257, 4, Tile).Set(258, 3, 8, 8, 8).Set(259, 3, compression).Set(262, 3, photometric).Set(277, 3, 3);
        return tiled ? page.Set(322, 4, Tile).Set(323, 4, Tile) : page.Set(278, 4, Tile);
    }

    static Task<Slide> TiffAsync(byte[] tile, int compression, int photometric)
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(Page(tile, compression, photometric));
        if (photometric == 6) builder.Pages[0].Set(530, 3, 2, 2);
        return Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
    }

    static Task<Slide> DicomAsync(byte[] frame, string syntax, string photometric) => DicomObjects.OpenAsync(new DicomBuilder(new DicomLayout(syntax))
    {
        Dataset = new DicomPicture(Tile, Tile, Tile).Dataset().Text(0x00280004, "CS", photometric),
        Frames = [frame],
    }.Build());

    static async Task AssertShowsAsync(Slide slide, byte[] rgb, int tolerance)
    {
        AssertNear(rgb, (await slide.ReadTileAsync(0, 0, 0, cancellationToken: Token)).Pixels, tolerance);
        // Reduced, as thumbnails and tissue detection read it: glass stays glass.
        var thumbnail = (await slide.GetThumbnailAsync(8, 8, Token)).Pixels;
        Assert.InRange(thumbnail[1] - rgb[1], -8, 8);
    }

    static byte[] Decode(byte[] jpeg)
    {
        var pixels = new byte[Tile * Tile * 3];
        Slidebridge.Slides.Codecs.JpegDecoders.Best.Decode(jpeg, Tile, Tile, pixels, Tile * 3, PixelFormat.Rgb24);
        return pixels;
    }

    static void AssertNear(byte[] expected, byte[] found, int tolerance)
    {
        // Chroma of half the size smears the border of the tissue: a few pixels are off by more.
        var off = expected.Zip(found).Count(pair => Math.Abs(pair.First - pair.Second) > tolerance);
        Assert.True(off <= (tolerance == 0 ? 0 : expected.Length * 0.06), $"{off} of {expected.Length} samples differ by more than {tolerance}; the first pixel is {string.Join(',', found[..3])}, not {string.Join(',', expected[..3])}.");
    }
}
