using SkiaSharp;
using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides;

/// <summary>Decoded pixels: row-major, from the top left, 8 bits per channel, rows without padding.</summary>
public sealed class Raster
{
    // Maximum size that Decode allocates memory for: an overlay or a thumbnail, not a slide.
    const long MaxDecodedPixels = 256L * 1024 * 1024;

    /// <summary>Wraps <paramref name="pixels"/> without copying them.</summary>
    /// <param name="width">Pixels in a row, at least 1.</param>
    /// <param name="height">Rows, at least 1.</param>
    /// <param name="format">The channel order.</param>
    /// <param name="pixels">Exactly width × height × bytes per pixel.</param>
    /// <exception cref="ArgumentException">The array's length does not match the size.</exception>
    public Raster(int width, int height, PixelFormat format, byte[] pixels)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (pixels.LongLength != (long)width * height * format.BytesPerPixel())
            throw new ArgumentException($"{width}×{height} {format} needs {(long)width * height * format.BytesPerPixel()} bytes; the array has {pixels.LongLength}.", nameof(pixels));
        Width = width;
        Height = height;
        Format = format;
        Pixels = pixels;
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The channel order.</summary>
    public PixelFormat Format { get; }

    /// <summary>The pixels themselves, not a copy; shape [Height, Width, channels].</summary>
    public byte[] Pixels { get; }

    /// <summary>Encodes as PNG, lossless; Bgra32 keeps its alpha.</summary>
    public byte[] EncodePng()
    {
        using var bitmap = ToBitmap();
        using var pixmap = bitmap.PeekPixels();
        // Level 3 with the Sub and Up filters needs a third of the time of the defaults, for 2 % more bytes.
        using var data = pixmap.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Sub | SKPngEncoderFilterFlags.Up, 3));
        return data?.ToArray() ?? throw new InvalidOperationException($"SkiaSharp could not encode {Width}×{Height} as PNG.");
    }

    /// <summary>Encodes as baseline JPEG with 4:2:0 chroma. Alpha is dropped.</summary>
    /// <param name="quality">1 (smallest) to 100 (best).</param>
    public byte[] EncodeJpeg(int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        return JpegEncoders.Best.Encode(Pixels, Width, Height, Format, quality);
    }

    /// <summary>Encodes as WebP, lossy; Bgra32 keeps its alpha.</summary>
    /// <param name="quality">1 (smallest) to 100 (best).</param>
    /// <exception cref="InvalidOperationException">The picture has a side of more than 16383 pixels, which WebP does not support.</exception>
    public byte[] EncodeWebP(int quality = 85)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(quality, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quality, 100);
        using var bitmap = ToBitmap();
        using var pixmap = bitmap.PeekPixels();
        using var data = pixmap.Encode(new SKWebpEncoderOptions(SKWebpEncoderCompression.Lossy, quality));
        return data?.ToArray() ?? throw new InvalidOperationException($"SkiaSharp could not encode {Width}×{Height} as WebP.");
    }

    /// <summary>Decodes a PNG, JPEG, WebP, BMP or GIF. The result is <see cref="PixelFormat.Rgb24"/>, or Bgra32 if the picture has alpha.</summary>
    /// <exception cref="SlideFormatException">The bytes are not one of these formats, are damaged, or have more than 256 Mi pixels.</exception>
    public static Raster Decode(ReadOnlySpan<byte> encoded)
    {
        using var data = SKData.CreateCopy(encoded);
        using var codec = SKCodec.Create(data)
            ?? throw new SlideFormatException("The bytes are not a picture. Expected PNG, JPEG, WebP, BMP or GIF.");
        var (width, height) = (codec.Info.Width, codec.Info.Height);
        if ((long)width * height > MaxDecodedPixels)
            throw new SlideFormatException($"The picture has a stated size of {width}×{height}; at most {MaxDecodedPixels} pixels are decoded.");
        if (codec.EncodedFormat == SKEncodedImageFormat.Jpeg && JpegFrame.Find(encoded).Components is 1 or 3)
        {
            // Skia shows a JPEG whose data is damaged; the decoders of slides refuse it.
            var raster = new Raster(width, height, PixelFormat.Rgb24, new byte[width * height * 3]);
            JpegDecoders.Best.Decode(encoded, width, height, raster.Pixels, width * 3, PixelFormat.Rgb24);
            return raster;
        }

        using var bitmap = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Unpremul));
        var result = codec.GetPixels(bitmap.Info, bitmap.GetPixels());
        if (result != SKCodecResult.Success) throw new SlideFormatException($"The picture is damaged ({result}).");

        var bgra = bitmap.GetPixelSpan();
        if (codec.Info.AlphaType != SKAlphaType.Opaque) return new Raster(width, height, PixelFormat.Bgra32, bgra.ToArray());
        var rgb = new byte[width * height * 3];
        Channels.BgraToRgb(bgra, rgb);
        return new Raster(width, height, PixelFormat.Rgb24, rgb);
    }

    SKBitmap ToBitmap()
    {
        var alpha = Format == PixelFormat.Bgra32 ? SKAlphaType.Unpremul : SKAlphaType.Opaque;
        var bitmap = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, alpha));
        if (Format == PixelFormat.Bgra32) Pixels.CopyTo(bitmap.GetPixelSpan());
        else Channels.RgbToBgra(Pixels, bitmap.GetPixelSpan());
        return bitmap;
    }
}
