namespace Slidebridge.Slides;

/// <summary>A light path of which a slide holds pixels, such as bright field or one fluorescence channel. DICOM PS3.3 C.8.12.5.</summary>
/// <param name="Identifier">What <see cref="SlideOptions.OpticalPath"/> takes.</param>
/// <param name="Description">The scanner's words; null where it wrote none.</param>
public sealed record OpticalPath(string Identifier, string? Description);
