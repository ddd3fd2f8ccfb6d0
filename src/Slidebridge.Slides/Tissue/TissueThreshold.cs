namespace Slidebridge.Slides.Tissue;

/// <summary>The saturation from which a pixel is tissue: Otsu's threshold, if the slide has both glass and tissue.</summary>
/// <remarks>N. Otsu, "A threshold selection method from gray-level histograms" (1979).</remarks>
static class TissueThreshold
{
    // Otsu always splits. On empty glass it would split noise; on a slide full of tissue it would separate pale from dark.
    // The limits: scanners' glass stays below 5 %, and pixels above 12 % are stained.
    const int Lowest = 13, Highest = 31;

    public static int Of(ReadOnlySpan<byte> saturation)
    {
        Span<long> histogram = stackalloc long[256];
        foreach (var value in saturation) histogram[value]++;
        return Math.Clamp(Otsu(histogram, saturation.Length), Lowest, Highest);
    }

    /// <summary>The first value of the upper class, for which the variance between the classes is greatest.</summary>
    static int Otsu(ReadOnlySpan<long> histogram, long count)
    {
        double total = 0;
        for (var i = 0; i < histogram.Length; i++) total += (double)i * histogram[i];

        var (best, threshold) = (-1.0, 0);
        double below = 0, sumBelow = 0;
        for (var i = 0; i < histogram.Length - 1; i++)
        {
            below += histogram[i];
            sumBelow += (double)i * histogram[i];
            var above = count - below;
            if (below == 0 || above == 0) continue;
            var apart = sumBelow / below - (total - sumBelow) / above;
            var variance = below * above * apart * apart;
            if (variance > best) (best, threshold) = (variance, i + 1);
        }
        return threshold;
    }
}
