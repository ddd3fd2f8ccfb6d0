namespace Slidebridge.Slides.Codecs;

/// <summary>
/// What a JPEG states about the meaning of its three components, in the order of precedence that every libjpeg uses:
/// chroma with fewer samples than luma is YCbCr in any case; JFIF is YCbCr (ITU-T T.871 §6.1); Adobe's APP14 names the colour model
/// (Adobe Technical Note 5116 §18); components called R, G and B are RGB.
/// </summary>
static class JpegColor
{
    const int Components = 3;

    public static StoredColor Of(ReadOnlySpan<byte> jpeg)
    {
        bool isJfif = false, isRgb = false, isSubsampled = false;
        var adobe = -1;
        foreach (var segment in new JpegSegments(jpeg))
        {
            var body = segment.Bytes[4..];
            switch (segment.Marker)
            {
                case JpegSegments.App0:
                    isJfif |= body.StartsWith("JFIF\0"u8);
                    break;
                case JpegSegments.App14 when body.Length >= 12 && body.StartsWith("Adobe"u8):
                    adobe = body[11];
                    break;
                case var _ when segment.IsFrameHeader:
                    if (body.Length >= 6 && body[5] == 1) return StoredColor.Gray;
                    if (body.Length < 6 + 3 * Components || body[5] != Components) return StoredColor.Unknown;
                    isRgb = body[6] == 'R' && body[9] == 'G' && body[12] == 'B';
                    isSubsampled = body[10] != body[7] || body[13] != body[7];
                    break;
            }
        }
        if (isSubsampled || isJfif) return StoredColor.YCbCr;
        return adobe switch { 0 => StoredColor.Rgb, 1 => StoredColor.YCbCr, _ => isRgb ? StoredColor.Rgb : StoredColor.Unknown };
    }
}
