namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Sorts pages into pictures, each a pyramid of its own: a file may hold a slide at several depths, several scenes, or several specimens.
/// Two pages of one size are never levels of one picture.
/// </summary>
static class TiffPyramid
{
    const long ReducedResolution = 1;

    /// <summary>The picture and what is the same picture smaller, largest first. In strips only where the page says that it is a reduced one.</summary>
    public static IReadOnlyList<TiffPage> Levels(TiffPage full, IEnumerable<TiffPage> candidates)
    {
        var levels = new List<TiffPage> { full };
        foreach (var page in Pictures([full, .. candidates])[0].OrderByDescending(page => (long)page.Width * page.Height))
            if (page != full && page.Width <= levels[^1].Width && page.Height <= levels[^1].Height && (page.Width, page.Height) != (levels[^1].Width, levels[^1].Height) && IsLevel(full, page))
                levels.Add(page);
        return levels;
    }

    /// <summary>
    /// The pages of each picture, the first page's picture first, pages in the file's order:
    /// 1. where no two pages have one size, all are one picture's;
    /// 2. where every size is there equally often, the first of each size belong together, the second of each, and so on;
    /// 3. otherwise a picture ends where the next page is not smaller.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<TiffPage>> Pictures(IReadOnlyList<TiffPage> pages)
    {
        var pictures = new List<List<TiffPage>>();
        var seen = new Dictionary<(int, int), int>();
        foreach (var page in pages)
        {
            var times = seen[(page.Width, page.Height)] = seen.GetValueOrDefault((page.Width, page.Height)) + 1;
            if (times > pictures.Count) pictures.Add([]);
            pictures[times - 1].Add(page);
        }
        if (seen.Values.All(times => times == pictures.Count)) return pictures;

        pictures = [];
        foreach (var page in pages)
        {
            if (pictures.Count == 0 || page.Width >= pictures[^1][^1].Width && page.Height >= pictures[^1][^1].Height) pictures.Add([]);
            pictures[^1].Add(page);
        }
        return pictures;
    }

    static bool IsLevel(TiffPage full, TiffPage page)
    {
        var isReduced = (page.SubfileType & ReducedResolution) != 0;
        return (page.IsTiled || isReduced) && HasAspectOf(full, page) && (isReduced || IsWholeFactor(full, page));
    }

    /// <summary>Writers round a halved side up or down, at every level again: two pixels, or a hundredth, is the same aspect.</summary>
    public static bool HasAspectOf(TiffPage full, TiffPage page)
    {
        // By the longer side, which rounding changes the least.
        var (across, down) = (full.Width / Factor(full, page), full.Height / Factor(full, page));
        return Math.Abs(page.Width - across) <= Math.Max(2, across * 0.01) && Math.Abs(page.Height - down) <= Math.Max(2, down * 0.01);
    }

    // A page that does not say that it is a reduced one is a level where whole pixels make up each of its own: anything else is a picture that happens to have this shape.
    static bool IsWholeFactor(TiffPage full, TiffPage page)
    {
        var whole = Math.Round(Factor(full, page));
        return whole >= 2 && Math.Abs(full.Width / whole - page.Width) <= Math.Max(2, page.Width * 0.01) && Math.Abs(full.Height / whole - page.Height) <= Math.Max(2, page.Height * 0.01);
    }

    static double Factor(TiffPage full, TiffPage page) => full.Width >= full.Height ? (double)full.Width / page.Width : (double)full.Height / page.Height;
}
