namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A pyramidal TIFF of no known vendor: the first page is level 0; pages under it (SubIFDs) and further pages that are the same picture smaller are its levels.</summary>
sealed class GenericTiff : ITiffVendor
{
    public bool Knows(IReadOnlyList<TiffPage> pages) => true;

    public async ValueTask<SlideContent> ArrangeAsync(TiffSlide slide, CancellationToken cancellationToken)
    {
        var (pages, first) = (slide.Pages, slide.Pages[0]);
        var levels = TiffPyramid.Levels(first, first.Children.Concat(pages.Skip(1)));
        var other = pages.Count(page => page.IsTiled && !levels.Contains(page));
        if (other > 0) slide.Warnings.Add(WarningCode.OtherPictures, $"{other} tiled picture(s) of the file are no levels of the first one; they are not shown.");
        var description = new ScannerDescription(first.Description);
        return new SlideContent
        {
            Format = "generic-tiff",
            Levels = [.. levels.Select((page, index) => TiffTiles.Of(page, index, first))],
            Mpp = description.Mpp ?? await TiffResolution.MppAsync(first.Directory, cancellationToken),
            ObjectivePower = description.ObjectivePower,
            Properties = slide.Properties,
        };
    }
}
