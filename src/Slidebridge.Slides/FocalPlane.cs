namespace Slidebridge.Slides;

/// <summary>A depth at which a slide was scanned.</summary>
/// <param name="Index">The value to set in <see cref="SlideOptions.FocalPlane"/>.</param>
/// <param name="Offset">Micrometres from the slide's reference plane, upwards; null if the scanner did not write it.</param>
public sealed record FocalPlane(int Index, double? Offset);
