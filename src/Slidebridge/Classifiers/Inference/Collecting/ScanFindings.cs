using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>A model's findings on a scan, for all kinds of models; coordinates are level-0 pixels.</summary>
sealed record ScanFindings
{
    /// <summary>The grid of the tiles.</summary>
    public required ModelGrid Grid { get; init; }

    /// <summary>The tissue, if it was searched for.</summary>
    public required TissueMask? Tissue { get; init; }

    /// <summary>By name, see <see cref="Description.Measures"/>; without a resolution, the measures that need one are missing.</summary>
    public required IReadOnlyDictionary<string, double> Measures { get; init; }

    /// <summary>By label, a value for each tile.</summary>
    public required IReadOnlyDictionary<int, HeatMap> Heat { get; init; }

    /// <summary>By label, the outlines of what was found; empty for a detector.</summary>
    public required IReadOnlyDictionary<int, IReadOnlyList<MaskRegion>> Regions { get; init; }

    /// <summary>Objects that reached their label's threshold.</summary>
    public required IReadOnlyList<FoundObject> Objects { get; init; }

    /// <summary>Every object or tile with a score; for a detector the same as <see cref="Objects"/>.</summary>
    public required IReadOnlyList<FoundObject> Scored { get; init; }
}

/// <summary>An object: a box in level-0 pixels, its label's number, and its score.</summary>
readonly record struct FoundObject(int Label, float Score, float Left, float Top, float Width, float Height)
{
    public double X => Left + Width / 2;

    public double Y => Top + Height / 2;
}
