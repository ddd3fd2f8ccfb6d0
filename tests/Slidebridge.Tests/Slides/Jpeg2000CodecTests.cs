using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;
using Slidebridge.Slides.Tiles;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>JPEG 2000 as OpenJPEG's and OpenJPH's own encoders write it, through both libraries.</summary>
public sealed class Jpeg2000CodecTests : IDisposable
{
    const int Width = 200, Height = 120;

    readonly TemporaryFolder folder = new();
    readonly CodecSamples samples;

    public Jpeg2000CodecTests() => samples = new CodecSamples(folder, Width, Height);

    public void Dispose() => folder.Dispose();

    public static TheoryData<string> Libraries => new("openjpeg", "magick");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_lossless_stream_has_the_source_pixels(string library)
    {
        Assert.Equal(samples.Rgb, Decode(library, samples.OpenJpeg("j2k"), StoredColor.Rgb));
        Assert.Equal(samples.Rgb, Decode(library, samples.OpenJpeg("j2k", "-mct", "0", "-n", "1"), StoredColor.Rgb));
        Assert.Equal(samples.Rgb, Decode(library, samples.OpenJpeg("jp2"), StoredColor.Unknown));
        Assert.Equal(samples.Rgb, Decode(library, samples.OpenJpeg("j2k", "-t", "64,48", "-p", "RLCP"), StoredColor.Rgb));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_lossy_stream_is_near_to_the_source(string library)
    {
        Assert.InRange(Difference(samples.Rgb, Decode(library, samples.OpenJpeg("j2k", "-r", "4", "-I"), StoredColor.Rgb)), 1, 24);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_grey_stream_is_shown_grey(string library)
    {
        var gray = samples.Gray;
        var shown = Decode(library, samples.OpenJpegGray(), StoredColor.Gray);
        Assert.Equal([.. gray.SelectMany(value => new[] { value, value, value })], shown);
    }

    [Theory]
    [InlineData("openjpeg", 1)]
    [InlineData("magick", 1)]
    [InlineData("openjpeg", 2)]
    [InlineData("magick", 2)]
    public void Luma_and_chroma_without_a_transform_in_the_stream_become_colours(string library, int step)
    {
        var (y, cb, cr) = samples.YCbCr(step);
        var shown = Decode(library, samples.OpenJpegYCbCr(step), StoredColor.YCbCr);
        var expected = new byte[Width * Height * 3];
        for (var i = 0; i < Width * Height; i++)
        {
            var chroma = i / Width * (Width / step) + i % Width / step;
            double b = cb[chroma] - 128, r = cr[chroma] - 128;
            (expected[i * 3], expected[i * 3 + 1], expected[i * 3 + 2]) = (Round(y[i] + 1.402 * r), Round(y[i] - 0.344136 * b - 0.714136 * r), Round(y[i] + 1.772 * b));
        }
        Assert.InRange(Difference(expected, shown), 0, 1);

        static byte Round(double value) => (byte)Math.Clamp(Math.Round(value), 0, 255);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void High_throughput_streams_decode_as_well(string library)
    {
        Assert.Equal(samples.Rgb, Decode(library, samples.OpenJph("-reversible", "true"), StoredColor.Rgb));
        Assert.InRange(Difference(samples.Rgb, Decode(library, samples.OpenJph("-qstep", "0.01"), StoredColor.Rgb)), 1, 24);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Reduction_leaves_out_resolution_levels_and_averages_what_the_stream_does_not_have(int reduction)
    {
        int width = Width / reduction, height = Height / reduction;
        var expected = new byte[width * height * 3];
        using (var average = new AreaAverage(Width, Height, width, height))
        {
            average.Add(samples.Rgb, Width * 3, 0, 0, Width, Height);
            average.Finish(expected);
        }
        // Six resolutions, two, one.
        foreach (var resolutions in new[] { "6", "2", "1" })
        {
            var shown = Decode("openjpeg", samples.OpenJpeg("j2k", "-n", resolutions), StoredColor.Rgb, reduction);
            if (resolutions == "1") Assert.InRange(Difference(expected, shown), 0, 1);
            // Wavelets keep more of an edge than a mean does: alike on the whole, not at each pixel.
            Assert.InRange(expected.Zip(shown, (a, b) => Math.Abs(a - b)).Average(), 0, 12);
        }
    }

    [Fact]
    public void A_high_throughput_stream_is_known_wherever_it_says_so()
    {
        var plain = samples.OpenJpeg("j2k");
        var high = samples.OpenJph("-reversible", "true");
        Assert.False(Jpeg2000Coding.Check(plain, Jpeg2000Frame.Find(plain)).HighThroughput);
        Assert.True(Jpeg2000Coding.Check(high, Jpeg2000Frame.Find(high)).HighThroughput);
        // A component's own style, in the main header.
        var siz = 4 + plain[4] * 256 + plain[5];
        byte[] own = [.. plain[..siz], 0xFF, 0x53, 0, 9, 1, 0, 5, 4, 4, 0x40, 1, .. plain[siz..]];
        Assert.True(Jpeg2000Coding.Check(own, Jpeg2000Frame.Find(own)).HighThroughput);
    }

    [Fact]
    public void Layers_out_of_all_proportion_to_the_pixels_are_refused()
    {
        foreach (var (stream, most) in new[] { (samples.OpenJpeg("j2k"), 200), (samples.OpenJpeg("j2k", "-t", "32,32", "-n", "2"), 20) })
        {
            var cod = stream.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0x52]);
            stream[cod + 7] = (byte)most;
            var frame = Jpeg2000Frame.Find(stream);
            Jpeg2000Coding.Check(stream, frame);
            stream[cod + 6] = 0xF0;
            Assert.Contains($"{0xF000 + most} layers", Assert.Throws<SlideFormatException>(() => Jpeg2000Coding.Check(stream, frame)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_damaged_high_throughput_block_does_not_end_the_process()
    {
        // The bytes behind the blocks' headers, one after the other: OpenJPEG 2.5.0 aborts at some of them.
        var whole = samples.OpenJph("-reversible", "true");
        var codec = new Jpeg2000Codec();
        var pixels = new byte[Width * Height * 3];
        var refused = 0;
        for (var at = 150; at < whole.Length; at += 61)
        {
            var damaged = whole.ToArray();
            damaged.AsSpan(at, Math.Min(24, damaged.Length - at)).Fill(0xFF);
            try
            {
                codec.Decode(damaged, new StoredTile(Width, Height, 3, StoredColor.Rgb), 1, new PixelTarget(pixels, Width * 3, Width, Height, PixelFormat.Rgb24));
            }
            catch (SlideFormatException)
            {
                refused++;
            }
        }
        Assert.NotEqual(0, refused);
    }

    [Fact]
    public void Both_libraries_decode_alike()
    {
        foreach (var stream in new[] { samples.OpenJpeg("j2k", "-r", "8", "-I"), samples.OpenJpegYCbCr(2, "-r", "8", "-I"), samples.OpenJph("-qstep", "0.02") })
            Assert.InRange(Difference(Decode("openjpeg", stream, StoredColor.YCbCr), Decode("magick", stream, StoredColor.YCbCr)), 0, 2);
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_damaged_stream_is_told_or_shown_and_never_more(string library)
    {
        var random = new Random(5);
        // Damaged HTJ2K never reaches OpenJPEG, which may end the process at it.
        byte[][] streams = library == "openjpeg" ? [samples.OpenJpeg("j2k"), samples.OpenJpeg("jp2")] : [samples.OpenJpeg("j2k"), samples.OpenJph("-reversible", "true"), samples.OpenJpeg("jp2")];
        foreach (var whole in streams)
        {
            for (var length = 0; length < whole.Length; length += Math.Max(1, whole.Length / 40)) Try(whole[..length]);
            for (var i = 0; i < 300; i++)
            {
                var damaged = whole.ToArray();
                for (var change = 0; change < 3; change++) damaged[random.Next(i < 200 ? 200 : damaged.Length)] = (byte)random.Next(256);
                Try(damaged);
            }
        }

        void Try(byte[] stream)
        {
            try
            {
                Decode(library, stream, StoredColor.Rgb);
            }
            catch (SlideFormatException)
            {
            }
        }
    }

    [Theory]
    [InlineData(8, 0x7F, "at most")]
    [InlineData(24, 0, "is divided into 24000 tiles")]
    [InlineData(41, 77, "77 components")]
    [InlineData(42, 15, "16 bits")]
    [InlineData(43, 200, "200")]
    public void An_absurd_size_is_refused_from_the_header(int at, byte value, string said)
    {
        var stream = samples.OpenJpeg("j2k");
        stream[at] = value;
        // Tiles of 1 pixel, or a width of two billion.
        if (at == 24) (stream[27], stream[31]) = (1, 1);
        Assert.Contains(said, Assert.Throws<SlideFormatException>(() => Decode("openjpeg", stream, StoredColor.Rgb, tile: int.MaxValue)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Precincts_of_single_samples_are_refused_before_a_library_sees_them()
    {
        // The same header for 4096 × 4096, its precincts 2 × 2 at every level.
        var stream = samples.OpenJpeg("j2k", "-c", "[128,128]");
        foreach (var at in new[] { 8, 12, 24, 28 }) (stream[at + 2], stream[at + 3]) = (0x10, 0);
        var cod = stream.AsSpan().IndexOf<byte>([0xFF, 0x52]);
        for (var i = 0; i < 6; i++) stream[cod + 14 + i] = 0x11;
        Assert.Contains("precincts", Assert.Throws<SlideFormatException>(() => Decode("openjpeg", stream, StoredColor.Rgb, tile: 4096)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_tile_part_that_ends_inside_its_own_header_does_not_lead_back()
    {
        var stream = samples.OpenJpeg("j2k");
        var part = stream.AsSpan().IndexOf<byte>([0xFF, 0x90]);
        // Psot 1: shorter than the SOT marker that says so.
        new byte[] { 0, 0, 0, 1 }.CopyTo(stream, part + 6);
        Assert.Throws<SlideFormatException>(() => Decode("openjpeg", stream, StoredColor.Rgb));
    }

    static byte[] Decode(string library, byte[] stream, StoredColor color, int reduction = 1, int? tile = null)
    {
        if (library == "openjpeg" && !OpenJpeg.IsAvailable) Assert.Skip("OpenJPEG is not installed (Debian: libopenjp2-7).");
        var codec = new Jpeg2000Codec(library == "openjpeg" ? new OpenJpegDecoder() : new MagickJpeg2000Decoder());
        int width = Width / reduction, height = Height / reduction;
        var pixels = new byte[width * height * 3];
        codec.Decode(stream, new StoredTile(tile ?? Width, tile ?? Height, 3, color), reduction, new PixelTarget(pixels, width * 3, width, height, PixelFormat.Rgb24));
        return pixels;
    }

    static int Difference(byte[] expected, byte[] found) => expected.Zip(found, (a, b) => Math.Abs(a - b)).Max();
}
