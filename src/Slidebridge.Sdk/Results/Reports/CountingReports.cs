using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Counted objects in regions.</summary>
/// <param name="Objects">The objects' boxes.</param>
/// <param name="Regions">Where was counted.</param>
public sealed record RegionCountingReport(
    [property: JsonPropertyName("objects")] IReadOnlyList<ObjectBox> Objects,
    [property: JsonPropertyName("regions")] IReadOnlyList<Feature> Regions) : Report;

/// <summary>Counted mitoses in regions.</summary>
/// <param name="Objects">The mitoses' boxes.</param>
/// <param name="Regions">Where was counted.</param>
public sealed record AiMitosisCountingReport(
    [property: JsonPropertyName("objects")] IReadOnlyList<ObjectBox> Objects,
    [property: JsonPropertyName("regions")] IReadOnlyList<Feature> Regions) : Report;

/// <param name="X">The left edge, level-0 pixels.</param>
/// <param name="Y">The top edge, level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
public sealed record ObjectBox(
    [property: JsonPropertyName("x")] double X,
    [property: JsonPropertyName("y")] double Y,
    [property: JsonPropertyName("width")] double Width,
    [property: JsonPropertyName("height")] double Height);
