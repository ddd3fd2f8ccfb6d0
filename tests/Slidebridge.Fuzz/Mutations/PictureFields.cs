namespace Slidebridge.Fuzz.Mutations;

/// <summary>The markers and segments of JPEGs, JPEG-LS's and JPEG 2000 streams, wherever they lie; boxes of JP2 and WebP; Zstandard's headers.</summary>
static class PictureFields
{
    // Markers of T.81, T.87 and T.800 that a decoder acts on.
    static readonly long[] Markers = [0xC0, 0xC1, 0xC2, 0xC3, 0xC4, 0xC9, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, 0xF7, 0xF8, 0x4F, 0x50, 0x51, 0x52, 0x53, 0x55, 0x5C, 0x5D, 0x90, 0x93, 0xFE];

    // Of one object: a slide has thousands of tiles, all alike.
    const int MostPictures = 40, MostSegments = 40, Payload = 48;

    public static void AddTo(List<Field> fields, ReadOnlySpan<byte> bytes)
    {
        var pictures = 0;
        for (var at = 0; at + 16 < bytes.Length && pictures < MostPictures; at++)
        {
            var head = bytes[at..];
            if (head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]) || head.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51])) AddSegments(fields, bytes, at + 2);
            else if (head.StartsWith("RIFF"u8)) AddNumbers(fields, at + 4, 32, false);
            else if (head.StartsWith("jP  \r\n"u8)) AddNumbers(fields, at - 4, 80, true);
            else if (head.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD])) AddNumbers(fields, at + 4, 12, false);
            else continue;
            pictures++;
        }
    }

    static void AddSegments(List<Field> fields, ReadOnlySpan<byte> bytes, int at)
    {
        for (var i = 0; i < MostSegments && at + 4 < bytes.Length && bytes[at] == 0xFF; i++)
        {
            var marker = bytes[at + 1];
            fields.Add(new Field(at + 1, 1) { Choices = Markers });
            if (marker is 0xD9 or 0x93) return;
            fields.Add(new Field(at + 2, 2, true));
            var length = (int)new Field(at + 2, 2, true).Read(bytes);
            // SIZ has numbers of four bytes, the others of one and two.
            for (var j = 2; j < Math.Min(length, Payload) && at + 2 + j + 4 <= bytes.Length; j++)
            {
                fields.Add(new Field(at + 2 + j, 1));
                if (marker == 0x51 ? j % 4 == 0 : j < 8) fields.Add(new Field(at + 2 + j, marker == 0x51 ? 4 : 2, true));
            }
            if (marker == 0xDA) return;
            at += 2 + length;
        }
    }

    static void AddNumbers(List<Field> fields, int at, int count, bool bigEndian)
    {
        for (var i = 0; i < count; i += 4) fields.Add(new Field(Math.Max(0, at + i), 4, bigEndian));
    }
}
