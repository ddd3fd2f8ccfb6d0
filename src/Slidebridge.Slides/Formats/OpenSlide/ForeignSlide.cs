using Slidebridge.Slides.Formats.Tiff;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>A kind of slide that is read through OpenSlide, recognised by its bytes.</summary>
/// <param name="What">Its description in messages: <c>a Hamamatsu NDPI slide</c>.</param>
/// <param name="HasCompanions">True if other files must lie beside it.</param>
/// <param name="NeedsVersion4">True if OpenSlide 3.4 does not read it.</param>
sealed record ForeignSlide(string What, bool HasCompanions = false, bool NeedsVersion4 = false)
{
    /// <summary>Null if the bytes are of no known kind.</summary>
    /// <param name="slide">The object.</param>
    /// <param name="isExact">True to read no bytes that may be a label.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<ForeignSlide?> RecogniseAsync(SlideObject slide, bool isExact, CancellationToken cancellationToken)
    {
        if (TiffReader.TryOpen(slide) is { } reader)
            return await ForeignTiff.RecogniseAsync(reader with { IsExact = isExact }, cancellationToken) is { } maker ? new ForeignSlide($"a {maker} slide") : null;
        if (slide.StartsWith("ZISRAWFILE"u8)) return new ForeignSlide("a Zeiss CZI slide", NeedsVersion4: true);
        // Sakura's slide is a SQLite database; OpenSlide itself refuses other databases.
        if (slide.StartsWith("SQLite format 3\0"u8)) return new ForeignSlide("a database such as a Sakura SVSLIDE");
        var start = System.Text.Encoding.Latin1.GetString(slide.Head.Span).TrimStart('\u00EF', '\u00BB', '\u00BF', ' ', '\r', '\n');
        if (start.StartsWith("[Virtual Microscope Specimen]", StringComparison.Ordinal)) return new ForeignSlide("a Hamamatsu VMS slide", HasCompanions: true);
        if (start.StartsWith("[Uncompressed Virtual Microscope Specimen]", StringComparison.Ordinal)) return new ForeignSlide("a Hamamatsu VMU slide", HasCompanions: true);
        if (start.StartsWith("[GENERAL]", StringComparison.Ordinal) && start.Contains("SLIDE_", StringComparison.Ordinal))
            return new ForeignSlide("the Slidedat.ini of a MIRAX slide; open the .mrxs file beside its folder", HasCompanions: true);
        return null;
    }
}
