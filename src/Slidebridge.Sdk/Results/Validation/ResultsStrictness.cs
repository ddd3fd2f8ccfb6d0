namespace Slidebridge.Sdk.Results.Validation;

/// <summary>Which rules apply to results.</summary>
public enum ResultsStrictness
{
    /// <summary>
    /// Also refuses what the platform accepts but handles badly: a shape whose box it would store as zero, a heatmap without a colour for each
    /// polygon, a link that is not a string, two results for one scan, a duplicate member. The bridge posts nothing that breaks these rules.
    /// </summary>
    Bridge,

    /// <summary>Refuses only what the platform refuses.</summary>
    Platform,
}
