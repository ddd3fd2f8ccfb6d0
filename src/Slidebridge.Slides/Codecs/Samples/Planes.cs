namespace Slidebridge.Slides.Codecs;

/// <summary>Samples that are stored one colour after the other.</summary>
static class Planes
{
    /// <summary>Puts the colours of each pixel of a row together.</summary>
    /// <param name="planes">From the row's first sample of the first plane on.</param>
    /// <param name="plane">Samples from a plane to the next.</param>
    /// <param name="row">Takes <paramref name="components"/> samples a pixel.</param>
    /// <param name="components">How many planes there are.</param>
    public static void Weave(ReadOnlySpan<byte> planes, int plane, Span<byte> row, int components)
    {
        for (var c = 0; c < components; c++)
            for (int from = c * plane, to = c; to < row.Length; from++, to += components) row[to] = planes[from];
    }
}
