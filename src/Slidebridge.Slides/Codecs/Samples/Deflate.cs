using System.IO.Compression;

namespace Slidebridge.Slides.Codecs;

/// <summary>zlib streams: TIFF compression 8 (Adobe) and 32946 (older). What expands beyond the wanted bytes is never unpacked.</summary>
sealed class Deflate : ISampleExpander
{
    // A match of 258 bytes takes two bits at least: 1032, as zlib's own documentation has it; the first byte and the header for free.
    public int MostExpansion => 1040;

    public unsafe int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        fixed (byte* bytes = encoded)
        {
            using var packed = new UnmanagedMemoryStream(bytes, encoded.Length);
            using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
            try
            {
                return zlib.ReadAtLeast(samples, samples.Length, throwOnEndOfStream: false);
            }
            catch (Exception e) when (e is InvalidDataException or IOException)
            {
                throw new SlideFormatException("the tile is no valid deflate stream. It is damaged.", innerException: e);
            }
        }
    }
}
