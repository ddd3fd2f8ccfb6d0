namespace Slidebridge.Slides.Formats;

/// <summary>
/// A container of whole-slide images. To add a format, implement this and add it to <see cref="Opening.SlideFormats.All"/>.
/// A presigned URL has no extension, so a format is recognised by its bytes, never by a name.
/// </summary>
interface ISlideFormat
{
    /// <summary>The format's name in error messages.</summary>
    string Name { get; }

    /// <summary>Opens the slide, or returns null immediately if the bytes are not of this format.</summary>
    /// <exception cref="SlideFormatException">The bytes are of this format, but damaged.</exception>
    ValueTask<SlideContent?> TryOpenAsync(SlideProbe probe, CancellationToken cancellationToken);
}
