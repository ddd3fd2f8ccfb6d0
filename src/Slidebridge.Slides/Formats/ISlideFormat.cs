namespace Slidebridge.Slides.Formats;

/// <summary>
/// A container of whole-slide images. A further format is one more of these in <see cref="Opening.SlideFormats.All"/>.
/// A presigned URL has no extension, so a format is told from the bytes, never from a name.
/// </summary>
interface ISlideFormat
{
    /// <summary>What an error message calls it.</summary>
    string Name { get; }

    /// <summary>Opens the slide, or returns null at once where the bytes are not this format's.</summary>
    /// <exception cref="SlideFormatException">They are this format's, and damaged.</exception>
    ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken);
}
