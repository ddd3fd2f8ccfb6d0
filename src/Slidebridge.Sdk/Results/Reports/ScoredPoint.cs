using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <param name="X">Level-0 pixels.</param>
/// <param name="Y">Level-0 pixels.</param>
/// <param name="Score">The object's score.</param>
/// <param name="Type">The object's type.</param>
public sealed record ScoredPoint(
    [property: JsonPropertyName("x")] double X,
    [property: JsonPropertyName("y")] double Y,
    [property: JsonPropertyName("score")] double Score,
    [property: JsonPropertyName("type")] string Type);
