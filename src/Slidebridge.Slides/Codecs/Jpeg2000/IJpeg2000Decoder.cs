using System.Runtime.InteropServices;

namespace Slidebridge.Slides.Codecs;

/// <summary>A JPEG 2000 library.</summary>
interface IJpeg2000Decoder
{
    /// <summary><c>openjpeg</c> or <c>magick</c>.</summary>
    string Name { get; }

    /// <summary>True where it can leave out resolution levels.</summary>
    bool CanReduce { get; }

    /// <summary>Decodes the top left of a picture, with the stream's own colour transform undone and no other one done.</summary>
    /// <param name="stream">A bare code stream whose header the caller has checked.</param>
    /// <param name="frame">Its size.</param>
    /// <param name="halvings">How often width and height are halved, rounded up.</param>
    /// <param name="samples">Takes frame.Components bytes for each pixel, rows of <paramref name="width"/> without padding; subsampled components are repeated.</param>
    /// <param name="width">Pixels wanted, at most the frame's after halving.</param>
    /// <param name="height">Rows wanted.</param>
    /// <exception cref="SlideFormatException">The stream is damaged or cut short.</exception>
    void Decode(ReadOnlySpan<byte> stream, Jpeg2000Frame frame, int halvings, Span<byte> samples, int width, int height);
}

static class Jpeg2000Decoders
{
    /// <summary>The machine's OpenJPEG where it has one, else Magick.NET's; <c>SLIDEBRIDGE_JPEG2000=openjpeg</c> or <c>magick</c> forces one.</summary>
    public static IJpeg2000Decoder Best { get; } = Environment.GetEnvironmentVariable("SLIDEBRIDGE_JPEG2000") switch
    {
        "magick" => new MagickJpeg2000Decoder(),
        "openjpeg" => OpenJpeg.IsAvailable
            ? new OpenJpegDecoder()
            : throw new DllNotFoundException("SLIDEBRIDGE_JPEG2000=openjpeg, but OpenJPEG 2 is not installed (Debian: libopenjp2-7)."),
        _ => OpenJpeg.IsAvailable ? new OpenJpegDecoder() : new MagickJpeg2000Decoder(),
    };

    /// <summary>
    /// For HTJ2K blocks. Not the machine's OpenJPEG unless it is forced: 2.5.0 as Debian builds it ends the process at a damaged block
    /// (an assertion, uclouvain/openjpeg issue 1500). Magick.NET's is built without; its package is for x64.
    /// </summary>
    public static IJpeg2000Decoder HighThroughput { get; } =
        Environment.GetEnvironmentVariable("SLIDEBRIDGE_JPEG2000") == "openjpeg" || RuntimeInformation.ProcessArchitecture != Architecture.X64
            ? Best
            : new MagickJpeg2000Decoder();
}
