using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>The size a JPEG says it has, read before any memory is taken for it. ITU-T T.81 B.2.2.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Components">1 grey, 3 colour, 4 CMYK.</param>
/// <param name="IsProgressive">Coded in several scans, of which each goes over the whole picture.</param>
readonly record struct JpegFrame(int Width, int Height, int Components, bool IsProgressive)
{
    // Each goes over the whole picture again, and a few bytes make one. Encoders write ten.
    const int MostScans = 100;

    /// <summary>Finds the frame header (SOF).</summary>
    /// <exception cref="SlideFormatException">There is none.</exception>
    public static JpegFrame Find(ReadOnlySpan<byte> jpeg)
    {
        foreach (var segment in new JpegSegments(jpeg))
        {
            if (!segment.IsFrameHeader) continue;
            var body = segment.Bytes[4..];
            if (body.Length < 6) break;
            var frame = new JpegFrame(BinaryPrimitives.ReadUInt16BigEndian(body[3..]), BinaryPrimitives.ReadUInt16BigEndian(body[1..]), body[5], (segment.Marker & 3) == 2);
            if (frame.Width == 0 || frame.Height == 0) throw new SlideFormatException($"the JPEG says it is {frame.Width}×{frame.Height}. It is damaged.");
            // SOF2, SOF6, SOF10, SOF14: progressive.
            if (frame.IsProgressive && Scans(jpeg) > MostScans) throw new SlideFormatException($"the JPEG has more than {MostScans} scans. It was made to do harm.");
            return frame;
        }
        throw new SlideFormatException("the tile is no JPEG, or one without a frame header. It is damaged.");
    }

    static ReadOnlySpan<byte> StartOfScan => [0xFF, 0xDA];

    static int Scans(ReadOnlySpan<byte> jpeg) => jpeg.Count(StartOfScan);
}
