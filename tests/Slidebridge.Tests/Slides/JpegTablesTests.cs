using Slidebridge.Slides;
using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Pixels;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Slides;

/// <summary>A JPEG is decoded with its own tables and never with those of the one before.</summary>
public sealed class JpegTablesTests
{
    const int Side = 64;
    const byte Dqt = 0xDB, Dht = 0xC4;

    readonly byte[] jpeg = JpegEncoders.Best.Encode(new TiffPicture(Side, Side, null).Pixels, Side, Side, PixelFormat.Rgb24, 60);

    [Fact]
    public void A_whole_stream_has_all_its_tables()
    {
        Assert.True(JpegTables.AreAllIn(jpeg));
        Assert.False(JpegTables.AreAllIn(Without(Dqt)));
        Assert.False(JpegTables.AreAllIn(Without(Dht)));
        // Cut anywhere before its scan it has not.
        var scan = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, JpegSegments.Sos]);
        for (var length = 0; length < scan + 14; length++) Assert.False(JpegTables.AreAllIn(jpeg.AsSpan(0, length)), $"{length} bytes");
    }

    [Fact]
    public void A_tile_without_quantizers_is_refused_whatever_was_decoded_before()
    {
        for (var i = 0; i < 20; i++)
        {
            Decode(jpeg);
            Assert.Throws<SlideFormatException>(() => Decode(Without(Dqt)));
        }
    }

    [Fact]
    public void A_tile_without_codes_shows_the_same_whatever_was_decoded_before()
    {
        // libjpeg has the codes of the standard's annex K for them.
        var other = JpegEncoders.Best.Encode(PaintedSlide.Pixels(Side, Side, (x, y) => ((byte)(x * y), (byte)(x ^ y), (byte)(x * 37))), Side, Side, PixelFormat.Rgb24, 95);
        var first = Shown();
        for (var i = 0; i < 20; i++)
        {
            Decode(other);
            Assert.Equal(first, Shown());
        }

        byte[]? Shown()
        {
            try
            {
                return Decode(Without(Dht));
            }
            catch (SlideFormatException)
            {
                return null;
            }
        }
    }

    [Theory]
    [InlineData(0xD0)]
    [InlineData(0xD7)]
    [InlineData(0xD8)]
    [InlineData(0x01)]
    [InlineData(0x00)]
    public void A_marker_without_a_length_hides_no_segments(byte marker)
    {
        // What looks like its length would skip the true frame header; a decoder goes on right behind the marker.
        byte[] hidden = [0xFF, JpegSegments.Soi, 0xFF, marker, 0, 4, 0, 0, .. jpeg[2..]];
        Assert.Throws<SlideFormatException>(() => JpegFrame.Find(hidden));
        Assert.False(JpegTables.AreAllIn(hidden));
    }

    byte[] Without(byte marker)
    {
        List<byte> rest = [0xFF, JpegSegments.Soi];
        var end = 2;
        foreach (var segment in new JpegSegments(jpeg))
        {
            if (segment.Marker != marker) rest.AddRange(segment.Bytes);
            end = segment.End;
        }
        return [.. rest, .. jpeg[end..]];
    }

    static byte[] Decode(byte[] jpeg)
    {
        var pixels = new byte[Side * Side * 3];
        new JpegCodec().Decode(jpeg, new StoredTile(Side, Side, 3, StoredColor.YCbCr), 1, new PixelTarget(pixels, Side * 3, Side, Side, PixelFormat.Rgb24));
        return pixels;
    }

    [Theory]
    [InlineData(0xC2, 100, true)]
    [InlineData(0xC2, 101, false)]
    [InlineData(0xC0, 101, true)] // A baseline picture has one scan for each component, whatever its bytes look like.
    public void A_progressive_picture_of_many_scans_is_refused_before_it_is_decoded(byte frame, int scans, bool isTaken)
    {
        byte[] start = [0xFF, 0xD8, 0xFF, frame, 0, 11, 8, 0, 16, 0, 16, 1, 1, 0x11, 0];
        byte[] scan = [0xFF, 0xDA, 0, 8, 1, 1, 0, 0, 0, 0];
        byte[] jpeg = [.. start, .. Enumerable.Repeat(scan, scans).SelectMany(each => each), 0xFF, 0xD9];
        if (isTaken) Assert.Equal(16, JpegFrame.Find(jpeg).Width);
        else Assert.Contains("scans", Assert.Throws<SlideFormatException>(() => JpegFrame.Find(jpeg)).Message, StringComparison.Ordinal);
    }
}
