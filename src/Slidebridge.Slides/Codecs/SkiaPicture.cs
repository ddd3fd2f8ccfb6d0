using System.Buffers;
using SkiaSharp;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes a picture through SkiaSharp's codecs into the caller's memory.</summary>
static class SkiaPicture
{
    /// <param name="kind">The format's name in errors: JPEG, WebP.</param>
    /// <param name="encoded">The whole stream.</param>
    /// <param name="width">A width that the codec supports: the picture's own, or for JPEG a half, a quarter or an eighth of it.</param>
    /// <param name="height">The picture's height at the same reduction.</param>
    /// <param name="target">At least (height − 1) × stride + width × bytes per pixel.</param>
    /// <param name="stride">Bytes from one row to the next.</param>
    /// <param name="format">The channel order.</param>
    public static unsafe void Decode(string kind, ReadOnlySpan<byte> encoded, int width, int height, Span<byte> target, int stride, PixelFormat format)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(target.Length, checked((height - 1) * stride + width * format.BytesPerPixel()));
        fixed (byte* from = encoded, to = target)
        {
            using var data = SKData.Create((nint)from, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new SlideFormatException($"the {kind} cannot be decoded: its header is damaged.");
            // No colour space: the stored numbers are wanted, without a colour profile. Transparent pixels keep their colour.
            var alpha = codec.Info.AlphaType == SKAlphaType.Opaque ? SKAlphaType.Opaque : SKAlphaType.Unpremul;
            var info = new SKImageInfo(width, height, SKColorType.Bgra8888, alpha, null);
            if (format == PixelFormat.Bgra32 && alpha == SKAlphaType.Opaque)
            {
                Check(kind, codec.GetPixels(info, (nint)to, stride, SKCodecOptions.Default));
                return;
            }
            var bgra = ArrayPool<byte>.Shared.Rent(info.BytesSize);
            try
            {
                fixed (byte* pixels = bgra) Check(kind, codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default));
                for (var y = 0; y < height; y++)
                    Place(bgra.AsSpan(y * info.RowBytes, info.RowBytes), target[(y * stride)..], format);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(bgra);
            }
        }
    }

    static void Place(Span<byte> bgra, Span<byte> target, PixelFormat format)
    {
        if (format == PixelFormat.Rgb24)
        {
            Channels.BgraToRgb(bgra, target);
            return;
        }
        for (var i = 3; i < bgra.Length; i += 4) bgra[i] = 255;
        bgra.CopyTo(target);
    }

    static void Check(string kind, SKCodecResult result)
    {
        if (result != SKCodecResult.Success) throw new SlideFormatException($"the {kind} cannot be decoded ({result}). The slide is damaged.");
    }
}
