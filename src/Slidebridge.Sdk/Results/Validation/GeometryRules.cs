using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The rules of shapes (RFC 7946 §3.1).</summary>
static class GeometryRules
{
    /// <summary>The fewest positions of a closed ring (RFC 7946 §3.1.6).</summary>
    const int FewestOfRing = 4;

    public static readonly string[] Polygon = ["Polygon"];

    /// <summary>The shapes that a collection may contain: no further collection.</summary>
    public static readonly string[] Single = ["Polygon", "MultiPolygon", "Point", "MultiPoint", "LineString", "MultiLineString"];

    public static readonly string[] Any = [.. Single, "GeometryCollection"];

    /// <summary>One geometry.</summary>
    /// <param name="geometry">The geometry.</param>
    /// <param name="types">The allowed types.</param>
    /// <param name="members">The allowed types of a collection's members.</param>
    /// <returns>Its type, if it is allowed; otherwise null.</returns>
    public static string? Check(Node geometry, string[] types, string[] members)
    {
        var expected = string.Join(" or ", types);
        if (!geometry.IsObject("a geometry") || geometry.Required("type", expected) is not { } type || type.Text(expected) is not { } name) return null;
        if (!types.Contains(name))
        {
            type.Refuse(expected);
            return null;
        }
        if (name == "GeometryCollection") Collection(geometry, members);
        else if (geometry.Required("coordinates", $"the coordinates of a {name}") is { } coordinates) Coordinates(coordinates, name);
        return name;
    }

    static void Collection(Node collection, string[] members)
    {
        foreach (var member in collection.Required("geometries", "a list of geometries")?.Elements("a list of geometries") ?? []) Check(member, members, []);
    }

    static void Coordinates(Node coordinates, string type)
    {
        switch (type)
        {
            case "Point": Position(coordinates); break;
            case "MultiPoint": Each(coordinates, Position); break;
            case "LineString": Line(coordinates); break;
            case "MultiLineString": Each(coordinates, Line); break;
            case "Polygon": Rings(coordinates); break;
            case "MultiPolygon": Each(coordinates, Rings); break;
        }
    }

    static void Each(Node list, Action<Node> check)
    {
        foreach (var element in list.Elements("a list of coordinates")) check(element);
    }

    static void Line(Node line)
    {
        if (line.Kind is JsonValueKind.Array && line.Length < 2) line.Refuse("a line of 2 or more positions");
        else Each(line, Position);
    }

    static void Rings(Node rings)
    {
        if (rings.Kind is JsonValueKind.Array && rings.Length == 0) rings.Refuse("an outline");
        else Each(rings, Ring);
    }

    static void Ring(Node ring)
    {
        var before = ring.Problems.Found.Count;
        Each(ring, Position);
        if (ring.Problems.Found.Count > before) return;
        if (ring.Length < FewestOfRing) ring.Refuse($"a ring of {FewestOfRing} or more positions");
        else if (!ring.IsClosed()) ring.Refuse("a closed ring: its last position the same as its first");
    }

    static void Position(Node position)
    {
        if (position.Kind is not JsonValueKind.Array || position.Length < 2) position.Refuse("a position: x and y");
        else foreach (var number in position.Elements("x and y")) number.IsNumber("a finite number of level-0 pixels");
    }
}
