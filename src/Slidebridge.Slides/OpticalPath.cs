namespace Slidebridge.Slides;

/// <summary>A light path with which a slide was scanned, such as bright field or one fluorescence channel. DICOM PS3.3 C.8.12.5.</summary>
/// <param name="Identifier">The value to set in <see cref="SlideOptions.OpticalPath"/>.</param>
/// <param name="Description">The scanner's description; null if it wrote none.</param>
public sealed record OpticalPath(string Identifier, string? Description);
