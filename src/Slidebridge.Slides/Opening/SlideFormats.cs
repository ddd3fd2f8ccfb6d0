using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Formats.Dicom;
using Slidebridge.Slides.Formats.OpenSlide;
using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Opening;

/// <summary>The formats that are read.</summary>
static class SlideFormats
{
    /// <summary>Asked in this order; the first that knows the bytes opens the slide.</summary>
    public static IReadOnlyList<ISlideFormat> All { get; } = [new TiffFormat(), new DicomFormat(), new OpenSlideFormat()];

    /// <summary>What a message says it expected.</summary>
    public static string Expected => string.Join(" or ", All.Select(format => format.Name));
}
