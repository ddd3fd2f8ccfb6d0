namespace Slidebridge.Slides.Formats.Tiff;

/// <summary>A TIFF's standard resolution fields. TIFF 6.0 §8.</summary>
static class TiffResolution
{
    // ResolutionUnit: 1 gives only a ratio. Absent means inch.
    const long Inch = 2, Centimetre = 3;

    /// <summary>Micrometres per pixel; null if the fields are absent, or impossible for a slide (a printer's 72 dpi).</summary>
    public static async ValueTask<MicronsPerPixel?> MppAsync(TiffDirectory directory, CancellationToken cancellationToken)
    {
        var micronsPerUnit = await directory.NumberAsync(TiffTag.ResolutionUnit, cancellationToken) switch { null or Inch => 25400.0, Centimetre => 10000.0, _ => 0 };
        var x = await directory.NumberAsync(TiffTag.XResolution, cancellationToken);
        var y = await directory.NumberAsync(TiffTag.YResolution, cancellationToken) ?? x;
        return micronsPerUnit > 0 && x > 0 && y > 0 ? MicronsPerPixel.IfPlausible(micronsPerUnit / x.Value, micronsPerUnit / y.Value) : null;
    }
}
