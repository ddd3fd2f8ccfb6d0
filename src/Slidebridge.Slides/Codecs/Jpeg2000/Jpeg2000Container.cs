using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>Finds the code stream in a JP2 file. Some writers store a JP2 file where a bare code stream is required. ITU-T T.800 I.5.</summary>
static class Jpeg2000Container
{
    static ReadOnlySpan<byte> Signature => [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ', 0x0D, 0x0A, 0x87, 0x0A];

    /// <param name="encoded">A code stream or a JP2 file.</param>
    /// <param name="color">The colour that the JP2 file states; Unknown for a bare code stream.</param>
    public static ReadOnlySpan<byte> CodeStream(ReadOnlySpan<byte> encoded, out StoredColor color)
    {
        color = StoredColor.Unknown;
        if (!encoded.StartsWith(Signature)) return encoded;
        var rest = encoded;
        while (NextBox(ref rest, out var type, out var body))
        {
            if (type.SequenceEqual("jp2c"u8)) return body;
            if (type.SequenceEqual("jp2h"u8)) color = ReadHeader(body);
        }
        throw new SlideFormatException("the JP2 file has no code stream. It is damaged.");
    }

    static StoredColor ReadHeader(ReadOnlySpan<byte> header)
    {
        var color = StoredColor.Unknown;
        while (NextBox(ref header, out var type, out var body))
        {
            if (type.SequenceEqual("pclr"u8)) throw new SlideFormatException("the JP2 file's pixels are palette indices; expected grey or colour samples.");
            // Method 1, enumerated: 16 sRGB, 17 grey, 18 sYCC.
            if (type.SequenceEqual("colr"u8) && body.Length >= 7 && body[0] == 1)
                color = BinaryPrimitives.ReadUInt32BigEndian(body[3..]) switch { 16 => StoredColor.Rgb, 17 => StoredColor.Gray, 18 => StoredColor.YCbCr, _ => color };
        }
        return color;
    }

    static bool NextBox(scoped ref ReadOnlySpan<byte> rest, out ReadOnlySpan<byte> type, out ReadOnlySpan<byte> body)
    {
        type = body = default;
        if (rest.Length < 8) return false;
        long length = BinaryPrimitives.ReadUInt32BigEndian(rest);
        var head = 8;
        // 1: the length follows in 8 bytes. 0: to the end.
        if (length == 1 && rest.Length >= 16) (length, head) = ((long)Math.Min(BinaryPrimitives.ReadUInt64BigEndian(rest[8..]), long.MaxValue), 16);
        if (length == 0) length = rest.Length;
        if (length < head) return false;
        length = Math.Min(length, rest.Length);
        type = rest[4..8];
        body = rest[head..(int)length];
        rest = rest[(int)length..];
        return true;
    }
}
