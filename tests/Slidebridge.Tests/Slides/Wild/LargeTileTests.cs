using SkiaSharp;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;
using Slidebridge.Tests.Slides.Dicom;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides.Wild;

/// <summary>Frames and strips too large to be decoded at once: up to 16384×16384, by bands of rows, in bounded memory.</summary>
[Collection(nameof(RunAlone))]
public sealed class LargeTileTests : IDisposable
{
    // Above 32 Mi pixels, so that they are decoded by bands; the largest would take a minute to make.
    const int Width = 6144, Height = 5632;

    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    static (byte R, byte G, byte B) Color(int x, int y) => ((byte)(x >> 5), (byte)(y >> 5), (byte)((x >> 6 ^ y >> 6) * 8));

    public static TheoryData<string> Syntaxes => new() { DicomSyntax.Explicit, DicomSyntax.Jpeg };

    [Theory]
    [MemberData(nameof(Syntaxes))]
    public async Task A_large_frame_is_read_anywhere_and_at_any_scale(string syntax)
    {
        var tolerance = syntax == DicomSyntax.Jpeg ? 24 : 0;
        await using var slide = await DicomObjects.OpenAsync(Object(syntax));
        Assert.Equal((Width, Height), (slide.Width, slide.Height));
        Assert.InRange((long)slide.Levels[0].TileWidth * slide.Levels[0].TileHeight, 1, 4 * 1024 * 1024);
        // Downwards, back up, across bands, over the edge.
        foreach (var (x, y) in new[] { (10, 20), (3000, 2700), (Width - 40, Height - 30), (100, 650), (0, 0) })
        {
            var found = await slide.ReadRegionAsync(new Region(0, x, y, 64, 64), cancellationToken: Token);
            for (var i = 0; i < 64 * 64; i += 7)
            {
                var (px, py) = (x + i % 64, y + i / 64);
                var (r, g, b) = px < Width && py < Height ? Color(px, py) : ((byte)255, (byte)255, (byte)255);
                Assert.InRange(found.Pixels[i * 3] - r, -tolerance, tolerance);
                Assert.InRange(found.Pixels[i * 3 + 1] - g, -tolerance, tolerance);
                Assert.InRange(found.Pixels[i * 3 + 2] - b, -tolerance * 3, tolerance * 3);
            }
        }
        var thumbnail = await slide.GetThumbnailAsync(192, 176, Token);
        for (var y = 8; y < 176; y += 16)
            for (var x = 8; x < 192; x += 16)
            {
                Assert.InRange(thumbnail.Pixels[(y * 192 + x) * 3] - Color(x * 32 + 16, 0).R, -4, 4);
                Assert.InRange(thumbnail.Pixels[(y * 192 + x) * 3 + 1] - Color(0, y * 32 + 16).G, -4, 4);
            }
        var tiles = 0;
        await foreach (var tile in slide.ReadTilesAsync(new TileGrid { Width = 512, Height = 512, Downsample = 4, InOrder = false }, Token))
            using (tile) tiles++;
        Assert.Equal(9, tiles);
    }

    [Fact]
    public async Task A_row_of_more_pixels_than_are_decoded_at_once_is_refused_before_memory_is_taken()
    {
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(new TiffBuilderPage { Chunks = [new byte[3]] }.Set(256, 4, 134_228_553).Set(257, 4, 1).Set(258, 3, 8, 8, 8).Set(259, 3, 1).Set(262, 3, 2).Set(277, 3, 3).Set(278, 4, 1));
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (var x in new[] { 0, 60_000_000, 134_228_500 }) await Assert.ThrowsAsync<SlideFormatException>(() => slide.ReadRegionAsync(new Region(0, x, 0, 40, 1), cancellationToken: Token));
        await slide.ExamineAsync(Token);
        Assert.Equal("picture-unreadable", Assert.Single(slide.Warnings).Code);
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 16L * 1024 * 1024);
    }

    [Theory]
    [InlineData("jpeg", 1)]
    [InlineData("jpeg", 8)]
    [InlineData("jpeg2000", 1)]
    [InlineData("jpeg2000", 4)]
    [InlineData("none", 1)]
    public void Rows_that_are_decoded_a_band_at_a_time_are_those_of_the_whole(string compression, int reduction)
    {
        const int Across = 320, Down = 208;
        if (compression == "jpeg2000" && !OpenJpeg.IsAvailable) Assert.Skip("OpenJPEG 2 is not installed (Debian: libopenjp2-7).");
        var samples = new CodecSamples(folder, Across, Down);
        var encoded = compression switch { "jpeg" => PlainJpeg.WithJfif(PlainJpeg.Encode(samples.Rgb, Across, Down, subsampled: true)), "jpeg2000" => samples.OpenJpeg("j2k"), _ => samples.Rgb };
        var tile = new StoredTile(Across, Down, 3, compression == "jpeg" ? StoredColor.YCbCr : StoredColor.Rgb);
        int width = Across / reduction, height = Down / reduction, band = 48 / reduction;
        foreach (var format in Enum.GetValues<PixelFormat>())
        {
            var bytes = format.BytesPerPixel();
            byte[] whole = new byte[width * height * bytes], found = new byte[whole.Length];
            // SkiaSharp decodes by rows: against its own whole picture.
            (compression == "jpeg" ? new JpegCodec(new SkiaJpegDecoder()) : TileCodecs.Find(compression)!).Decode(encoded, tile, reduction, Target(whole, 0, height));
            using var rows = TileCodecs.Find(compression)!.OpenRows(encoded, tile, reduction);
            rows.Skip(band);
            for (var row = band; row < height; row += band) rows.Read(Target(found, row, Math.Min(band, height - row)));
            Assert.Equal(whole[(band * width * bytes)..], found[(band * width * bytes)..]);

            PixelTarget Target(byte[] pixels, int row, int count) => new(pixels.AsMemory(row * width * bytes), width * bytes, width, count, format);
        }
    }

    [Fact]
    public async Task A_TIFF_in_one_strip_is_read_by_rows()
    {
        var page = new TiffBuilderPage { Chunks = [Plain()] };
        page.Set(256, 4, Width).Set(257, 4, Height).Set(258, 3, 8, 8, 8).Set(259, 3, 1).Set(262, 3, 2).Set(277, 3, 3).Set(278, 4, Height);
        var builder = new TiffBuilder(new TiffLayout());
        builder.Pages.Add(page);
        await using var slide = await Slide.OpenAsync(new MemorySource(builder.Build()), cancellationToken: Token);
        var found = await slide.ReadRegionAsync(new Region(0, 4000, 5000, 8, 8), cancellationToken: Token);
        Assert.Equal(Color(4000, 5000), (found.Pixels[0], found.Pixels[1], found.Pixels[2]));
    }

    [Fact]
    public async Task A_band_of_the_largest_frame_takes_little_memory()
    {
        byte[] jpeg;
        using (var bitmap = new SKBitmap(new SKImageInfo(16384, 16384, SKColorType.Gray8, SKAlphaType.Opaque)))
        {
            bitmap.Erase(new SKColor(120, 120, 120));
            using var pixmap = bitmap.PeekPixels();
            using var data = pixmap!.Encode(new SKJpegEncoderOptions(80));
            jpeg = data!.ToArray();
        }
        var picture = new DicomPicture(16, 16, 16, gray: true);
        var bytes = new DicomBuilder(new DicomLayout(DicomSyntax.Jpeg))
        {
            Dataset = picture.Dataset().Text(0x00280008, "IS", "1").Short(0x00280010, 16384).Short(0x00280011, 16384).Long(0x00480006, 16384).Long(0x00480007, 16384),
            Frames = [jpeg],
        }.Build();
        await using var slide = await DicomObjects.OpenAsync(bytes);
        var before = GC.GetTotalAllocatedBytes(precise: true);
        var found = await slide.ReadRegionAsync(new Region(0, 9000, 3000, 32, 32), cancellationToken: Token);
        Assert.All(found.Pixels, value => Assert.InRange(value, (byte)118, (byte)122));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 96L * 1024 * 1024);
    }

    [Fact]
    public async Task What_cannot_be_decoded_by_rows_is_refused_before_memory_is_taken()
    {
        var picture = new DicomPicture(64, 64, 64);
        foreach (var (syntax, edge, said) in new[] { (DicomSyntax.Rle, 8192, "at most 33554432"), (DicomSyntax.Jpeg, 20000, "at most 268435456") })
        {
            var bytes = new DicomBuilder(new DicomLayout(syntax)) { Dataset = picture.Dataset().Short(0x00280010, edge).Short(0x00280011, edge).Long(0x00480006, edge).Long(0x00480007, edge).Text(0x00280008, "IS", "1"), Frames = [new byte[64]] }.Build();
            Assert.Contains(said, (await DicomObjects.RefusedTileAsync(bytes)).Message, StringComparison.Ordinal);
        }
    }

    byte[] Object(string syntax)
    {
        var rgb = Plain();
        byte[] frame = rgb;
        if (syntax == DicomSyntax.Jpeg)
        {
            using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
            Channels.RgbToBgra(rgb, bitmap.GetPixelSpan());
            using var pixmap = bitmap.PeekPixels();
            using var data = pixmap!.Encode(new SKJpegEncoderOptions(92));
            frame = data!.ToArray();
        }
        var dataset = new DicomPicture(64, 64, 64).Dataset().Text(0x00280008, "IS", "1").Short(0x00280010, Height).Short(0x00280011, Width).Long(0x00480006, Width).Long(0x00480007, Height)
            .Text(0x00280004, "CS", syntax == DicomSyntax.Jpeg ? "YBR_FULL_422" : "RGB");
        return new DicomBuilder(new DicomLayout(syntax)) { Dataset = dataset, Frames = [frame] }.Build();
    }

    static byte[] Plain() => PaintedSlide.Pixels(Width, Height, Color);
}
