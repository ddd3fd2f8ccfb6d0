namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>Finds the levels of a picture among pages that may be them.</summary>
static class TiffPyramid
{
    const long ReducedResolution = 1;

    /// <summary>The picture and what is the same picture smaller, largest first. In strips only where the page says that it is a reduced one.</summary>
    public static IReadOnlyList<TiffPage> Levels(TiffPage full, IEnumerable<TiffPage> candidates)
    {
        var levels = new List<TiffPage> { full };
        foreach (var page in candidates.OrderByDescending(page => page.Width))
            if ((page.IsTiled || (page.SubfileType & ReducedResolution) != 0) && page.Width < levels[^1].Width && IsSmaller(full, page))
                levels.Add(page);
        return levels;
    }

    // Writers round a halved side up or down, at every level again: two pixels, or a hundredth, is the same aspect.
    static bool IsSmaller(TiffPage full, TiffPage page)
    {
        var expected = (double)full.Height * page.Width / full.Width;
        return Math.Abs(page.Height - expected) <= Math.Max(2, expected * 0.01);
    }
}
