using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>What a model found on a scan, whatever its kind; coordinates are level-0 pixels.</summary>
sealed record ScanFindings
{
    /// <summary>How the tiles lay.</summary>
    public required ModelGrid Grid { get; init; }

    /// <summary>The tissue, where it was looked for.</summary>
    public required TissueMask? Tissue { get; init; }

    /// <summary>By name, as <see cref="Description.Measures"/>; those that need a resolution are missing without one.</summary>
    public required IReadOnlyDictionary<string, double> Measures { get; init; }

    /// <summary>By label: a value for each tile.</summary>
    public required IReadOnlyDictionary<int, HeatMap> Heat { get; init; }

    /// <summary>By label: the outlines of what was found; empty for a detector.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyList<MaskRegion>> Regions { get; init; }

    /// <summary>What was found at a place and reached its label's threshold.</summary>
    public required IReadOnlyList<FoundObject> Objects { get; init; }

    /// <summary>Every place with a score; for a detector the same.</summary>
    public required IReadOnlyList<FoundObject> Scored { get; init; }
}

/// <summary>Something at a place: a box of level-0 pixels, its label's number, and its score.</summary>
readonly record struct FoundObject(int Label, float Score, float Left, float Top, float Width, float Height)
{
    public double X => Left + Width / 2;

    public double Y => Top + Height / 2;
}
