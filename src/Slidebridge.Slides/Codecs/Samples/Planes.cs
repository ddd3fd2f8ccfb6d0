namespace Slidebridge.Slides.Codecs;

/// <summary>Planar samples: all samples of one colour, then all of the next.</summary>
static class Planes
{
    /// <summary>Interleaves the colours of each pixel of a row.</summary>
    /// <param name="planes">Starts at the row's first sample in the first plane.</param>
    /// <param name="plane">Samples from one plane to the next.</param>
    /// <param name="row">Receives <paramref name="components"/> samples per pixel.</param>
    /// <param name="components">The number of planes.</param>
    public static void Weave(ReadOnlySpan<byte> planes, int plane, Span<byte> row, int components)
    {
        for (var c = 0; c < components; c++)
            for (int from = c * plane, to = c; to < row.Length; from++, to += components) row[to] = planes[from];
    }
}
