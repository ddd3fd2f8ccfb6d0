using ZstdSharp;

namespace Slidebridge.Slides.Codecs;

/// <summary>Zstandard frames (RFC 8878), libtiff's compression 50000. Bytes beyond the wanted ones are never unpacked.</summary>
sealed class Zstd : ISampleExpander
{
    // A block that repeats one byte: four bytes become 128 KiB. RFC 8878 §3.1.1.2.
    public int MostExpansion => 32 * 1024;

    public unsafe int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        fixed (byte* bytes = encoded)
        {
            using var packed = new UnmanagedMemoryStream(bytes, encoded.Length);
            try
            {
                using var zstd = new DecompressionStream(packed, checkEndOfStream: false);
                return zstd.ReadAtLeast(samples, samples.Length, throwOnEndOfStream: false);
            }
            catch (Exception e) when (e is ZstdException or IOException)
            {
                throw new SlideFormatException("the tile is not a valid Zstandard stream. It is damaged.", innerException: e);
            }
        }
    }
}
