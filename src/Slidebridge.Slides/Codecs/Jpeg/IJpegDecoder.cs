namespace Slidebridge.Slides.Codecs;

/// <summary>A JPEG library.</summary>
interface IJpegDecoder
{
    /// <summary><c>turbo</c> or <c>skia</c>.</summary>
    string Name { get; }

    /// <summary>Decodes a whole picture.</summary>
    /// <param name="jpeg">A complete stream whose frame size the caller has checked.</param>
    /// <param name="width">The frame's width, or a half, a quarter or an eighth of it, rounded up.</param>
    /// <param name="height">The frame's height at the same reduction.</param>
    /// <param name="target">At least (height − 1) × stride + width × bytes per pixel.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="format">The channel order.</param>
    /// <exception cref="SlideFormatException">The stream is damaged or truncated.</exception>
    void Decode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> target, int stride, PixelFormat format);
}

static class JpegDecoders
{
    /// <summary>libturbojpeg if it is installed, otherwise SkiaSharp; <c>SLIDEBRIDGE_JPEG=turbo</c> or <c>skia</c> forces one.</summary>
    public static IJpegDecoder Best { get; } = Environment.GetEnvironmentVariable("SLIDEBRIDGE_JPEG") switch
    {
        "skia" => new SkiaJpegDecoder(),
        "turbo" => TurboJpeg.IsAvailable
            ? new TurboJpegDecoder()
            : throw new DllNotFoundException("SLIDEBRIDGE_JPEG=turbo, but libturbojpeg is not installed (Debian: libturbojpeg0)."),
        _ => TurboJpeg.IsAvailable ? new TurboJpegDecoder() : new SkiaJpegDecoder(),
    };
}
