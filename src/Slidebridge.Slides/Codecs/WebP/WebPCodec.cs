using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>WebP tiles, libtiff's compression 50001, lossy and lossless, through SkiaSharp. An alpha channel is ignored.</summary>
sealed class WebPCodec : ITileCodec
{
    public int MaxReduction => 1;

    public void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        var frame = WebPFrame.Find(encoded);
        if (frame.Width > tile.Width || frame.Height > tile.Height || frame.Width < target.Width || frame.Height < target.Height)
            throw new SlideFormatException($"the WebP is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
        if (frame.Width == target.Width && frame.Height == target.Height)
        {
            SkiaPicture.Decode("WebP", encoded, frame.Width, frame.Height, target.Pixels.Span, target.Stride, target.Format);
            return;
        }
        var stride = frame.Width * target.Format.BytesPerPixel();
        var whole = ArrayPool<byte>.Shared.Rent(checked(stride * frame.Height));
        try
        {
            SkiaPicture.Decode("WebP", encoded, frame.Width, frame.Height, whole, stride, target.Format);
            target.CopyFrom(whole, stride, 0, 0);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(whole);
        }
    }
}
