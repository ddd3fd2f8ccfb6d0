using System.Buffers;
using System.Numerics;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Codecs;

/// <summary>Decodes a JPEG 2000 by rows: OpenJPEG decodes only the blocks that an area needs, and keeps only those.</summary>
/// <param name="stream">The code stream.</param>
/// <param name="frame">Its size.</param>
/// <param name="color">What its samples mean.</param>
/// <param name="reduction">1, 2, 4 or 8; the stream has enough resolution levels for it.</param>
sealed class Jpeg2000Rows(ReadOnlyMemory<byte> stream, Jpeg2000Frame frame, StoredColor color, int reduction) : IRowDecoder
{
    public int Row { get; private set; }

    public void Skip(int rows) => Row += rows;

    public void Read(PixelTarget target)
    {
        var rowBytes = target.Width * frame.Components;
        var samples = ArrayPool<byte>.Shared.Rent(checked(rowBytes * target.Height));
        try
        {
            if (!OpenJpeg.Decode(stream.Span, BitOperations.Log2((uint)reduction), samples, frame.Components, target.Width, target.Height, Row * reduction))
                throw new SlideFormatException("the JPEG 2000 cannot be decoded. The slide is damaged.");
            for (var y = 0; y < target.Height; y++) SamplePixels.Convert(samples.AsSpan(y * rowBytes, rowBytes), frame.Components, color, target.Row(y), target.Format);
            Row += target.Height;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(samples);
        }
    }

    public void Dispose()
    {
    }
}
