namespace Slidebridge.Slides.Codecs;

/// <summary>PackBits, TIFF 6.0 §9: a count byte n, then n + 1 literal bytes (0 to 127), or one byte that is repeated 1 − n times (−1 to −127).</summary>
sealed class PackBits : ISampleExpander
{
    // Two packed bytes become at most 128.
    public int MostExpansion => 64;

    public int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        int from = 0, to = 0;
        while (to < samples.Length && from + 1 < encoded.Length)
        {
            var count = (sbyte)encoded[from++];
            if (count >= 0)
            {
                var length = Math.Min(Math.Min(count + 1, encoded.Length - from), samples.Length - to);
                encoded.Slice(from, length).CopyTo(samples[to..]);
                from += count + 1;
                to += length;
            }
            else if (count != sbyte.MinValue)
            {
                var length = Math.Min(1 - count, samples.Length - to);
                samples.Slice(to, length).Fill(encoded[from++]);
                to += length;
            }
        }
        return to;
    }
}
