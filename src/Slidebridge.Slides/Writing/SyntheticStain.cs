namespace Slidebridge.Slides.Writing;

/// <summary>What generated tissue is stained with.</summary>
public enum SyntheticStain
{
    /// <summary>Haematoxylin and eosin.</summary>
    HaematoxylinEosin,

    /// <summary>Ki-67 by immunohistochemistry: known nuclei are brown of DAB, the others blue, on pale tissue.</summary>
    Ki67,
}
