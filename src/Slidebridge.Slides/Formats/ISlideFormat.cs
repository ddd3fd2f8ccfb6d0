using Slidebridge.Slides.Formats.Dicom;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// A container of whole-slide images. A further format is one more of these in <see cref="SlideFormats.All"/>.
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

static class SlideFormats
{
    /// <summary>Asked in this order; the first that knows the bytes opens the slide.</summary>
    public static IReadOnlyList<ISlideFormat> All { get; } = [new TiffFormat(), new DicomFormat(), new OpenSlideFormat()];

    /// <summary>What a message says it expected.</summary>
    public static string Expected => string.Join(" or ", All.Select(format => format.Name));

    /// <summary>True where one object of several could be a slide by itself.</summary>
    public static bool IsSlideAlone(SlideObject slide) => slide.StartsWith("II*\0"u8) || slide.StartsWith("II+\0"u8) || slide.StartsWith("MM\0*"u8) || slide.StartsWith("MM\0+"u8);
}
