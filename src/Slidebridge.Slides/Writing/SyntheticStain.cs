namespace Slidebridge.Slides.Writing;

/// <summary>The stain of generated tissue.</summary>
public enum SyntheticStain
{
    /// <summary>Haematoxylin and eosin.</summary>
    HaematoxylinEosin,

    /// <summary>Ki-67 by immunohistochemistry: known nuclei are brown (DAB), the others blue, on pale tissue.</summary>
    Ki67,
}
