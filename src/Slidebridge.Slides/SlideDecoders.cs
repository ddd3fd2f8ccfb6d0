using Slidebridge.Slides.Codecs;
using Slidebridge.Slides.Formats.OpenSlide.Reader;

namespace Slidebridge.Slides;

/// <summary>An optional native library for decoding slides.</summary>
/// <param name="Name">The library's name.</param>
/// <param name="IsFound">Whether this process can load it.</param>
/// <param name="Without">The consequence if it is missing.</param>
/// <param name="Package">The Debian package that contains it.</param>
public sealed record SlideDecoder(string Name, bool IsFound, string Without, string Package);

/// <summary>The native libraries that decode slides on this machine.</summary>
public static class SlideDecoders
{
    /// <summary>Every optional library.</summary>
    public static IReadOnlyList<SlideDecoder> All { get; } =
    [
        new("libturbojpeg", TurboJpeg.IsAvailable, "JPEG tiles are decoded at half the speed", "libturbojpeg0"),
        new("OpenJPEG", OpenJpeg.IsAvailable, "JPEG 2000 tiles are decoded by a slower library", "libopenjp2-7"),
        new("CharLS", CharLs.IsAvailable, "DICOM slides in JPEG-LS cannot be read", "libcharls2"),
        new("OpenSlide", OpenSlideLibrary.IsAvailable, "NDPI, MRXS, SCN, BIF and other vendors' formats cannot be read", "libopenslide0"),
    ];

    /// <summary>
    /// The libraries that decode slides in this process, and their versions: those that are part of it, and the native ones that were loaded so far. For a native one also its file's name and SHA-256,
    /// because not every library states its version.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Versions => DecoderVersions.Now();
}
