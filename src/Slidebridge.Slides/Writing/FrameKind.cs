using Slidebridge.Slides.Codecs;

namespace Slidebridge.Slides.Writing;

/// <summary>The properties of JPEGs that a container must state.</summary>
/// <param name="IsRgb">True if their components are red, green and blue; false for luma and chroma.</param>
/// <param name="Horizontal">Pixels in a row that share a chroma sample.</param>
/// <param name="Vertical">Rows that share a chroma sample.</param>
readonly record struct FrameKind(bool IsRgb, int Horizontal, int Vertical)
{
    const byte Baseline = 0xC0;

    /// <summary>Null for a JPEG that not every container supports: not baseline, not 8 bits, or not three components with a stated colour model. ITU-T T.81 B.2.2.</summary>
    public static FrameKind? Of(ReadOnlySpan<byte> jpeg, int width, int height)
    {
        foreach (var segment in new JpegSegments(jpeg))
        {
            if (!segment.IsFrameHeader) continue;
            var body = segment.Bytes[4..];
            if (segment.Marker != Baseline || body.Length < 15 || body[0] != 8 || body[5] != 3) return null;
            if ((body[3] << 8 | body[4]) != width || (body[1] << 8 | body[2]) != height || body[10] != 0x11 || body[13] != 0x11) return null;
            return JpegColor.Of(jpeg) switch
            {
                StoredColor.Rgb when body[7] == 0x11 => new FrameKind(true, 1, 1),
                StoredColor.YCbCr => new FrameKind(false, body[7] >> 4, body[7] & 15),
                _ => null,
            };
        }
        return null;
    }
}
