using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Dicom;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Opening;

/// <summary>The supported formats.</summary>
static class SlideFormats
{
    /// <summary>Tried in this order; the first format that knows the bytes opens the slide.</summary>
    public static IReadOnlyList<ISlideFormat> All { get; } = [new TiffFormat(), new DicomFormat(), new OpenSlideFormat()];

    /// <summary>The list of expected formats in messages.</summary>
    public static string Expected => string.Join(" or ", All.Select(format => format.Name));
}
