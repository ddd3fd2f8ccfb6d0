using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

public sealed class PyramidWriterTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(1001, 777, false)]
    [InlineData(1001, 777, true)]
    [InlineData(2048, 300, false)]
    [InlineData(17, 900, false)]
    [InlineData(1, 1, false)]
    [InlineData(1, 1, true)]
    public async Task A_written_slide_has_the_pixels_that_went_in_on_every_level(int width, int height, bool big)
    {
        var path = await PaintedSlide.WriteAsync(folder, width, height, Waves, new PyramidWriterOptions { BigTiff = big, Quality = 95, SmallestLevel = 100, Mpp = 0.25, ObjectivePower = 40 });
        await using var slide = await Slide.OpenAsync(path, cancellationToken: Token);
        Assert.Equal("aperio-svs", slide.Format);
        Assert.Equal(new MicronsPerPixel(0.25, 0.25), slide.Mpp);
        Assert.Equal(40, slide.ObjectivePower);
        Assert.Equal((width, height), (slide.Width, slide.Height));

        var expected = PaintedSlide.Pixels(width, height, Waves);
        foreach (var level in slide.Levels)
        {
            Assert.Equal((Math.Max(1, width >> level.Index), Math.Max(1, height >> level.Index)), (level.Width, level.Height));
            var found = await slide.ReadRegionAsync(new Region(level.Index, 0, 0, level.Width, level.Height), PixelFormat.Rgb24, Token);
            AssertNear(expected, found.Pixels, $"level {level.Index}");
            if (level.Index + 1 < slide.Levels.Count) expected = Halve(expected, level.Width, level.Height);
        }
        Assert.True(Math.Max(slide.Levels[^1].Width, slide.Levels[^1].Height) < 200 || slide.Levels[^1].Width < 2);
        var thumbnail = await slide.AssociatedImages["thumbnail"].ReadAsync(Token);
        Assert.Equal(Math.Min(1024, Math.Max(width, height)), Math.Max(thumbnail.Width, thumbnail.Height));
    }

    [Theory]
    [InlineData(50_000, 40_000, 80, null, false)]
    [InlineData(100_000, 80_000, 80, null, true)]
    [InlineData(50_000, 40_000, 95, null, true)]
    [InlineData(50_000, 40_000, 95, false, false)]
    [InlineData(10, 10, 80, true, true)]
    public void A_slide_that_could_pass_4_GB_is_a_BigTIFF(int width, int height, int quality, bool? asked, bool big) =>
        Assert.Equal(big, PyramidWriter.IsBig(width, height, new PyramidWriterOptions { Quality = quality, BigTiff = asked }));

    [Fact]
    public async Task A_classic_TIFF_says_at_once_that_it_is_full()
    {
        using var file = File.OpenHandle(folder.File("full"), FileMode.Create, FileAccess.Write);
        var sink = new TileSink(file, uint.MaxValue - 101, uint.MaxValue);
        Assert.Equal(uint.MaxValue - 101, await sink.AppendAsync(new byte[100], Token));
        var full = await Assert.ThrowsAsync<InvalidOperationException>(() => sink.AppendAsync(new byte[100], Token).AsTask());
        Assert.Contains("BigTiff", full.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task However_the_rows_come_the_file_is_the_same()
    {
        const int width = 600, height = 700;
        var pixels = PaintedSlide.Pixels(width, height, Waves);
        var files = new List<byte[]>();
        foreach (var rows in new[] { 1, 255, 256, 257, height })
        {
            var path = folder.File($"by-{rows}.svs");
            await using (var writer = PyramidWriter.Create(path, width, height))
            {
                for (var y = 0; y < height; y += rows) await writer.WriteRowsAsync(pixels.AsMemory(y * width * 3, Math.Min(rows, height - y) * width * 3), Token);
                await writer.FinishAsync(Token);
            }
            files.Add(await File.ReadAllBytesAsync(path, Token));
        }
        Assert.All(files, file => Assert.True(file.AsSpan().SequenceEqual(files[0])));
    }

    [Fact]
    public async Task An_interrupted_writing_leaves_nothing_that_looks_like_a_slide()
    {
        var path = folder.File("interrupted.svs");
        await using (var writer = PyramidWriter.Create(path, 300, 300))
        {
            await writer.WriteRowsAsync(new byte[300 * 256 * 3], Token);
            await Assert.ThrowsAsync<InvalidOperationException>(() => writer.FinishAsync(Token).AsTask());
        }
        await Assert.ThrowsAsync<SlideFormatException>(() => Slide.OpenAsync(path, cancellationToken: Token));
    }

    [Fact]
    public async Task Rows_that_do_not_fit_are_refused()
    {
        await using var writer = PyramidWriter.Create(folder.File("wrong.svs"), 300, 10);
        await Assert.ThrowsAsync<ArgumentException>(() => writer.WriteRowsAsync(new byte[299 * 3], Token).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => writer.WriteRowsAsync(new byte[300 * 11 * 3], Token).AsTask());
    }

    [Theory]
    [InlineData(255, 80)]
    [InlineData(256, 0)]
    [InlineData(8192, 80)]
    public void Settings_that_cannot_work_are_named(int tileSize, int quality)
    {
        var failure = Assert.Throws<ArgumentOutOfRangeException>(() => PyramidWriter.Create(folder.File("never.svs"), 10, 10, new PyramidWriterOptions { TileSize = tileSize, Quality = quality }));
        Assert.Contains("PyramidWriterOptions.", failure.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.File("never.svs")));
    }

    // One colour, darker and brighter: JPEG stores colour at half the size, which on the smallest levels would be all there is to see.
    static (byte, byte, byte) Waves(int x, int y)
    {
        var light = 128 + 50 * Math.Sin(x / 37.0) + 30 * Math.Cos(y / 29.0);
        return ((byte)(light + 40), (byte)(light - 10), (byte)(light + 10));
    }

    static byte[] Halve(byte[] pixels, int width, int height)
    {
        int columns = width / 2, rows = height / 2;
        return PaintedSlide.Pixels(columns, rows, (x, y) => (Mean(x, y, 0), Mean(x, y, 1), Mean(x, y, 2)));

        byte Mean(int x, int y, int channel)
        {
            var at = (y * 2 * width + x * 2) * 3 + channel;
            return (byte)((pixels[at] + pixels[at + 3] + pixels[at + width * 3] + pixels[at + width * 3 + 3] + 2) / 4);
        }
    }

    static void AssertNear(byte[] expected, byte[] found, string what)
    {
        Assert.Equal(expected.Length, found.Length);
        double sum = 0;
        var most = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs(expected[i] - found[i]);
            sum += difference;
            most = Math.Max(most, difference);
        }
        Assert.True(sum / expected.Length < 2 && most < 24, $"{what}: differs by {sum / expected.Length:0.00} in the mean and {most} at most.");
    }
}
