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

    /// <summary>Free values; a string <c>annotation_type</c> is needed wherever the feature is an annotation.</summary>
    [JsonPropertyName("properties")]
    public JsonObject? Properties { get; init; }

    /// <summary>
    /// The box that the platform stores: min x, min y, max x, max y in level-0 pixels. Without one it computes the box of a
    /// <see cref="Polygon"/> and stores a zero box for any other shape.
    /// </summary>
    [JsonPropertyName("bbox")]
    public IReadOnlyList<double>? Bbox { get; init; }

    /// <summary>A feature of a shape, with its box and its annotation type.</summary>
    public static Feature Of(Geometry geometry, string annotationType, JsonObject? properties = null)
    {
        properties = properties?.DeepClone().AsObject() ?? [];
        properties["annotation_type"] = annotationType;
        return new Feature { Geometry = geometry, Properties = properties, Bbox = BoxOf(geometry) };
    }

    static double[] BoxOf(Geometry geometry)
    {
        var (minX, minY, maxX, maxY) = (double.PositiveInfinity, double.PositiveInfinity, double.NegativeInfinity, double.NegativeInfinity);
        foreach (var (x, y) in geometry.Positions)
            (minX, minY, maxX, maxY) = (Math.Min(minX, x), Math.Min(minY, y), Math.Max(maxX, x), Math.Max(maxY, y));
        return minX <= maxX ? [minX, minY, maxX, maxY] : throw new ArgumentException("The shape has no position.", nameof(geometry));
    }
}

/// <summary>A scan's annotations.</summary>
public sealed record FeatureCollection
{
    /// <summary>Always <c>FeatureCollection</c>.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init; } = "FeatureCollection";

    /// <summary>The annotations.</summary>
    [JsonPropertyName("features")]
    public required IReadOnlyList<Feature> Features { get; init; }
}
