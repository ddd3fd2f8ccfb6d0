using Slidebridge.Overlays;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>Strips of JPEG joined into one picture without decoding: the same pixels, or a refusal.</summary>
public sealed class JpegStripsTests
{
    const int Width = 200, RowsPerStrip = 16;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_real_slides_thumbnail_is_joined_and_has_the_pixels_of_its_strips()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var joined = Raster.Decode((await slide.GetStoredThumbnailJpegAsync(1024, 1024, Token))!);
        var decoded = await slide.GetThumbnailAsync(1024, 1024, Token);
        Assert.Equal((574, 768), (joined.Width, joined.Height));
        Assert.Equal(decoded.Pixels, joined.Pixels);
    }

    [Fact]
    public async Task A_picture_of_another_size_is_not_the_stored_one()
    {
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        Assert.Null(await slide.GetStoredThumbnailJpegAsync(600, 600, Token));
    }

    /// <summary>Damage inside a strip: the picture is refused when it is decoded, and the overlay is drawn on a blank canvas.</summary>
    [Fact]
    public void Damaged_data_of_a_strip_is_refused_when_the_picture_is_decoded()
    {
        var strips = Strips(64);
        var damaged = 0;
        for (var at = strips[1].Length - 60; at < strips[1].Length - 20; at++)
        {
            var bytes = strips[1].ToArray();
            if (bytes[at - 1] == 0xFF || bytes[at] == 0xFF || (bytes[at] ^ 0x55) == 0xFF) continue;
            bytes[at] ^= 0x55;
            if (Join(64, [strips[0], bytes, .. strips[2..]]) is not { } joined) continue;
            try
            {
                Raster.Decode(joined);
            }
            catch (SlideFormatException)
            {
                damaged++;
                var blank = false;
                OverlayPainter.Paint(new OverlayBase(Width, 64, joined), [], _ => blank = true);
                Assert.True(blank);
            }
        }
        Assert.True(damaged > 10, $"{damaged} of 40 changed bytes were noticed");
    }

    /// <summary>Padding before the end is no damage: some scanners write it.</summary>
    [Fact]
    public void Padding_before_the_end_is_read_over()
    {
        var jpeg = Picture(64, 64);
        Assert.Equal(Raster.Decode(jpeg).Pixels, Raster.Decode([.. jpeg[..^2], 0, 0, 0, .. jpeg[^2..]]).Pixels);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(160)]
    [InlineData(300)] // More than eight strips: the restart markers begin again. The last one has 12 rows.
    public void Joined_strips_have_the_pixels_of_each(int height)
    {
        var strips = Strips(height);
        var joined = Raster.Decode(Join(height, strips)!);
        Assert.Equal((Width, height), (joined.Width, joined.Height));
        for (var i = 0; i < strips.Count; i++)
        {
            var own = Raster.Decode(strips[i]);
            // Chroma of the first and last row is smoothed across the edge between two strips.
            for (var row = 1; row < own.Height - 1; row++)
            {
                Assert.Equal(own.Pixels.AsSpan(row * Width * 3, Width * 3), joined.Pixels.AsSpan((i * RowsPerStrip + row) * Width * 3, Width * 3));
            }
        }
    }

    [Fact]
    public void Strips_that_cannot_be_joined_are_refused()
    {
        var strips = Strips(64);
        Assert.NotNull(Join(64, strips));
        Assert.Null(Join(63, strips));
        Assert.Null(Join(80, strips));
        Assert.Null(Join(64, [.. strips[..3], strips[3][..^2]])); // Cut short.
        Assert.Null(Join(64, [.. strips[..3], [.. strips[3][..^2], 0xFF, 0xD0, 1, 0xFF, 0xD9]])); // Restart markers of its own.
        Assert.Null(Join(64, [.. strips[..3], Picture(Width, 16, 60)])); // Other tables.
        Assert.Null(Join(64, [strips[0], Picture(Width, 8), .. strips[2..], Picture(Width, 8)])); // A low strip before the last.
        Assert.Null(Join(48, [Picture(Width, 24), Picture(Width, 24)])); // Half a row of coded blocks.
        Assert.Null(Join(64, [.. strips[..3], Picture(Width - 16, 16)]));
        Assert.Null(Join(16, [[0xFF, 0xD8, 0xFF, 0xD9]]));
        Assert.Null(Join(64, [[.. strips[0][..2], 0xFF, 0xFE, 0, 5, 65, 66, 67, .. strips[0][2..]], .. strips[1..]])); // A comment.
        foreach (var (at, value) in new[] { (4, (byte)12), (9, (byte)4) }) // 12 bits, four components.
        {
            Assert.Null(Join(64, [.. strips.Select(strip =>
            {
                var other = strip.ToArray();
                other[strip.AsSpan().IndexOf<byte>([0xFF, 0xC0]) + at] = value;
                return other;
            })]));
        }
    }

    static byte[]? Join(int height, IReadOnlyList<byte[]> strips)
    {
        using var joined = new JpegStrips(Width, height, strips.Sum(strip => strip.Length));
        return strips.All(strip => joined.TryAdd(strip)) ? joined.TryFinish() : null;
    }

    static List<byte[]> Strips(int height) => [.. Enumerable.Range(0, (height + RowsPerStrip - 1) / RowsPerStrip).Select(i => Picture(Width, Math.Min(RowsPerStrip, height - i * RowsPerStrip), row: i * RowsPerStrip))];

    static byte[] Picture(int width, int height, int quality = 85, int row = 0)
    {
        var pixels = new byte[width * height * 3];
        SyntheticTissue.Create(4000, 4000).Render(1000, 1000 + row, width, height, pixels);
        return new Raster(width, height, PixelFormat.Rgb24, pixels).EncodeJpeg(quality);
    }
}
