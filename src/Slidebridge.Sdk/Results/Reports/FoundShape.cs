using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>A shape from any part of a scan's result.</summary>
/// <param name="Geometry">The shape, in level-0 pixels; never a collection.</param>
/// <param name="Type">The annotation's type, or the report's name for it.</param>
/// <param name="IsCounted">True for one of many objects that a report counts; false for a marked region.</param>
/// <param name="Color">For a heatmap: its colour, <c>#rrggbb</c>; null if the type decides the colour.</param>
/// <param name="Score">Its score, or null.</param>
public sealed record FoundShape(Geometry Geometry, string Type, bool IsCounted = false, string? Color = null, double? Score = null)
{
    /// <summary>An annotation's shape, or a heatmap's polygons, each with its own colour.</summary>
    public static IEnumerable<FoundShape> Of(Feature annotation)
    {
        var type = annotation.Properties?["annotation_type"]?.ToString() ?? "annotation";
        return annotation.Geometry is GeometryCollection heatmap
            ? heatmap.Geometries.Select((polygon, i) => new FoundShape(polygon, type, Color: ColorOf(annotation, i)))
            : [new FoundShape(annotation.Geometry, type)];
    }

    internal static FoundShape Of(ScoredPoint point) => new(new Point(new Position(point.X, point.Y)), point.Type, IsCounted: true, Score: point.Score);

    internal static IEnumerable<FoundShape> OfRegion(Feature region, string type, double? score = null) =>
        region.Geometry is GeometryCollection parts ? parts.Geometries.Select(part => new FoundShape(part, type, Score: score)) : [new FoundShape(region.Geometry, type, Score: score)];

    internal static IEnumerable<FoundShape> Counted(IReadOnlyList<ObjectBox> objects, IReadOnlyList<Feature> regions, string type) =>
        regions.SelectMany(region => OfRegion(region, "region")).Concat(objects.Select(o => new FoundShape(BoxOf(o), type, IsCounted: true)));

    static string? ColorOf(Feature heatmap, int index) =>
        heatmap.Properties?["contour_colors"] is JsonArray colors && index < colors.Count ? colors[index]?.ToString() : null;

    // A report's sizes can be any numbers; a box with a negative size is still drawn.
    static Polygon BoxOf(ObjectBox box) =>
        Polygon.Box(Math.Min(box.X, box.X + box.Width), Math.Min(box.Y, box.Y + box.Height), Math.Abs(box.Width), Math.Abs(box.Height));
}
