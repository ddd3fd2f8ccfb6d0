namespace Slidebridge.Sdk.Results.Validation;

/// <summary>How strictly results are looked at.</summary>
public enum ResultsStrictness
{
    /// <summary>
    /// Also what the platform takes but nobody wants: a shape whose box it would store as zero, a heatmap without a colour for each
    /// polygon, a link that is no string, two results for one scan, a member twice. The bridge posts nothing that breaks these.
    /// </summary>
    Bridge,

    /// <summary>What the platform refuses, and no more.</summary>
    Platform,
}
