using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.GeoJson;

/// <summary>One annotation: a shape with its properties.</summary>
public sealed record Feature
{
    /// <summary>Always <c>Feature</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init; } = "Feature";

    /// <summary>The shape, in level-0 pixels.</summary>
    [JsonPropertyName("geometry")]
    public required Geometry Geometry { get; init; }

    /// <summary>Free values; the string <c>annotation_type</c> is required if the feature is an annotation.</summary>
    [JsonPropertyName("properties")]
    public JsonObject? Properties { get; init; }

    /// <summary>
    /// The box that the platform stores: min x, min y, max x, max y in level-0 pixels. Without one it computes the box of a
    /// <see cref="Polygon"/> and stores a zero box for any other shape.
    /// </summary>
    [JsonPropertyName("bbox")]
    public IReadOnlyList<double>? Bbox { get; init; }

    /// <summary>An annotation: a shape with its box and its type.</summary>
    /// <exception cref="ArgumentException">The shape has no position.</exception>
    public static Feature Of(Geometry geometry, string annotationType, JsonObject? properties = null)
    {
        properties = properties?.DeepClone().AsObject() ?? [];
        properties["annotation_type"] = annotationType;
        return new Feature { Geometry = geometry, Properties = properties, Bbox = BoxOf(geometry) };
    }

    static double[] BoxOf(Geometry geometry)
    {
        double[]? box = null;
        foreach (var (x, y) in geometry.Positions)
            box = box is null ? [x, y, x, y] : [Math.Min(box[0], x), Math.Min(box[1], y), Math.Max(box[2], x), Math.Max(box[3], y)];
        return box ?? throw new ArgumentException("The shape has no position.", nameof(geometry));
    }
}
