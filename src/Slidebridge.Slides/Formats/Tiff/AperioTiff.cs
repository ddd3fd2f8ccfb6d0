using System.Globalization;

namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>
/// Aperio SVS:
/// 1. a page's own description (<see cref="PageWord"/>), or its NewSubfileType, states that it is the label, the macro or the thumbnail, tiled or not;
/// 2. the other tiled pages are the levels: one pyramid for each focal plane (<c>OffsetZ</c>);
/// 3. another page in strips is the thumbnail only if it states that it was shrunk from the slide: a page without such a statement may be the label.
/// The metadata are the description's <c>|key = value</c> pairs.
/// </summary>
/// <remarks>Aperio, "Digital Slides and Third-Party Data Interchange", MAN-0069; OpenSlide's <c>openslide-vendor-aperio.c</c>.</remarks>
sealed class AperioTiff : ITiffVendor
{
    const long LabelSubfile = 1, MacroSubfile = 9;

    // Print resolutions (72 to 600 dpi) are 42 µm and more; an objective of 1.25× gives 8 µm.
    const double CoarsestScan = 20;

    public bool Knows(IReadOnlyList<TiffPage> pages) => pages[0] is { IsTiled: true } first && first.Description.StartsWith("Aperio", StringComparison.Ordinal);

    public async ValueTask<SlideContent> ArrangeAsync(TiffSlide slide, CancellationToken cancellationToken)
    {
        var (pages, first) = (slide.Pages, slide.Pages[0]);
        var description = new ScannerDescription(first.Description);
        foreach (var (key, value) in description.Pairs) slide.Properties.TryAdd("aperio." + key, value);

        var words = PageWord.Of(pages);
        var names = pages.Select((page, index) => index == 0 ? null : words[index] ?? NameOf(page, first)).ToList();
        var images = new Dictionary<string, TileSource>();
        for (var i = 1; i < pages.Count; i++)
        {
            if (names[i] is not { } name) continue;
            images.TryAdd(name, TiffTiles.Of(pages[i], -1, pages[i]));
            slide.Named.Add((name, pages[i]));
        }

        var unnamed = pages.Where((page, index) => page.IsTiled && names[index] is null).Select(page => page with { EmptyIsMissing = true }).ToList();
        // A page without a description and without a level's size may be a label that happens to have the slide's aspect ratio.
        var planes = Planes([.. unnamed.Where((page, index) => index == 0 || page.Description.Contains('|', StringComparison.Ordinal) || TiffPyramid.IsWholeFactor(first, page))]);
        slide.Scanned.AddRange(planes.SelectMany(plane => plane));
        var shown = Math.Min(slide.Options.FocalPlane, planes.Count - 1);
        var other = unnamed.Count - planes.Sum(plane => plane.Count);
        if (other > 0) slide.Warnings.Add(WarningCode.OtherPictures, $"{other} tiled picture(s) of the file are not levels of the slide; they are ignored.");
        if (planes.Count > 1) slide.Warnings.AddFocalPlanes(planes.Count, shown);
        var levels = planes[shown];
        return new SlideContent
        {
            Format = "aperio-svs",
            Levels = [.. levels.Select((page, index) => TiffTiles.Of(page, index, levels[0]))],
            AssociatedImages = images,
            Mpp = description.Mpp ?? await StoredMppAsync(first, slide.Warnings, cancellationToken),
            ObjectivePower = description.ObjectivePower,
            Properties = slide.Properties,
            FocalPlanes = planes.Count > 1 ? [.. planes.Select((plane, index) => new FocalPlane(index, new ScannerDescription(plane[0].Description).OffsetZ))] : [],
        };
    }

    /// <summary>The levels of each focal plane, in the file's order. All planes have the same sizes: a picture of another size is not a plane.</summary>
    static List<IReadOnlyList<TiffPage>> Planes(List<TiffPage> pages)
    {
        var planes = new List<IReadOnlyList<TiffPage>>();
        foreach (var depth in ByDepth(pages))
            foreach (var picture in TiffPyramid.Pictures(depth))
                if ((picture[0].Width, picture[0].Height) == (pages[0].Width, pages[0].Height))
                    planes.Add(TiffPyramid.Levels(picture[0], picture.Skip(1)));
        return planes;
    }

    // A page that does not state its depth has the depth of the previous page.
    static IEnumerable<IReadOnlyList<TiffPage>> ByDepth(List<TiffPage> pages)
    {
        var depths = new List<(double? Depth, TiffPage Page)>();
        foreach (var page in pages) depths.Add((new ScannerDescription(page.Description).OffsetZ ?? (depths.Count > 0 ? depths[^1].Depth : null), page));
        return depths.GroupBy(each => each.Depth, each => each.Page).Select(group => (IReadOnlyList<TiffPage>)[.. group]);
    }

    static async ValueTask<MicronsPerPixel?> StoredMppAsync(TiffPage first, SlideWarnings warnings, CancellationToken cancellationToken)
    {
        if (await TiffResolution.MppAsync(first.Directory, cancellationToken) is not { X: <= CoarsestScan, Y: <= CoarsestScan } mpp) return null;
        warnings.Add(WarningCode.ResolutionDoubtful, string.Create(CultureInfo.InvariantCulture, $"The scanner's description has no MPP; {mpp.X:0.####} µm/pixel was taken from XResolution."));
        return mpp;
    }

    /// <summary>Null for a level and for an unclear page: a page that may be the label is never used as the thumbnail.</summary>
    static string? NameOf(TiffPage page, TiffPage first)
    {
        if (page.SubfileType == MacroSubfile) return "macro";
        // Aperio writes "2220x2967 -> 574x768" into the description of a thumbnail.
        if (!page.IsTiled && page.Description.Contains("->", StringComparison.Ordinal)) return "thumbnail";
        return page.SubfileType == LabelSubfile && (!page.IsTiled || !TiffPyramid.HasAspectOf(first, page)) ? "label" : null;
    }
}
