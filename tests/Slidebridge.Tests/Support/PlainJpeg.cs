using SkiaSharp;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Tests.Support;

/// <summary>JPEGs whose own word on their colours is chosen: none, JFIF's, Adobe's, or that of their chroma.</summary>
static class PlainJpeg
{
    /// <summary>YCbCr without a marker that says so.</summary>
    /// <param name="rgb">Rgb24.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Rows.</param>
    /// <param name="subsampled">Chroma of half the width and height.</param>
    public static byte[] Encode(byte[] rgb, int width, int height, bool subsampled)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        Channels.RgbToBgra(rgb, bitmap.GetPixelSpan());
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap!.Encode(new SKJpegEncoderOptions(95, subsampled ? SKJpegEncoderDownsample.Downsample420 : SKJpegEncoderDownsample.Downsample444, SKJpegEncoderAlphaOption.Ignore));
        var (head, scan) = Parts(data!.ToArray());
        return [0xFF, JpegSegments.Soi, .. head.SelectMany(segment => segment.Bytes), .. scan];
    }

    /// <summary>
    /// Samples as they are, each colour in a scan of its own (ITU-T T.81 A.2.2), without a marker that says what they mean. Aperio's tiles hold RGB so,
    /// in one scan; no encoder at hand leaves RGB alone, but each leaves grey alone.
    /// </summary>
    /// <param name="samples">Three bytes a pixel.</param>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Rows.</param>
    public static byte[] EncodeSamples(byte[] samples, int width, int height)
    {
        List<byte> jpeg = [0xFF, JpegSegments.Soi];
        for (var component = 0; component < 3; component++)
        {
            using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Gray8, SKAlphaType.Opaque));
            var pixels = bitmap.GetPixelSpan();
            for (var y = 0; y < height; y++)
                for (var x = 0; x < width; x++) pixels[y * bitmap.RowBytes + x] = samples[(y * width + x) * 3 + component];
            using var pixmap = bitmap.PeekPixels();
            using var data = pixmap!.Encode(new SKJpegEncoderOptions(95));
            var (head, scan) = Parts(data!.ToArray());
            var frame = head.Single(segment => segment.Marker == Sof0).Bytes;
            Assert.Equal(1, frame[9]);
            if (component == 0)
            {
                jpeg.AddRange(head.Where(segment => segment.Marker == Dqt).SelectMany(segment => segment.Bytes));
                jpeg.AddRange([0xFF, Sof0, 0, 17, .. frame[4..9], 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
            }
            jpeg.AddRange(head.Where(segment => segment.Marker == Dht).SelectMany(segment => segment.Bytes));
            // SOS: its length, one component, which one.
            scan[5] = (byte)(component + 1);
            jpeg.AddRange(scan[..^2]);
        }
        return [.. jpeg, 0xFF, JpegSegments.Eoi];
    }

    /// <summary>With the marker of JFIF 1.01 (ITU-T T.871).</summary>
    public static byte[] WithJfif(byte[] jpeg) => [.. jpeg[..2], 0xFF, JpegSegments.App0, 0, 16, .. "JFIF\0"u8, 1, 1, 0, 0, 1, 0, 1, 0, 0, .. jpeg[2..]];

    /// <summary>With Adobe's marker: 0 for RGB, 1 for YCbCr.</summary>
    public static byte[] WithAdobe(byte[] jpeg, byte transform) => [.. jpeg[..2], 0xFF, JpegSegments.App14, 0, 14, .. "Adobe"u8, 0, 100, 0, 0, 0, 0, transform, .. jpeg[2..]];

    const byte Sof0 = 0xC0, Dht = 0xC4, Dqt = 0xDB;

    /// <summary>The segments that decoding takes, and what follows them.</summary>
    static (List<(byte Marker, byte[] Bytes)> Head, byte[] Scan) Parts(byte[] jpeg)
    {
        var kept = new List<(byte, byte[])>();
        var end = 2;
        foreach (var segment in new JpegSegments(jpeg))
        {
            if (segment.Marker is not (JpegSegments.App0 or JpegSegments.App14)) kept.Add((segment.Marker, segment.Bytes.ToArray()));
            end = segment.End;
        }
        return (kept, jpeg[end..]);
    }
}
