namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A pyramidal TIFF of no known vendor: the first page is level 0; pages under it (SubIFDs) and further pages that are the same picture smaller are its levels.</summary>
sealed class GenericTiff : ITiffVendor
{
    // ResolutionUnit, TIFF 6.0 §8: 2 is inch, 3 is centimetre; 1 gives a ratio only.
    const long Inch = 2, Centimetre = 3;

    public bool Knows(IReadOnlyList<TiffPage> pages) => true;

    public async ValueTask<SlideContent> ArrangeAsync(IReadOnlyList<TiffPage> pages, Dictionary<string, string> properties, CancellationToken cancellationToken)
    {
        var levels = TiffPyramid.Levels(pages[0], pages[0].Children.Concat(pages.Skip(1)));
        return new SlideContent
        {
            Format = "generic-tiff",
            Levels = [.. levels.Select((page, index) => TiffTiles.Of(page, index, pages[0]))],
            Mpp = await MppAsync(pages[0].Directory, cancellationToken),
            Properties = properties,
        };
    }

    static async ValueTask<MicronsPerPixel?> MppAsync(TiffDirectory directory, CancellationToken cancellationToken)
    {
        var micronsPerUnit = await directory.IntegerAsync(TiffTag.ResolutionUnit, cancellationToken) switch { Inch => 25400.0, Centimetre => 10000.0, _ => 0 };
        var x = await directory.RationalAsync(TiffTag.XResolution, cancellationToken);
        var y = await directory.RationalAsync(TiffTag.YResolution, cancellationToken);
        return micronsPerUnit > 0 && x > 0 && y > 0 ? MicronsPerPixel.IfPlausible(micronsPerUnit / x.Value, micronsPerUnit / y.Value) : null;
    }
}
