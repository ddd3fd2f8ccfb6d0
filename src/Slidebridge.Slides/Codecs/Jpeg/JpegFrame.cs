using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>The size that a JPEG states, read before any memory is allocated for it. ITU-T T.81 B.2.2.</summary>
/// <param name="Width">Pixels.</param>
/// <param name="Height">Rows.</param>
/// <param name="Components">1 grey, 3 colour, 4 CMYK.</param>
/// <param name="IsProgressive">True for several scans, each of which covers the whole picture.</param>
readonly record struct JpegFrame(int Width, int Height, int Components, bool IsProgressive)
{
    // Each scan covers the whole picture again, and a few bytes are enough for one. Encoders write ten.
    const int MostScans = 100;

    /// <summary>Finds the frame header (SOF).</summary>
    /// <exception cref="SlideFormatException">The JPEG has no frame header, an impossible size, or too many scans.</exception>
    public static JpegFrame Find(ReadOnlySpan<byte> jpeg)
    {
        foreach (var segment in new JpegSegments(jpeg))
        {
            if (!segment.IsFrameHeader) continue;
            var body = segment.Bytes[4..];
            if (body.Length < 6) break;
            var frame = new JpegFrame(BinaryPrimitives.ReadUInt16BigEndian(body[3..]), BinaryPrimitives.ReadUInt16BigEndian(body[1..]), body[5], (segment.Marker & 3) == 2);
            if (frame.Width == 0 || frame.Height == 0) throw new SlideFormatException($"the JPEG states a size of {frame.Width}×{frame.Height}. It is damaged.");
            // SOF2, SOF6, SOF10, SOF14: progressive.
            if (frame.IsProgressive && Scans(jpeg) > MostScans) throw new SlideFormatException($"the JPEG has more than {MostScans} scans. It is malicious.");
            return frame;
        }
        throw new SlideFormatException("the tile is not a JPEG, or has no frame header. It is damaged.");
    }

    static ReadOnlySpan<byte> StartOfScan => [0xFF, 0xDA];

    static int Scans(ReadOnlySpan<byte> jpeg) => jpeg.Count(StartOfScan);
}
