using System.Runtime.InteropServices;
using SkiaSharp;
using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;
using Slidebridge.Tests.Support;
using ZstdSharp;

namespace Slidebridge.Tests.Slides;

/// <summary>JPEG-LS, WebP, Zstandard and PackBits tiles with known pixels.</summary>
public sealed class TileCodecTests : IDisposable
{
    const int Width = 120, Height = 70;

    readonly TemporaryFolder folder = new();
    readonly CodecSamples samples;

    public TileCodecTests() => samples = new CodecSamples(folder, Width, Height);

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_lossless_jpeg_ls_has_the_source_pixels_however_it_is_interleaved(int interleave)
    {
        SkipWithoutCharLs();
        var source = interleave == 0 ? Planes(samples.Rgb) : samples.Rgb;
        Assert.Equal(samples.Rgb, Decode("jpeg-ls", CharLsEncoder.Encode(source, Width, Height, 3, interleave), 3, StoredColor.Rgb));
    }

    [Fact]
    public void A_grey_and_a_near_lossless_jpeg_ls_are_decoded()
    {
        SkipWithoutCharLs();
        byte[] gray = samples.Gray, shown = Decode("jpeg-ls", CharLsEncoder.Encode(gray, Width, Height, 1, 0), 1, StoredColor.Gray);
        Assert.Equal([.. gray.SelectMany(value => new[] { value, value, value })], shown);
        var near = Decode("jpeg-ls", CharLsEncoder.Encode(samples.Rgb, Width, Height, 3, 2, near: 3), 3, StoredColor.Rgb);
        Assert.InRange(samples.Rgb.Zip(near, (a, b) => Math.Abs(a - b)).Max(), 1, 3);
    }

    [Fact]
    public void A_lossless_webp_has_the_source_pixels_and_a_lossy_one_is_near()
    {
        Assert.Equal(samples.Rgb, Decode("webp", WebP(SKWebpEncoderCompression.Lossless, 20), 3, StoredColor.Rgb));
        var near = Decode("webp", WebP(SKWebpEncoderCompression.Lossy, 95), 3, StoredColor.Rgb);
        Assert.InRange(samples.Rgb.Zip(near, (a, b) => Math.Abs(a - b)).Average(), 0.01, 6);
    }

    [Fact]
    public void Zstandard_has_the_source_pixels_and_needs_not_be_unpacked_to_its_end()
    {
        using var compressor = new Compressor(9);
        var packed = compressor.Wrap(samples.Rgb).ToArray();
        Assert.Equal(samples.Rgb, Decode("zstd", packed, 3, StoredColor.Rgb));
        Assert.Equal(samples.Rgb[..(Width * 3 * 10)], Decode("zstd", packed, 3, StoredColor.Rgb, rows: 10));
    }

    [Fact]
    public void PackBits_expands_the_example_of_its_specification()
    {
        // TIFF 6.0 §9 and Apple's technical note 1023.
        byte[] packed = [0xFE, 0xAA, 0x02, 0x80, 0x00, 0x2A, 0xFD, 0xAA, 0x03, 0x80, 0x00, 0x2A, 0x22, 0xF7, 0xAA];
        byte[] expected = [0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0xAA, 0xAA, 0xAA, 0xAA, 0x80, 0x00, 0x2A, 0x22, .. Enumerable.Repeat((byte)0xAA, 10)];
        var found = new byte[expected.Length];
        Assert.Equal(expected.Length, new PackBits().Expand(packed, found));
        Assert.Equal(expected, found);
    }

    [Theory]
    [InlineData("jpeg-ls")]
    [InlineData("webp")]
    [InlineData("zstd")]
    [InlineData("packbits")]
    public void A_damaged_tile_is_told_or_shown_and_never_more(string compression)
    {
        if (compression == "jpeg-ls") SkipWithoutCharLs();
        using var compressor = new Compressor(3);
        var whole = compression switch
        {
            "jpeg-ls" => CharLsEncoder.Encode(samples.Rgb, Width, Height, 3, 2),
            "webp" => WebP(SKWebpEncoderCompression.Lossy, 60),
            "zstd" => compressor.Wrap(samples.Rgb).ToArray(),
            _ => samples.Rgb,
        };
        var random = new Random(11);
        for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 60)) Try(whole[..length]);
        for (var i = 0; i < 400; i++)
        {
            var damaged = whole.ToArray();
            for (var change = 0; change < 3; change++) damaged[random.Next(i < 200 ? 60 : damaged.Length)] = (byte)random.Next(256);
            Try(damaged);
        }

        void Try(byte[] tile)
        {
            try
            {
                Decode(compression, tile, 3, StoredColor.Rgb);
            }
            catch (SlideFormatException)
            {
            }
        }
    }

    [Fact]
    public void A_picture_of_another_size_than_the_tile_is_refused()
    {
        var failure = Assert.Throws<SlideFormatException>(() => TileCodecs.Find("webp")!.Decode(
            WebP(SKWebpEncoderCompression.Lossless, 0), new StoredTile(64, 64, 3, StoredColor.Rgb), 1, new PixelTarget(new byte[64 * 64 * 3], 64 * 3, 64, 64, PixelFormat.Rgb24)));
        Assert.Contains("120×70", failure.Message, StringComparison.Ordinal);
    }

    static void SkipWithoutCharLs()
    {
        if (!CharLs.IsAvailable) Assert.Skip("CharLS is not installed (Debian: libcharls2).");
    }

    byte[] WebP(SKWebpEncoderCompression compression, float quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        Channels.RgbToBgra(samples.Rgb, bitmap.GetPixelSpan());
        using var pixmap = bitmap.PeekPixels();
        using var encoded = pixmap.Encode(new SKWebpEncoderOptions(compression, quality));
        return encoded!.ToArray();
    }

    static byte[] Planes(byte[] rgb) => [.. Enumerable.Range(0, 3).SelectMany(c => rgb.Where((_, i) => i % 3 == c))];

    static byte[] Decode(string compression, byte[] tile, int channels, StoredColor color, int rows = Height)
    {
        var pixels = new byte[Width * rows * 3];
        TileCodecs.Find(compression)!.Decode(tile, new StoredTile(Width, Height, channels, color), 1, new PixelTarget(pixels, Width * 3, Width, rows, PixelFormat.Rgb24));
        var bgra = new byte[Width * rows * 4];
        TileCodecs.Find(compression)!.Decode(tile, new StoredTile(Width, Height, channels, color), 1, new PixelTarget(bgra, Width * 4, Width, rows, PixelFormat.Bgra32));
        foreach (var pixel in MemoryMarshal.Cast<byte, uint>(bgra)) if (pixel >> 24 != 255) Assert.Fail("A pixel is not opaque.");
        var again = new byte[pixels.Length];
        Channels.BgraToRgb(bgra, again);
        Assert.True(pixels.AsSpan().SequenceEqual(again));
        return pixels;
    }
}
