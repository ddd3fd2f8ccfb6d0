using System.Buffers.Binary;

namespace Slidebridge.Slides.Formats.Zip;

/// <summary>The numbers of a zip's records, all little-endian.</summary>
static class ZipBytes
{
    public static int UInt16(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    public static uint UInt32(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]);

    // A value of 2⁶³ or more becomes the largest long and fails every bounds check.
    public static long UInt63(ReadOnlySpan<byte> bytes, int at) => (long)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(bytes[at..]), long.MaxValue);

    public static SlideFormatException Damaged(string why, long offset) => new($"The zip is damaged or truncated: {why}. Copy it again.", offset);
}
