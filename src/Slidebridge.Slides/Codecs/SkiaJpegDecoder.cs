using System.Buffers;
using SkiaSharp;

namespace Slidebridge.Slides.Codecs;

/// <summary>SkiaSharp, whose native library comes with the package: where libturbojpeg is not installed.</summary>
sealed class SkiaJpegDecoder : IJpegDecoder
{
    public string Name => "skia";

    public unsafe void Decode(ReadOnlySpan<byte> jpeg, int width, int height, Span<byte> target, int stride, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, checked((height - 1) * stride + width * format.BytesPerPixel()));
        fixed (byte* from = jpeg, to = target)
        {
            using var data = SKData.Create((nint)from, jpeg.Length);
            using var codec = SKCodec.Create(data) ?? throw new SlideFormatException("the JPEG cannot be decoded: its header is damaged.");
            // No colour space: the numbers are wanted as stored, not fitted to a profile.
            var info = new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque, null);
            if (format == PixelFormat.Bgra32)
            {
                Check(codec.GetPixels(info, (nint)to, stride, SKCodecOptions.Default));
                return;
            }
            var bgra = ArrayPool<byte>.Shared.Rent(info.BytesSize);
            try
            {
                fixed (byte* pixels = bgra) Check(codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default));
                for (var y = 0; y < height; y++)
                    Channels.BgraToRgb(bgra.AsSpan(y * info.RowBytes, info.RowBytes), target[(y * stride)..]);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bgra);
            }
        }
    }

    static void Check(SKCodecResult result)
    {
        if (result != SKCodecResult.Success) throw new SlideFormatException($"the JPEG cannot be decoded ({result}). The slide is damaged.");
    }
}
