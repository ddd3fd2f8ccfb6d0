using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.GeoJson;

/// <summary>A shape on a slide (RFC 7946 §3.1), in level-0 pixels.</summary>
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
    /// <summary>Every position of the shape.</summary>
    [JsonIgnore]
    public abstract IEnumerable<Position> Positions { get; }
}

/// <summary>One position.</summary>
public sealed record Point([property: JsonPropertyName("coordinates")] Position Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => [Coordinates];
}

/// <summary>Several positions.</summary>
public sealed record MultiPoint([property: JsonPropertyName("coordinates")] IReadOnlyList<Position> Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Coordinates;
}

/// <summary>A line of two or more positions.</summary>
public sealed record LineString([property: JsonPropertyName("coordinates")] IReadOnlyList<Position> Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Coordinates;
}

/// <summary>Several lines.</summary>
public sealed record MultiLineString([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<Position>> Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Coordinates.SelectMany(line => line);
}

/// <summary>Closed rings (four or more positions, the last the same as the first): the outline, then its holes.</summary>
public sealed record Polygon([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<Position>> Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Coordinates.SelectMany(ring => ring);
}

/// <summary>Several polygons.</summary>
public sealed record MultiPolygon([property: JsonPropertyName("coordinates")] IReadOnlyList<IReadOnlyList<IReadOnlyList<Position>>> Coordinates) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Coordinates.SelectMany(polygon => polygon).SelectMany(ring => ring);
}

/// <summary>Several shapes; a heatmap is one of polygons, whose feature has <c>contour_colors</c>.</summary>
public sealed record GeometryCollection([property: JsonPropertyName("geometries")] IReadOnlyList<Geometry> Geometries) : Geometry
{
    /// <inheritdoc/>
    public override IEnumerable<Position> Positions => Geometries.SelectMany(geometry => geometry.Positions);
}
