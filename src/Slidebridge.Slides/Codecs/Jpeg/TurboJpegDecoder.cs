namespace Slidebridge.Slides.Codecs;

/// <summary>libturbojpeg: decodes directly into the destination, about twice as fast as SkiaSharp.</summary>
sealed class TurboJpegDecoder : IJpegDecoder
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
            // Some scanners write padding between markers. libjpeg skips it, and the picture is complete.
            if (!error.Contains("extraneous bytes before marker", StringComparison.Ordinal))
                throw new SlideFormatException($"the JPEG cannot be decoded: {error}. The slide is damaged.");
        }
        finally
        {
            if (isWhole) Handles.Return(handle);
            else handle.Dispose();
        }
    }
}
