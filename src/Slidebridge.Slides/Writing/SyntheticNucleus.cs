namespace Slidebridge.Slides.Writing;

/// <summary>A nucleus of a generated slide: the ground truth of a detector's test.</summary>
/// <param name="X">Centre in level-0 pixels.</param>
/// <param name="Y">Centre in level-0 pixels.</param>
/// <param name="LongRadius">Half the longer axis in level-0 pixels.</param>
/// <param name="ShortRadius">Half the shorter axis in level-0 pixels.</param>
/// <param name="Angle">Direction of the longer axis in radians, from the x axis towards y (clockwise on screen).</param>
/// <param name="Kind">Which cell it belongs to.</param>
/// <param name="IsPositive">Brown, where the stain marks nuclei.</param>
public readonly record struct SyntheticNucleus(float X, float Y, float LongRadius, float ShortRadius, float Angle, NucleusKind Kind, bool IsPositive = false);

/// <summary>The cell a nucleus belongs to.</summary>
public enum NucleusKind
{
    /// <summary>A gland's lining: oval, upright on the gland's border.</summary>
    Epithelial,

    /// <summary>A fibroblast between the glands: a thin spindle along the fibres.</summary>
    Stromal,

    /// <summary>Small, round and dark, in crowds.</summary>
    Lymphocyte,
}
