using SkiaSharp;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Writes baseline JPEG as YCbCr with 4:2:0 chroma and its own tables.</summary>
interface IJpegEncoder
{
    byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int quality);
}

static class JpegEncoders
{
    /// <summary>Uses the same library as the decoder.</summary>
    public static IJpegEncoder Best { get; } = JpegDecoders.Best is TurboJpegDecoder ? new TurboJpegEncoder() : new SkiaJpegEncoder();
}

sealed class TurboJpegEncoder : IJpegEncoder
{
    static readonly TurboJpegHandles Handles = new(TurboJpeg.InitCompress);

    public byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int quality)
    {
        var handle = Handles.Rent();
        var buffer = PicturePool.Pixels.Rent(TurboJpeg.BufferSize(width, height));
        try
        {
            var length = TurboJpeg.Compress(handle.Value, pixels, width, height, format, quality, buffer);
            return length >= 0 ? buffer.AsSpan(0, length).ToArray() : throw new InvalidOperationException($"libturbojpeg could not encode {width}×{height}: {TurboJpeg.Error(handle.Value)}.");
        }
        finally
        {
            PicturePool.Pixels.Return(buffer);
            Handles.Return(handle);
        }
    }
}

sealed class SkiaJpegEncoder : IJpegEncoder
{
    public byte[] Encode(ReadOnlySpan<byte> pixels, int width, int height, PixelFormat format, int quality)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        if (format == PixelFormat.Bgra32) pixels.CopyTo(bitmap.GetPixelSpan());
        else Channels.RgbToBgra(pixels, bitmap.GetPixelSpan());
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore));
        return data?.ToArray() ?? throw new InvalidOperationException($"SkiaSharp could not encode {width}×{height} as JPEG.");
    }
}
