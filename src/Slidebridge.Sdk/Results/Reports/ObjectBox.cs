using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <param name="X">The left edge, level-0 pixels.</param>
/// <param name="Y">The top edge, level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
public sealed record ObjectBox(
    [property: JsonPropertyName("x")] double X,
    [property: JsonPropertyName("y")] double Y,
    [property: JsonPropertyName("width")] double Width,
    [property: JsonPropertyName("height")] double Height);
