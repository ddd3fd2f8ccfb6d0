using System.Buffers.Binary;

namespace Slidebridge.Slides.Codecs;

/// <summary>The size that a WebP picture states, read before any memory is allocated for it. Google, "WebP Container Specification" and RFC 6386 §9.1.</summary>
readonly record struct WebPFrame(int Width, int Height)
{
    /// <exception cref="SlideFormatException">The bytes are not a still WebP picture.</exception>
    public static WebPFrame Find(ReadOnlySpan<byte> webp)
    {
        // RIFF, length, WEBP; then chunks, each with a name, a length and a body.
        if (webp.Length < 30 || !webp.StartsWith("RIFF"u8) || !webp[8..12].SequenceEqual("WEBP"u8))
            throw new SlideFormatException("the tile is not a WebP picture. It is damaged.");
        var name = webp[12..16];
        var body = webp[20..];
        if (name.SequenceEqual("VP8X"u8))
        {
            const int Animated = 2;
            if ((body[0] & Animated) != 0) throw new SlideFormatException("the WebP is an animation; expected one picture.");
            return new WebPFrame(1 + UInt24(body[4..]), 1 + UInt24(body[7..]));
        }
        // A lossy frame: 3 bytes of frame tag, the start code, 14 bits of width and of height.
        if (name.SequenceEqual("VP8 "u8) && body[3..6].SequenceEqual<byte>([0x9D, 0x01, 0x2A]))
            return new WebPFrame(BinaryPrimitives.ReadUInt16LittleEndian(body[6..]) & 0x3FFF, BinaryPrimitives.ReadUInt16LittleEndian(body[8..]) & 0x3FFF);
        // A lossless frame: the signature 2F, then 14 bits of width − 1 and of height − 1.
        if (name.SequenceEqual("VP8L"u8) && body[0] == 0x2F)
        {
            var bits = BinaryPrimitives.ReadUInt32LittleEndian(body[1..]);
            return new WebPFrame(1 + (int)(bits & 0x3FFF), 1 + (int)(bits >> 14 & 0x3FFF));
        }
        throw new SlideFormatException("the WebP has no picture. It is damaged.");
    }

    static int UInt24(ReadOnlySpan<byte> bytes) => bytes[0] | bytes[1] << 8 | bytes[2] << 16;
}
