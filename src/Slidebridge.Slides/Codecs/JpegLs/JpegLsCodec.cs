using System.Buffers;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>JPEG-LS (ITU-T T.87), lossless and near-lossless, through the installed CharLS.</summary>
sealed class JpegLsCodec : ITileCodec
{
    static ReadOnlySpan<byte> EndOfImage => [0xFF, JpegSegments.Eoi];

    public int MaxReduction => 1;

    public unsafe void Decode(ReadOnlySpan<byte> encoded, StoredTile tile, int reduction, PixelTarget target)
    {
        if (!CharLs.IsAvailable)
            throw new SlideFormatException("the pixels are compressed as JPEG-LS, which needs the library CharLS 2. Install it (Debian and Ubuntu: libcharls2; Fedora: CharLS; macOS: brew install charls) or export the slide with JPEG compression.");
        // If a stream ends without a marker, CharLS 2.4 reads zeros for ten seconds. A second end marker at the end is harmless.
        var stream = ArrayPool<byte>.Shared.Rent(encoded.Length + EndOfImage.Length);
        var decoder = CharLs.Create();
        try
        {
            if (decoder == 0) throw new InvalidOperationException("CharLS could not create a decoder: out of memory.");
            encoded.CopyTo(stream);
            EndOfImage.CopyTo(stream.AsSpan(encoded.Length));
            fixed (byte* bytes = stream)
            {
                var frame = CharLs.Open(decoder, bytes, encoded.Length + EndOfImage.Length, out var planar);
                if (frame.Bits != 8 || frame.Components is not (1 or 3 or 4))
                    throw new SlideFormatException($"the JPEG-LS has {frame.Components} components of {frame.Bits} bits; expected 1, 3 or 4 components of 8 bits.");
                if (frame.Width > tile.Width || frame.Height > tile.Height || frame.Width < target.Width || frame.Height < target.Height)
                    throw new SlideFormatException($"the JPEG-LS is {frame.Width}×{frame.Height}; the tile is {tile.Width}×{tile.Height}. It is damaged.");
                Decode(decoder, frame, planar, tile.Color, target);
            }
        }
        finally
        {
            if (decoder != 0) CharLs.Destroy(decoder);
            ArrayPool<byte>.Shared.Return(stream);
        }
    }

    static void Decode(nint decoder, CharLsFrame frame, bool planar, StoredColor color, PixelTarget target)
    {
        int width = (int)frame.Width, plane = checked(width * (int)frame.Height), rowBytes = width * frame.Components;
        var samples = ArrayPool<byte>.Shared.Rent(checked(plane * frame.Components) + rowBytes);
        try
        {
            var pixels = samples.AsSpan(0, plane * frame.Components);
            CharLs.Decode(decoder, pixels);
            var together = samples.AsSpan(pixels.Length, rowBytes);
            for (var y = 0; y < target.Height; y++)
            {
                if (planar) Planes.Weave(pixels[(y * width)..], plane, together, frame.Components);
                SamplePixels.Convert(planar ? together : pixels.Slice(y * rowBytes, rowBytes), frame.Components, color, target.Row(y), target.Format);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }
}
