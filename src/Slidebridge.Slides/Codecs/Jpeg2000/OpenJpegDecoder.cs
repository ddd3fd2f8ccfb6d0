namespace Slidebridge.Slides.Codecs;

/// <summary>The installed OpenJPEG. OpenSlide decodes with the same library.</summary>
sealed class OpenJpegDecoder : IJpeg2000Decoder
{
    public string Name => "openjpeg";

    public bool CanReduce => true;

    public void Decode(ReadOnlySpan<byte> stream, Jpeg2000Frame frame, int halvings, Span<byte> samples, int width, int height)
    {
        if (!OpenJpeg.Decode(stream, halvings, samples, frame.Components, width, height))
            throw new SlideFormatException("the JPEG 2000 cannot be decoded. The slide is damaged.");
    }
}
