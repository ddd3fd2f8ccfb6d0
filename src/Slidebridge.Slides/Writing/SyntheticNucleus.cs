namespace Slidebridge.Slides.Writing;

/// <summary>A nucleus of a generated slide: ground truth for testing a detector.</summary>
/// <param name="X">Centre in level-0 pixels.</param>
/// <param name="Y">Centre in level-0 pixels.</param>
/// <param name="LongRadius">Half the longer axis in level-0 pixels.</param>
/// <param name="ShortRadius">Half the shorter axis in level-0 pixels.</param>
/// <param name="Angle">Direction of the longer axis in radians, from the x axis towards y (clockwise on screen).</param>
/// <param name="Kind">The kind of cell.</param>
/// <param name="IsPositive">True for brown, if the stain marks nuclei.</param>
public readonly record struct SyntheticNucleus(float X, float Y, float LongRadius, float ShortRadius, float Angle, NucleusKind Kind, bool IsPositive = false);

/// <summary>The kind of cell that a nucleus belongs to.</summary>
public enum NucleusKind
{
    /// <summary>A cell of a gland's lining: oval, perpendicular to the gland's border.</summary>
    Epithelial,

    /// <summary>A fibroblast between the glands: a thin spindle along the fibres.</summary>
    Stromal,

    /// <summary>A lymphocyte: small, round and dark, in groups.</summary>
    Lymphocyte,
}
