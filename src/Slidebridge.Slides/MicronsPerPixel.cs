namespace Slidebridge.Slides;

/// <summary>The physical size of a level-0 pixel, in micrometres.</summary>
/// <param name="X">Micrometres per pixel along a row.</param>
/// <param name="Y">Micrometres per pixel down a column.</param>
public readonly record struct MicronsPerPixel(double X, double Y)
{
    // A light microscope resolves about 0.2 µm and a whole-slide overview about 100 µm;
    // a margin of a factor of ten on both sides distinguishes a scan from a printer's 72 dpi (353 µm).
    const double Smallest = 0.02, Largest = 300;

    /// <summary>The pair, or null if either number is impossible for a scanned slide.</summary>
    internal static MicronsPerPixel? IfPlausible(double x, double y) =>
        x is >= Smallest and <= Largest && y is >= Smallest and <= Largest ? new MicronsPerPixel(x, y) : null;
}
