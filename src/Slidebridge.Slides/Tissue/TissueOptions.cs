namespace Slidebridge.Slides;

/// <summary>Options for finding tissue.</summary>
public sealed record TissueOptions
{
    /// <summary>The longer edge of the analysed thumbnail, in pixels.</summary>
    public int MaxEdge { get; init; } = 1024;

    /// <summary>Islands below this share of the slide's area are removed as dust.</summary>
    public double MinIslandFraction { get; init; } = 0.0002;

    /// <summary>Holes below this share of the slide's area are filled.</summary>
    public double MinHoleFraction { get; init; } = 0.0002;

    /// <summary>The maximum distance of an outline from the mask's own edge, in mask pixels.</summary>
    public double SimplifyPixels { get; init; } = 1;

    /// <summary>Throws if a setting is out of range.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting is out of range; the message names it and its range.</exception>
    public void Validate()
    {
        if (MaxEdge is < 16 or > 8192) throw new ArgumentOutOfRangeException(nameof(MaxEdge), MaxEdge, "TissueOptions.MaxEdge must be 16 to 8192 pixels.");
        if (MinIslandFraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MinIslandFraction), MinIslandFraction, "TissueOptions.MinIslandFraction must be 0 to 1.");
        if (MinHoleFraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MinHoleFraction), MinHoleFraction, "TissueOptions.MinHoleFraction must be 0 to 1.");
        if (SimplifyPixels is not (>= 0 and <= 16)) throw new ArgumentOutOfRangeException(nameof(SimplifyPixels), SimplifyPixels, "TissueOptions.SimplifyPixels must be 0 to 16.");
    }
}
