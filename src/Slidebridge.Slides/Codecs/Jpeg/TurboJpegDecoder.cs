using System.Globalization;
using System.Text.RegularExpressions;

namespace Slidebridge.Slides.Codecs;

/// <summary>libturbojpeg: decodes directly into the destination, about twice as fast as SkiaSharp.</summary>
sealed partial class TurboJpegDecoder : IJpegDecoder
{
    static readonly TurboJpegHandles Handles = new(TurboJpeg.InitDecompress);

    public string Name => "turbo";

    public void Decode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> target, int stride, PixelFormat format)
    {
        // The library does not check the buffer's size, so check it here.
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, checked((height - 1) * stride + width * format.BytesPerPixel()));
        // A used handle still has the tables of the previous stream.
        var isWhole = JpegTables.AreAllIn(jpeg);
        var handle = isWhole ? Handles.Rent() : Handles.Make();
        try
        {
            if (TurboJpeg.Decompress(handle.Value, jpeg, target, width, height, stride, format)) return;
            var error = TurboJpeg.Error(handle.Value);
            if (!IsPadding(error, jpeg))
                throw new SlideFormatException($"the JPEG cannot be decoded: {error}. The slide is damaged.");
        }
        finally
        {
            if (isWhole) Handles.Return(handle);
            else handle.Dispose();
        }
    }

    /// <summary>
    /// Some scanners write padding between markers. libjpeg skips it with a warning, and the picture is complete. But it gives the same warning for scan data that ends too early because it is damaged: what
    /// is left before a restart marker or the end is then no padding.
    /// </summary>
    static bool IsPadding(string error, ReadOnlySpan<byte> jpeg)
    {
        if (Extraneous().Match(error) is not { Success: true } found) return false;
        var marker = Convert.ToByte(found.Groups[2].Value, 16);
        if (marker is >= JpegSegments.Rst0 and < JpegSegments.Soi) return false;
        if (marker != JpegSegments.Eoi) return true;
        var end = jpeg.LastIndexOf<byte>([0xFF, JpegSegments.Eoi]);
        var count = int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture);
        return end >= count && jpeg.Slice(end - count, count).IndexOfAnyExcept((byte)0, (byte)0xFF) < 0;
    }

    [GeneratedRegex("(\\d{1,9}) extraneous bytes before marker 0x([0-9a-f]{2})")]
    private static partial Regex Extraneous();
}
