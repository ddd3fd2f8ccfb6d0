using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Named values of the slide and of segments of it.</summary>
/// <param name="Results">Values of the whole slide.</param>
/// <param name="Segments">Values of parts of it.</param>
public sealed record BasicReport(
    [property: JsonPropertyName("results")] IReadOnlyList<NamedResult> Results,
    [property: JsonPropertyName("segments")] IReadOnlyList<Segment> Segments) : Report;

/// <param name="Name">What the value is, with its unit.</param>
/// <param name="Result">A string, a number or a truth value.</param>
public sealed record NamedResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("result")] JsonNode Result);

/// <param name="Name">The segment's name.</param>
/// <param name="Result">A string, a number or a truth value.</param>
/// <param name="FeatureCollection">Where it is, in level-0 pixels.</param>
public sealed record Segment(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("result")] JsonNode Result,
    [property: JsonPropertyName("feature_collection")] FeatureCollection FeatureCollection);
