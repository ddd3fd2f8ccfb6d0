namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Groups pages into pictures, each a separate pyramid: a file may contain a slide at several depths, several scenes, or several specimens.
/// Two pages of one size are never levels of one picture; sizes that differ by less than 2 % count as one.
/// </summary>
static class TiffPyramid
{
    // NewSubfileType, TIFF 6.0 §8.
    const long ReducedResolution = 1, TransparencyMask = 4;

    // A level is half as large, or at least clearly smaller: a page of nearly the same size is another picture.
    const double MostOfLarger = 0.97, SameSize = 0.02;

    /// <summary>A picture and its smaller versions, largest first. A page in strips is included only if it states that it is a reduced one.</summary>
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
    /// 1. if no two pages have the same size, a page belongs to the last picture before it that it can be a level of;
    /// 2. if every size occurs equally often, the first pages of each size belong together, then the second ones, and so on;
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
            // A reduced page that is not a level of any picture, such as one padded to whole tiles, has no levels.
            var fitting = pictures.FindAll(picture => (picture == pictures[0] || !IsReduced(picture[0])) && IsSmaller(picture[0], page) && IsLevel(picture[0], page));
            if ((fitting.FindLast(picture => IsWholeFactor(picture[0], page)) ?? fitting.LastOrDefault()) is { } picture) picture.Add(page);
            else pictures.Add([page]);
        }
        return pictures;
    }

    // A picture in strips is a level only if it states so.
    static bool MayBeLevel(TiffPage page) => (page.IsTiled || IsReduced(page)) && (page.SubfileType & TransparencyMask) == 0;

    static bool IsLevel(TiffPage full, TiffPage page) =>
        MayBeLevel(page) && (page.Samples == 1) == (full.Samples == 1) && HasAspectOf(full, page) && (IsReduced(page) || IsWholeFactor(full, page));

    static bool IsReduced(TiffPage page) => (page.SubfileType & ReducedResolution) != 0;

    static bool IsSmaller(TiffPage larger, TiffPage page) =>
        page.Width <= larger.Width && page.Height <= larger.Height && (page.Width < larger.Width * MostOfLarger || page.Height < larger.Height * MostOfLarger);

    static bool IsAsLarge(TiffPage one, TiffPage other) =>
        Math.Abs(one.Width - other.Width) <= one.Width * SameSize && Math.Abs(one.Height - other.Height) <= one.Height * SameSize;

    /// <summary>Writers round a halved side up or down, at every level again: a difference of two pixels, or of 1 %, is the same aspect ratio.</summary>
    public static bool HasAspectOf(TiffPage full, TiffPage page)
    {
        // Compare by the longer side, which rounding changes the least.
        var (across, down) = (full.Width / Factor(full, page), full.Height / Factor(full, page));
        return Math.Abs(page.Width - across) <= Math.Max(2, across * 0.01) && Math.Abs(page.Height - down) <= Math.Max(2, down * 0.01);
    }

    /// <summary>A page that does not state that it is a reduced one is a level if each of its pixels covers a whole number of full pixels: otherwise it is another picture with the same aspect ratio by chance.</summary>
    public static bool IsWholeFactor(TiffPage full, TiffPage page)
    {
        var whole = Math.Round(Factor(full, page));
        return whole >= 2 && Math.Abs(full.Width / whole - page.Width) <= Math.Max(2, page.Width * 0.01) && Math.Abs(full.Height / whole - page.Height) <= Math.Max(2, page.Height * 0.01);
    }

    static double Factor(TiffPage full, TiffPage page) => full.Width >= full.Height ? (double)full.Width / page.Width : (double)full.Height / page.Height;
}
