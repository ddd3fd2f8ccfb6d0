using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The rules of annotations: GeoJSON (RFC 7946), and what the platform asks of it.</summary>
static class GeoJsonRules
{
    /// <summary>The fewest positions of a closed ring (RFC 7946 §3.1.6).</summary>
    const int FewestOfRing = 4;

    /// <summary>A scan's annotations: every feature needs its type, and a box where the platform computes none.</summary>
    public static void CheckAnnotations(Node collection)
    {
        foreach (var feature in Features(collection))
        {
            CheckFeature(feature);
            if (feature.Kind is not JsonValueKind.Object) continue;
            if (feature.Required("properties", "an object with annotation_type") is not { } properties || !properties.IsObject("an object with annotation_type")) continue;
            properties.Required("annotation_type", "the annotation's type, a string")?.IsString("the annotation's type, a string");
            CheckBoxIsKnown(feature, properties);
        }
    }

    /// <summary>A collection of features inside a report, where they are regions and no annotations.</summary>
    public static void CheckCollection(Node collection)
    {
        foreach (var feature in Features(collection)) CheckFeature(feature);
    }

    /// <summary>One feature.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="shape">The only geometry type that it may have, or null.</param>
    public static void CheckFeature(Node feature, string? shape = null)
    {
        if (!feature.IsObject("a Feature")) return;
        CheckType(feature, "Feature");
        if (feature.Optional("properties") is { } properties) properties.IsObject();
        if (feature.Optional("bbox") is { } box) CheckBox(box);
        if (feature.Required("geometry", "a geometry") is { } geometry) CheckGeometry(geometry, shape, depth: 0);
    }

    static IEnumerable<Node> Features(Node collection)
    {
        if (!collection.IsObject("a FeatureCollection")) return [];
        CheckType(collection, "FeatureCollection");
        return collection.Required("features", "a list of features")?.Elements("a list of features") ?? [];
    }

    static void CheckType(Node node, string expected)
    {
        if (node.Required("type", $"\"{expected}\"") is { } type && !(type.Kind is JsonValueKind.String && type.Value.ValueEquals(expected)))
            type.Refuse($"\"{expected}\"");
    }

    static void CheckBox(Node box)
    {
        const string Expected = "4 numbers: min x, min y, max x, max y";
        if (box.Kind is not JsonValueKind.Array || box.Value.GetArrayLength() != 4)
        {
            box.Refuse(Expected);
            return;
        }
        if (!box.Elements(Expected).All(n => n.IsNumber()) || !box.Problems.IsBridge) return;
        var n = box.Value.EnumerateArray().Select(v => v.GetDouble()).ToArray();
        if (n[0] > n[2] || n[1] > n[3]) box.Refuse("a box whose minimum is not above its maximum");
    }

    /// <summary>Without a box, the platform computes that of a Polygon, and stores a zero box for any other shape.</summary>
    static void CheckBoxIsKnown(Node feature, Node properties)
    {
        if (!feature.Value.TryGetProperty("geometry", out var geometry) || geometry.ValueKind is not JsonValueKind.Object
            || !geometry.TryGetProperty("type", out var type) || type.ValueKind is not JsonValueKind.String) return;
        if (feature.Problems.IsBridge && !type.ValueEquals("Polygon") && feature.Optional("bbox") is null)
            feature.Required("bbox", "a bbox: the platform would store a zero box for this geometry");
        if (type.ValueEquals("GeometryCollection")) CheckHeatmap(new Node(geometry, feature.Path + ".geometry", feature.Problems), properties);
    }

    /// <summary>A GeometryCollection is a heatmap: polygons, and their colours in the feature's properties.</summary>
    static void CheckHeatmap(Node collection, Node properties)
    {
        if (properties.Required("contour_colors", "the heatmap's colours, a list of strings") is { } colors)
            foreach (var color in colors.Elements("the heatmap's colours, a list of strings")) color.IsString("a colour as a string");
        if (!collection.Value.TryGetProperty("geometries", out var geometries) || geometries.ValueKind is not JsonValueKind.Array) return;
        foreach (var geometry in new Node(geometries, collection.Path + ".geometries", collection.Problems).Elements("a list of polygons"))
            if (geometry.Kind is JsonValueKind.Object && geometry.Optional("type") is { Kind: JsonValueKind.String } type && !type.Value.ValueEquals("Polygon"))
                type.Refuse("\"Polygon\": a heatmap is made of polygons");
    }

    static void CheckGeometry(Node geometry, string? shape, int depth)
    {
        const string Types = "Polygon, MultiPolygon, Point, MultiPoint, LineString, MultiLineString or GeometryCollection";
        if (!geometry.IsObject("a geometry") || geometry.Required("type", Types) is not { } type || !type.IsString(Types)) return;
        var name = type.Value.GetString()!;
        if (shape is not null && name != shape)
        {
            type.Refuse($"\"{shape}\"");
            return;
        }
        switch (name)
        {
            case "Point": Coordinates(geometry, Position); break;
            case "MultiPoint": Coordinates(geometry, c => Each(c, Position)); break;
            case "LineString": Coordinates(geometry, Line); break;
            case "MultiLineString": Coordinates(geometry, c => Each(c, Line)); break;
            case "Polygon": Coordinates(geometry, Rings); break;
            case "MultiPolygon": Coordinates(geometry, c => Each(c, Rings)); break;
            case "GeometryCollection" when depth == 0:
                foreach (var member in geometry.Required("geometries", "a list of geometries")?.Elements("a list of geometries") ?? []) CheckGeometry(member, null, depth + 1);
                break;
            default: type.Refuse(Types); break;
        }
    }

    static void Coordinates(Node geometry, Action<Node> check)
    {
        if (geometry.Required("coordinates", "coordinates") is { } coordinates) check(coordinates);
    }

    static void Each(Node list, Action<Node> check)
    {
        foreach (var element in list.Elements("a list of coordinates")) check(element);
    }

    static void Line(Node line)
    {
        if (line.Kind is JsonValueKind.Array && line.Value.GetArrayLength() < 2) line.Refuse("a line of 2 or more positions");
        else Each(line, Position);
    }

    static void Rings(Node rings)
    {
        if (rings.Kind is JsonValueKind.Array && rings.Value.GetArrayLength() == 0) rings.Refuse("an outline");
        else Each(rings, Ring);
    }

    static void Ring(Node ring)
    {
        var before = ring.Problems.Found.Count;
        Each(ring, Position);
        if (ring.Problems.Found.Count > before) return;
        var length = ring.Value.GetArrayLength();
        if (length < FewestOfRing) ring.Refuse($"a ring of {FewestOfRing} or more positions");
        else if (!JsonElement.DeepEquals(ring.Value[0], ring.Value[length - 1])) ring.Refuse("a closed ring: its last position the same as its first");
    }

    static void Position(Node position)
    {
        if (position.Kind is not JsonValueKind.Array || position.Value.GetArrayLength() < 2) position.Refuse("a position: x and y");
        else foreach (var number in position.Elements("x and y")) number.IsNumber("a finite number of level-0 pixels");
    }
}
