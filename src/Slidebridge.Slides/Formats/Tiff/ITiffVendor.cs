namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>How one vendor arranges levels, associated images and metadata in a TIFF.</summary>
interface ITiffVendor
{
    /// <summary>True if the pages are this vendor's.</summary>
    bool Knows(IReadOnlyList<TiffPage> pages);

    /// <summary>Assigns the pages to levels and associated images.</summary>
    ValueTask<SlideContent> ArrangeAsync(TiffSlide slide, CancellationToken cancellationToken);
}

/// <summary>The input of <see cref="ITiffVendor"/>.</summary>
/// <param name="Pages">At least one, in the file's order.</param>
/// <param name="Properties">Already contains the <c>tiff.*</c> properties; may be extended.</param>
/// <param name="Options">The caller's options.</param>
/// <param name="Warnings">Receives warnings about what is repaired, skipped or doubtful.</param>
sealed record TiffSlide(IReadOnlyList<TiffPage> Pages, Dictionary<string, string> Properties, SlideOptions Options, SlideWarnings Warnings)
{
    /// <summary>The vendor adds each page of an associated image, with the image's name, also those that are not shown.</summary>
    public List<(string Name, TiffPage Page)> Named { get; } = [];

    /// <summary>The vendor adds each page that may be a part of the slide.</summary>
    public List<TiffPage> Scanned { get; } = [];
}
