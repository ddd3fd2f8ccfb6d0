using System.Buffers.Binary;
using System.Text;

namespace Slidebridge.Slides.Writing;

/// <summary>The smallest ICC profile of sRGB: three primaries under D50 and one curve. ICC.1:2001-04 (version 2.4), IEC 61966-2-1.</summary>
static class SrgbProfile
{
    const int HeaderBytes = 128, CurvePoints = 1024;

    // D50, and sRGB's primaries adapted to it (Bradford), in 1/65536.
    static readonly int[] White = [0xF6D6, 0x10000, 0xD32D], Red = [0x6FA2, 0x38F5, 0x0390], Green = [0x6299, 0xB785, 0x18DA], Blue = [0x24A0, 0x0F84, 0xB6CF];

    public static byte[] Create()
    {
        var curve = Curve();
        (string Tag, byte[] Bytes)[] tags =
        [
            ("desc", Description("sRGB")), ("cprt", [.. Type("text"), .. "No copyright\0"u8]), ("wtpt", Xyz(White)),
            ("rXYZ", Xyz(Red)), ("gXYZ", Xyz(Green)), ("bXYZ", Xyz(Blue)), ("rTRC", curve), ("gTRC", curve), ("bTRC", curve),
        ];
        var table = new MemoryStream();
        var bodies = new MemoryStream();
        var first = HeaderBytes + 4 + tags.Length * 12;
        var places = new Dictionary<byte[], int>(ReferenceEqualityComparer.Instance);
        table.Write(Number(tags.Length));
        foreach (var (tag, bytes) in tags)
        {
            // All three curves are the same.
            if (!places.TryGetValue(bytes, out var at))
            {
                places[bytes] = at = first + (int)bodies.Length;
                bodies.Write(bytes);
                while (bodies.Length % 4 != 0) bodies.WriteByte(0);
            }
            table.Write(Encoding.ASCII.GetBytes(tag));
            table.Write(Number(at));
            table.Write(Number(bytes.Length));
        }
        byte[] profile = [.. Header(first + (int)bodies.Length), .. table.ToArray(), .. bodies.ToArray()];
        return profile;
    }

    static byte[] Header(int size)
    {
        var header = new byte[HeaderBytes];
        Number(size).CopyTo(header, 0);
        Number(0x02400000).CopyTo(header, 8);
        "mntrRGB XYZ "u8.CopyTo(header.AsSpan(12));
        // 1 January 2000: a fixed date, so that equal input gives equal bytes.
        ReadOnlySpan<byte> date = [0x07, 0xD0, 0, 1, 0, 1];
        date.CopyTo(header.AsSpan(24));
        "acsp"u8.CopyTo(header.AsSpan(36));
        for (var i = 0; i < 3; i++) Number(White[i]).CopyTo(header, 68 + i * 4);
        return header;
    }

    static byte[] Curve()
    {
        byte[] curve = [.. Type("curv"), .. Number(CurvePoints), .. new byte[CurvePoints * 2]];
        for (var i = 0; i < CurvePoints; i++)
        {
            var stored = i / (CurvePoints - 1.0);
            var light = stored <= 0.04045 ? stored / 12.92 : Math.Pow((stored + 0.055) / 1.055, 2.4);
            BinaryPrimitives.WriteUInt16BigEndian(curve.AsSpan(12 + i * 2), (ushort)Math.Round(light * ushort.MaxValue));
        }
        return curve;
    }

    // Text in ASCII, with empty Unicode and Macintosh texts.
    static byte[] Description(string text) => [.. Type("desc"), .. Number(text.Length + 1), .. Encoding.ASCII.GetBytes(text), 0, .. new byte[78]];

    static byte[] Xyz(int[] values) => [.. Type("XYZ "), .. values.SelectMany(Number)];

    static byte[] Type(string name) => [.. Encoding.ASCII.GetBytes(name), 0, 0, 0, 0];

    static byte[] Number(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
