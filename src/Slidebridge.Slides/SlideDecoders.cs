using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats.OpenSlide.Reader;

namespace Slidebridge.Slides;

/// <summary>A library of the machine that slides are decoded with, where it is there.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="IsFound">Whether this process has it.</param>
/// <param name="Without">What holds where it is missing.</param>
/// <param name="Package">The Debian package that has it.</param>
public sealed record SlideDecoder(string Name, bool IsFound, string Without, string Package);

/// <summary>What this machine decodes slides with.</summary>
public static class SlideDecoders
{
    /// <summary>Every library that is used where it is there.</summary>
    public static IReadOnlyList<SlideDecoder> All { get; } =
    [
        new("libturbojpeg", TurboJpeg.IsAvailable, "JPEG tiles are decoded at half the speed", "libturbojpeg0"),
        new("OpenJPEG", OpenJpeg.IsAvailable, "JPEG 2000 tiles are decoded by a slower library", "libopenjp2-7"),
        new("CharLS", CharLs.IsAvailable, "DICOM slides in JPEG-LS cannot be read", "libcharls2"),
        new("OpenSlide", OpenSlideLibrary.IsAvailable, "NDPI, MRXS, SCN, BIF and other vendors' formats cannot be read", "libopenslide0"),
    ];
}
