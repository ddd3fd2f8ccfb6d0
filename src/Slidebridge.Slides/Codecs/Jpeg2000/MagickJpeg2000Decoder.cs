using ImageMagick;

namespace Slidebridge.Slides.Codecs;

/// <summary>Magick.NET, whose native library is part of the package and contains an OpenJPEG. Used if OpenJPEG is not installed.</summary>
sealed class MagickJpeg2000Decoder : IJpeg2000Decoder
{
    // One thread: tiles are already decoded in parallel. Jpeg2000Frame limits memory: Magick.NET's own limits belong to the host application, which may use Magick.NET too.
    static readonly Lazy<ulong> Threads = new(() => ResourceLimits.Thread = 1);

    public string Name => "magick";

    // jp2:reduce-factor reduces by twice the given number of halvings (15.1.0).
    public bool CanReduce => false;

    public unsafe void Decode(ReadOnlySpan<byte> stream, Jpeg2000Frame frame, int halvings, Span<byte> samples, int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(halvings, 0);
        try
        {
            _ = Threads.Value;
            using var image = new MagickImage();
            image.Read(stream, new MagickReadSettings { Format = MagickFormat.J2k });
            if (image.Width != frame.Width || image.Height != frame.Height || image.ChannelCount != frame.Components)
                throw new SlideFormatException("the JPEG 2000 decodes to a size that differs from its header's. The slide is damaged.");
            using var pixels = image.GetPixelsUnsafe();
            var all = pixels.GetAreaPointer(0, 0, image.Width, image.Height);
            if (all == 0) throw new InvalidOperationException("Magick.NET returned no pixels.");
            var rowBytes = frame.Width * frame.Components;
            for (var y = 0; y < height; y++)
                new ReadOnlySpan<byte>((byte*)all + (long)y * rowBytes, width * frame.Components).CopyTo(samples[(y * width * frame.Components)..]);
        }
        catch (Exception e) when (e is TypeInitializationException or DllNotFoundException or BadImageFormatException)
        {
            throw new SlideFormatException("the pixels are compressed as JPEG 2000, which needs the library OpenJPEG 2 on this kind of machine. Install it (Debian and Ubuntu: libopenjp2-7; Fedora: openjpeg2; macOS: brew install openjpeg) or export the slide with JPEG compression.", innerException: e);
        }
        catch (MagickException e)
        {
            throw new SlideFormatException("the JPEG 2000 cannot be decoded. The slide is damaged.", innerException: e);
        }
    }
}
