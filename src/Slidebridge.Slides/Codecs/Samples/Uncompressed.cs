namespace Slidebridge.Slides.Codecs;

/// <summary>Uncompressed samples.</summary>
sealed class Uncompressed : ISampleExpander
{
    public int MostExpansion => 1;

    public int Expand(ReadOnlySpan<byte> encoded, Span<byte> samples)
    {
        var count = Math.Min(encoded.Length, samples.Length);
        encoded[..count].CopyTo(samples);
        return count;
    }
}
