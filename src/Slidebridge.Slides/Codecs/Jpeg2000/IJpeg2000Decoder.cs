using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>A JPEG 2000 library.</summary>
interface IJpeg2000Decoder
{
    /// <summary><c>openjpeg</c> or <c>magick</c>.</summary>
    string Name { get; }

    /// <summary>True if the library can skip resolution levels.</summary>
    bool CanReduce { get; }

    /// <summary>Decodes the top left of a picture. The stream's own colour transform is undone; no other is applied.</summary>
    /// <param name="stream">A bare code stream whose header the caller has checked.</param>
    /// <param name="frame">Its size.</param>
    /// <param name="halvings">How many times width and height are halved, each time rounded up.</param>
    /// <param name="samples">Receives frame.Components bytes per pixel, in rows of <paramref name="width"/> without padding; subsampled components are repeated.</param>
    /// <param name="width">Pixels wanted, at most the frame's after halving.</param>
    /// <param name="height">Rows wanted.</param>
    /// <exception cref="SlideFormatException">The stream is damaged or truncated.</exception>
    void Decode(ReadOnlySpan<byte> stream, Jpeg2000Frame frame, int halvings, Span<byte> samples, int width, int height);
}

static class Jpeg2000Decoders
{
    /// <summary>The installed OpenJPEG if there is one, otherwise Magick.NET's; <c>SLIDEBRIDGE_JPEG2000=openjpeg</c> or <c>magick</c> forces one.</summary>
    public static IJpeg2000Decoder Best { get; } = Environment.GetEnvironmentVariable("SLIDEBRIDGE_JPEG2000") switch
    {
        "magick" => new MagickJpeg2000Decoder(),
        "openjpeg" => OpenJpeg.IsAvailable
            ? new OpenJpegDecoder()
            : throw new DllNotFoundException("SLIDEBRIDGE_JPEG2000=openjpeg, but OpenJPEG 2 is not installed (Debian: libopenjp2-7)."),
        _ => OpenJpeg.IsAvailable ? new OpenJpegDecoder() : new MagickJpeg2000Decoder(),
    };

    /// <summary>
    /// For HTJ2K blocks. The installed OpenJPEG is used only if it is forced: Debian's build of 2.5.0 aborts the process at a damaged block
    /// (an assertion, uclouvain/openjpeg issue 1500). Magick.NET's build has no assertions; its package is for x64.
    /// </summary>
    public static IJpeg2000Decoder HighThroughput { get; } =
        Environment.GetEnvironmentVariable("SLIDEBRIDGE_JPEG2000") == "openjpeg" || RuntimeInformation.ProcessArchitecture != Architecture.X64
            ? Best
            : new MagickJpeg2000Decoder();
}
