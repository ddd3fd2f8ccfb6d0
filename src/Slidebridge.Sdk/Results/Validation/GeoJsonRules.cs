using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The rules of features: GeoJSON (RFC 7946 §3.2), and the platform's requirements for annotations.</summary>
static class GeoJsonRules
{
    /// <summary>A scan's annotations: every feature needs its type, and a box if the platform does not compute one.</summary>
    public static void CheckAnnotations(Node collection)
    {
        foreach (var feature in Features(collection)) CheckAnnotation(feature);
    }

    /// <summary>A collection of features inside a report. They are regions, not annotations.</summary>
    public static void CheckCollection(Node collection)
    {
        foreach (var feature in Features(collection)) CheckRegion(feature, GeometryRules.Any);
    }

    /// <summary>A feature inside a report.</summary>
    /// <param name="feature">The feature.</param>
    /// <param name="types">The allowed types of its geometry.</param>
    public static void CheckRegion(Node feature, string[] types)
    {
        if (!IsFeature(feature)) return;
        if (feature.Optional("properties") is { } properties && properties.IsObject("an object, or null")) FreeRules.Check(properties);
        if (feature.Required("geometry", "a geometry") is { } geometry) GeometryRules.Check(geometry, types, members: GeometryRules.Single);
    }

    static void CheckAnnotation(Node feature)
    {
        const string WithType = "an object with annotation_type", AnnotationType = "the annotation's type, a string";
        if (!IsFeature(feature)) return;
        var properties = feature.Required("properties", WithType) is { } found && found.IsObject(WithType) ? found : (Node?)null;
        properties?.Required("annotation_type", AnnotationType)?.IsString(AnnotationType);
        if (feature.Required("geometry", "a geometry") is { } geometry) CheckShape(feature, geometry, properties);
        if (properties is { } values) FreeRules.Check(values);
    }

    static void CheckShape(Node feature, Node geometry, Node? properties)
    {
        if (GeometryRules.Check(geometry, GeometryRules.Any, members: GeometryRules.Polygon) is not { } type) return;
        if (type != "Polygon" && feature.Problems.IsBridge) feature.RequiredNonNull("bbox", "a bbox: the platform would store a zero box for this geometry");
        if (type == "GeometryCollection" && properties is { } colored) HeatmapRules.Check(geometry, colored);
    }

    static IEnumerable<Node> Features(Node collection)
    {
        if (!collection.IsObject("a FeatureCollection")) return [];
        CheckType(collection, "FeatureCollection");
        return collection.Required("features", "a list of features")?.Elements("a list of features") ?? [];
    }

    static bool IsFeature(Node feature)
    {
        if (!feature.IsObject("a Feature")) return false;
        CheckType(feature, "Feature");
        if (feature.Optional("bbox") is { } box) CheckBox(box);
        return true;
    }

    static void CheckType(Node node, string type)
    {
        if (node.Required("type", $"\"{type}\"") is { } found && found.Text($"\"{type}\"") is { } text && text != type) found.Refuse($"\"{type}\"");
    }

    static void CheckBox(Node box)
    {
        const string Expected = "4 numbers: min x, min y, max x, max y";
        if (box.Kind is not JsonValueKind.Array || box.Length != 4)
        {
            box.Refuse(Expected);
            return;
        }
        var before = box.Problems.Found.Count;
        foreach (var number in box.Elements(Expected)) number.IsNumber();
        if (!box.Problems.IsBridge || box.Problems.Full || box.Problems.Found.Count > before) return;
        var n = box.Elements(Expected).Select(v => v.Number).ToArray();
        if (n[0] > n[2] || n[1] > n[3]) box.Refuse("a box whose minimum is not above its maximum");
    }
}
