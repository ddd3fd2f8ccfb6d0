namespace Slidebridge.Slides.Codecs;

/// <summary>
/// Checks that a stream contains every table that it needs. If one is missing, libjpeg uses the table of the stream before:
/// a damaged tile would be decoded with the tables of another slide.
/// </summary>
static class JpegTables
{
    /// <summary>True for a sequential picture of one scan whose tables all come before the scan. ITU-T T.81 B.2.2 to B.2.4.</summary>
    public static bool AreAllIn(ReadOnlySpan<byte> jpeg)
    {
        int quantizers = 0, dc = 0, ac = 0, wanted = 0, components = 0, end = 2;
        foreach (var segment in new JpegSegments(jpeg))
        {
            var body = segment.Bytes[4..];
            end = segment.End;
            switch (segment.Marker)
            {
                case JpegSegments.Dqt:
                    for (int size; body.Length > 0; body = body[size..])
                    {
                        size = (body[0] & 0xF0) == 0 ? 65 : 129;
                        if (body.Length < size) return false;
                        quantizers |= 1 << (body[0] & 0xF);
                    }
                    break;
                case JpegSegments.Dht:
                    for (int size; body.Length > 0; body = body[size..])
                    {
                        size = 17;
                        if (body.Length < size) return false;
                        foreach (var count in body[1..17]) size += count;
                        if (body.Length < size) return false;
                        if ((body[0] & 0xF0) == 0) dc |= 1 << (body[0] & 0xF);
                        else ac |= 1 << (body[0] & 0xF);
                    }
                    break;
                case JpegSegments.Sof0 or JpegSegments.Sof1:
                    components = body.Length > 5 ? body[5] : 0;
                    if (body.Length < 6 + 3 * components) return false;
                    for (var i = 0; i < components; i++) wanted |= 1 << (body[8 + 3 * i] & 0xF);
                    break;
                case >= 0xC2 and <= 0xCF:
                    // Several scans, each of which may have separate tables before it; or arithmetic coding.
                    return false;
            }
        }
        var scan = jpeg[Math.Min(end, jpeg.Length)..];
        while (scan.Length > 1 && scan[1] == 0xFF) scan = scan[1..];
        if (components == 0 || (wanted & ~quantizers) != 0 || scan.Length < 8 + 2 * components || scan[1] != JpegSegments.Sos || scan[4] != components) return false;
        for (var i = 0; i < components; i++)
        {
            var tables = scan[6 + 2 * i];
            if ((dc & 1 << (tables >> 4)) == 0 || (ac & 1 << (tables & 0xF)) == 0) return false;
        }
        return true;
    }
}
