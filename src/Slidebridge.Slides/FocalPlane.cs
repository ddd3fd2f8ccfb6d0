namespace Slidebridge.Slides;

/// <summary>A depth at which a slide was scanned.</summary>
/// <param name="Index">What <see cref="SlideOptions.FocalPlane"/> takes.</param>
/// <param name="Offset">Micrometres from the slide's reference plane, upwards; null where the scanner did not say.</param>
public sealed record FocalPlane(int Index, double? Offset);
