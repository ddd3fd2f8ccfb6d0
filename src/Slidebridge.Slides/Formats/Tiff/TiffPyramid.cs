namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Sorts pages into pictures, each a pyramid of its own: a file may hold a slide at several depths, several scenes, or several specimens.
/// Two pages of one size are never levels of one picture; sizes that differ by two hundredths are one.
/// </summary>
static class TiffPyramid
{
    // NewSubfileType, TIFF 6.0 §8.
    const long ReducedResolution = 1, TransparencyMask = 4;

    // A level is half as large, or at least clearly smaller: what is nearly as large is another picture.
    const double MostOfLarger = 0.97, SameSize = 0.02;

    /// <summary>The picture and what is the same picture smaller, largest first. In strips only where the page says that it is a reduced one.</summary>
    public static IReadOnlyList<TiffPage> Levels(TiffPage full, IEnumerable<TiffPage> candidates)
    {
        var levels = new List<TiffPage> { full };
        foreach (var page in Pictures([full, .. candidates.Where(MayBeLevel)])[0].OrderByDescending(page => (long)page.Width * page.Height))
            if (page != full && IsSmaller(levels[^1], page) && IsLevel(full, page))
                levels.Add(page);
        return levels;
    }

    /// <summary>
    /// The pages of each picture, the first page's picture first, pages in the file's order:
    /// 1. where no two pages have one size, a page belongs to the last picture before it that it can be a level of;
    /// 2. where every size is there equally often, the first of each size belong together, the second of each, and so on;
    /// 3. otherwise a picture ends where the next page is not smaller.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<TiffPage>> Pictures(IReadOnlyList<TiffPage> pages)
    {
        var pictures = new List<List<TiffPage>>();
        var sizes = new List<List<TiffPage>>();
        foreach (var page in pages)
        {
            var size = sizes.Find(each => IsAsLarge(each[0], page));
            if (size is null) sizes.Add(size = []);
            size.Add(page);
            if (size.Count > pictures.Count) pictures.Add([]);
            pictures[size.Count - 1].Add(page);
        }
        if (pictures.Count == 1) return ByFirst(pages);
        if (sizes.TrueForAll(size => size.Count == pictures.Count)) return pictures;

        pictures = [];
        foreach (var page in pages)
        {
            if (pictures.Count == 0 || page.Width >= pictures[^1][^1].Width && page.Height >= pictures[^1][^1].Height) pictures.Add([]);
            pictures[^1].Add(page);
        }
        return pictures;
    }

    static List<List<TiffPage>> ByFirst(IReadOnlyList<TiffPage> pages)
    {
        var pictures = new List<List<TiffPage>>();
        foreach (var page in pages)
        {
            // A reduced page that is no level of anything, such as one that is padded to whole tiles, has no levels of its own.
            var fitting = pictures.FindAll(picture => (picture == pictures[0] || !IsReduced(picture[0])) && IsSmaller(picture[0], page) && IsLevel(picture[0], page));
            if ((fitting.FindLast(picture => IsWholeFactor(picture[0], page)) ?? fitting.LastOrDefault()) is { } picture) picture.Add(page);
            else pictures.Add([page]);
        }
        return pictures;
    }

    // A picture in strips is a level only where it says so.
    static bool MayBeLevel(TiffPage page) => (page.IsTiled || IsReduced(page)) && (page.SubfileType & TransparencyMask) == 0;

    static bool IsLevel(TiffPage full, TiffPage page) =>
        MayBeLevel(page) && (page.Samples == 1) == (full.Samples == 1) && HasAspectOf(full, page) && (IsReduced(page) || IsWholeFactor(full, page));

    static bool IsReduced(TiffPage page) => (page.SubfileType & ReducedResolution) != 0;

    static bool IsSmaller(TiffPage larger, TiffPage page) =>
        page.Width <= larger.Width && page.Height <= larger.Height && (page.Width < larger.Width * MostOfLarger || page.Height < larger.Height * MostOfLarger);

    static bool IsAsLarge(TiffPage one, TiffPage other) =>
        Math.Abs(one.Width - other.Width) <= one.Width * SameSize && Math.Abs(one.Height - other.Height) <= one.Height * SameSize;

    /// <summary>Writers round a halved side up or down, at every level again: two pixels, or a hundredth, is the same aspect.</summary>
    public static bool HasAspectOf(TiffPage full, TiffPage page)
    {
        // By the longer side, which rounding changes the least.
        var (across, down) = (full.Width / Factor(full, page), full.Height / Factor(full, page));
        return Math.Abs(page.Width - across) <= Math.Max(2, across * 0.01) && Math.Abs(page.Height - down) <= Math.Max(2, down * 0.01);
    }

    /// <summary>A page that does not say that it is a reduced one is a level where whole pixels make up each of its own: anything else is a picture that happens to have this shape.</summary>
    public static bool IsWholeFactor(TiffPage full, TiffPage page)
    {
        var whole = Math.Round(Factor(full, page));
        return whole >= 2 && Math.Abs(full.Width / whole - page.Width) <= Math.Max(2, page.Width * 0.01) && Math.Abs(full.Height / whole - page.Height) <= Math.Max(2, page.Height * 0.01);
    }

    static double Factor(TiffPage full, TiffPage page) => full.Width >= full.Height ? (double)full.Width / page.Width : (double)full.Height / page.Height;
}
