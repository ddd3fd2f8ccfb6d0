using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.GeoJson;

/// <summary>A shape on a slide (RFC 7946 §3.1), in level-0 pixels. Only these seven types exist.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Point), "Point")]
[JsonDerivedType(typeof(MultiPoint), "MultiPoint")]
[JsonDerivedType(typeof(LineString), "LineString")]
[JsonDerivedType(typeof(MultiLineString), "MultiLineString")]
[JsonDerivedType(typeof(Polygon), "Polygon")]
[JsonDerivedType(typeof(MultiPolygon), "MultiPolygon")]
[JsonDerivedType(typeof(GeometryCollection), "GeometryCollection")]
public abstract record Geometry
{
    /// <summary>Every position of the shape. Not in the JSON, and not virtual: an override would not inherit its [JsonIgnore].</summary>
    [JsonIgnore]
    public IEnumerable<Position> Positions => this switch
    {
        Point point => [point.Coordinates],
        MultiPoint points => points.Coordinates,
        LineString line => line.Coordinates,
        MultiLineString lines => lines.Coordinates.SelectMany(line => line),
        Polygon polygon => polygon.Coordinates.SelectMany(ring => ring),
        MultiPolygon polygons => polygons.Coordinates.SelectMany(polygon => polygon).SelectMany(ring => ring),
        GeometryCollection collection => collection.Geometries.SelectMany(geometry => geometry.Positions),
        _ => throw new NotSupportedException($"GeoJSON has no {GetType().Name}."),
    };
}

/// <summary>One position.</summary>
public sealed record Point([property: JsonPropertyName("coordinates")] Position Coordinates) : Geometry;

/// <summary>Several positions.</summary>
public sealed record MultiPoint([property: JsonPropertyName("coordinates")] IReadOnlyList<Position> Coordinates) : Geometry;

/// <summary>A line of two or more positions.</summary>
public sealed record LineString([property: JsonPropertyName("coordinates")] IReadOnlyList<Position> Coordinates) : Geometry;

/// <summary>Several lines.</summary>
public sealed record MultiLineString([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<Position>> Coordinates) : Geometry;

/// <summary>Closed rings (four or more positions, the last the same as the first): the outline, then its holes.</summary>
public sealed record Polygon([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<Position>> Coordinates) : Geometry
{
    /// <summary>A rectangle parallel to the axes, with a closed ring, in level-0 pixels.</summary>
    public static Polygon Box(double x, double y, double width, double height)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(width);
        ArgumentOutOfRangeException.ThrowIfNegative(height);
        return new Polygon([[new(x, y), new(x + width, y), new(x + width, y + height), new(x, y + height), new(x, y)]]);
    }
}

/// <summary>Several polygons.</summary>
public sealed record MultiPolygon([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<IReadOnlyList<Position>>> Coordinates) : Geometry;

/// <summary>Several shapes. A heatmap is a collection of polygons whose feature has <c>contour_colors</c>.</summary>
public sealed record GeometryCollection([property: JsonPropertyName("geometries")] IReadOnlyList<Geometry> Geometries) : Geometry;
