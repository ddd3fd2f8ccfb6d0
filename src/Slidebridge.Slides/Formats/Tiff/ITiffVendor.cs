namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>How one vendor arranges levels, associated images and metadata in a TIFF.</summary>
interface ITiffVendor
{
    /// <summary>True where the pages are this vendor's.</summary>
    bool Knows(IReadOnlyList<TiffPage> pages);

    /// <summary>Arranges the pages.</summary>
    ValueTask<SlideContent> ArrangeAsync(TiffSlide slide, CancellationToken cancellationToken);
}

/// <summary>What a vendor arranges.</summary>
/// <param name="Pages">At least one, in the file's order.</param>
/// <param name="Properties">Already with the <c>tiff.*</c> ones; may be added to.</param>
/// <param name="Options">How the slide is to be read.</param>
/// <param name="Warnings">Takes what is mended, skipped or doubted.</param>
sealed record TiffSlide(IReadOnlyList<TiffPage> Pages, Dictionary<string, string> Properties, SlideOptions Options, SlideWarnings Warnings);
