using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.GeoJson;

/// <summary>A scan's annotations, or the features of a report's segment.</summary>
public sealed record FeatureCollection
{
    /// <summary>Always <c>FeatureCollection</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init; } = "FeatureCollection";

    /// <summary>The features; may be empty.</summary>
    [JsonPropertyName("features")]
    public required IReadOnlyList<Feature> Features { get; init; }
}
