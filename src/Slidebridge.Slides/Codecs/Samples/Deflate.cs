using System.IO.Compression;

namespace Slidebridge.Slides.Codecs;

/// <summary>zlib streams: TIFF compression 8 (Adobe) and 32946 (older). Bytes beyond the wanted ones are never unpacked.</summary>
sealed class Deflate : ISampleExpander
{
    // A match of 258 bytes takes at least two bits: a ratio of 1032, as in zlib's documentation. The first byte and the header are ignored.
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
                throw new SlideFormatException("the tile is not a valid deflate stream. It is damaged.", innerException: e);
            }
        }
    }
}
