using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Formats;

/// <summary>
/// A container of whole-slide images. A further format (DICOM, a zip, a native fallback) is one more of these in <see cref="SlideFormats.All"/>.
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

/// <summary>What a format looks at to tell whether a slide is its own.</summary>
/// <param name="Source">The slide's bytes; still owned by the caller unless the format returns content.</param>
/// <param name="Head">The first bytes, at most <see cref="HeadBytes"/>; fewer where the slide is smaller.</param>
/// <param name="Options">How the slide is to be read.</param>
sealed record SlideProbe(ByteSource Source, ReadOnlyMemory<byte> Head, SlideOptions Options)
{
    // A DICOM file's magic ends at byte 132; a TIFF's at 4, a zip's at 4.
    public const int HeadBytes = 256;

    public static async ValueTask<SlideProbe> TakeAsync(ByteSource source, SlideOptions options, CancellationToken cancellationToken)
    {
        var head = new byte[(int)Math.Min(HeadBytes, source.Length)];
        await source.ReadAsync(0, head, cancellationToken);
        return new SlideProbe(source, head, options);
    }
}

static class SlideFormats
{
    /// <summary>Asked in this order; the first that knows the bytes opens the slide.</summary>
    public static IReadOnlyList<ISlideFormat> All { get; } = [new TiffFormat()];
}
