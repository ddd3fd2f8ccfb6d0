namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>How one vendor arranges levels, associated images and metadata in a TIFF.</summary>
interface ITiffVendor
{
    /// <summary>True where the pages are this vendor's.</summary>
    bool Knows(IReadOnlyList<TiffPage> pages);

    /// <summary>Arranges the pages; <paramref name="properties"/> already holds the <c>tiff.*</c> ones and may be added to.</summary>
    ValueTask<SlideContent> ArrangeAsync(IReadOnlyList<TiffPage> pages, Dictionary<string, string> properties, CancellationToken cancellationToken);
}
