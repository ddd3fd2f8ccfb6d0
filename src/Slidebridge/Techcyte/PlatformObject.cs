using System.Text.Json.Serialization;

namespace Slidebridge.Techcyte;

/// <summary>An annotation's box as the platform stores it. An annotation with neither a box nor a polygon is stored with zeros.</summary>
/// <param name="Confidence">The model's confidence, or null.</param>
/// <param name="X">The left edge, level-0 pixels.</param>
/// <param name="Y">The top edge, level-0 pixels.</param>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
sealed record PlatformObject(
    [property: JsonPropertyName("confidence")] double? Confidence,
    [property: JsonPropertyName("x"), JsonRequired] double X,
    [property: JsonPropertyName("y"), JsonRequired] double Y,
    [property: JsonPropertyName("width"), JsonRequired] double Width,
    [property: JsonPropertyName("height"), JsonRequired] double Height);

/// <summary>GraphQL's answer: data, errors, or both.</summary>
sealed record ObjectsAnswer([property: JsonPropertyName("data")] ObjectsOfScan? Found, [property: JsonPropertyName("errors")] IReadOnlyList<QueryError>? Errors);

sealed record ObjectsOfScan([property: JsonPropertyName("objects")] IReadOnlyList<PlatformObject>? Objects);

sealed record QueryError([property: JsonPropertyName("message")] string? Message);

[JsonSerializable(typeof(ObjectsAnswer))]
sealed partial class PlatformObjectJsonContext : JsonSerializerContext;
