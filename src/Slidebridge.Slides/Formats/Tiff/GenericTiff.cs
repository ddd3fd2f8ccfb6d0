namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A pyramidal TIFF of no known vendor: the first page is level 0; its levels are the pages under it (SubIFDs) and further pages that show the same picture in a smaller size.</summary>
sealed class GenericTiff : ITiffVendor
{
    const int SmallPart = 4;

    public bool Knows(IReadOnlyList<TiffPage> pages) => true;

    public async ValueTask<SlideContent> ArrangeAsync(TiffSlide slide, CancellationToken cancellationToken)
    {
        var (pages, first) = (slide.Pages, slide.Pages[0]);
        var images = new Dictionary<string, TileSource>();
        var unnamed = new List<TiffPage>();
        var names = PageWord.Of(pages);
        for (var i = 1; i < pages.Count; i++)
        {
            if (names[i] is not { } name)
            {
                unnamed.Add(pages[i]);
                continue;
            }
            images.TryAdd(name, TiffTiles.Of(pages[i], -1, pages[i]));
            slide.Named.Add((name, pages[i]));
        }
        var levels = TiffPyramid.Levels(first, first.Children.Concat(unnamed));
        slide.Scanned.AddRange(levels);
        // A small picture in strips is a label or a thumbnail, which most files have.
        var other = unnamed.Count(page => !levels.Contains(page) && (page.IsTiled || (long)page.Width * page.Height * SmallPart > (long)first.Width * first.Height));
        if (other > 0) slide.Warnings.Add(WarningCode.OtherPictures, $"{other} picture(s) of the file are not levels of the first one; they are ignored.");
        var description = new ScannerDescription(first.Description);
        return new SlideContent
        {
            Format = "generic-tiff",
            Levels = [.. levels.Select((page, index) => TiffTiles.Of(page, index, first))],
            AssociatedImages = images,
            Mpp = description.Mpp ?? await TiffResolution.MppAsync(first.Directory, cancellationToken),
            ObjectivePower = description.ObjectivePower,
            Properties = slide.Properties,
        };
    }
}
