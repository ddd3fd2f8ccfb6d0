namespace Slidebridge.Slides.Codecs;

/// <summary>SkiaSharp, whose native library is part of the package. Used if libturbojpeg is not installed.</summary>
sealed class SkiaJpegDecoder : IJpegDecoder
{
    public string Name => "skia";

    public void Decode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> target, int stride, PixelFormat format) =>
        SkiaPicture.Decode("JPEG", jpeg, width, height, target, stride, format);
}
