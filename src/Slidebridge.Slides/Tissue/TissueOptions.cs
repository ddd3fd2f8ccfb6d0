namespace Slidebridge.Slides;

/// <summary>How tissue is found.</summary>
public sealed record TissueOptions
{
    /// <summary>The longer edge of the picture that is analysed, in pixels.</summary>
    public int MaxEdge { get; init; } = 1024;

    /// <summary>Islands below this share of the slide's area are taken for dust.</summary>
    public double MinIslandFraction { get; init; } = 0.0002;

    /// <summary>Holes below this share of the slide's area are filled.</summary>
    public double MinHoleFraction { get; init; } = 0.0002;

    /// <summary>How far an outline may be from the mask's own edge, in mask pixels.</summary>
    public double SimplifyPixels { get; init; } = 1;

    /// <summary>Refuses settings that cannot work.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Names the setting and its range.</exception>
    public void Validate()
    {
        if (MaxEdge is < 16 or > 8192) throw new ArgumentOutOfRangeException(nameof(MaxEdge), MaxEdge, "TissueOptions.MaxEdge must be 16 to 8192 pixels.");
        if (MinIslandFraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MinIslandFraction), MinIslandFraction, "TissueOptions.MinIslandFraction must be 0 to 1.");
        if (MinHoleFraction is not (>= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(MinHoleFraction), MinHoleFraction, "TissueOptions.MinHoleFraction must be 0 to 1.");
        if (SimplifyPixels is not (>= 0 and <= 16)) throw new ArgumentOutOfRangeException(nameof(SimplifyPixels), SimplifyPixels, "TissueOptions.SimplifyPixels must be 0 to 16.");
    }
}
