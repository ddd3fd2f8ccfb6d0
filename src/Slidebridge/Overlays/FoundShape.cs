using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Overlays;

/// <summary>A shape of a scan's result, wherever in the result it is.</summary>
/// <param name="Geometry">The shape, in level-0 pixels; never a collection.</param>
/// <param name="Type">The annotation's type, or what the report calls it.</param>
/// <param name="IsCounted">One of many objects that a report counts, not a place that somebody marks.</param>
/// <param name="Color">Of a heatmap: its own colour, <c>#rrggbb</c>; null where its type decides.</param>
/// <param name="Score">Its score, or null.</param>
sealed record FoundShape(Geometry Geometry, string Type, bool IsCounted = false, string? Color = null, double? Score = null)
{
    /// <summary>The result's annotations, a heatmap's polygons each by itself, then the report's areas and objects.</summary>
    public static IEnumerable<FoundShape> Of(ScanResult? result) =>
        (result?.GeoJson?.Features ?? []).SelectMany(Of).Concat(result?.Workflow is { } workflow ? Of(workflow.Report) : []);

    /// <summary>An annotation's shape, or a heatmap's.</summary>
    public static IEnumerable<FoundShape> Of(Feature feature)
    {
        var type = feature.Properties?["annotation_type"]?.ToString() ?? "annotation";
        return feature.Geometry is GeometryCollection heatmap
            ? heatmap.Geometries.Select((polygon, i) => new FoundShape(polygon, type, Color: ColorOf(feature, i)))
            : [new FoundShape(feature.Geometry, type)];
    }

    static string? ColorOf(Feature heatmap, int index) =>
        heatmap.Properties?["contour_colors"] is JsonArray colors && index < colors.Count ? colors[index]?.ToString() : null;

    /// <summary>A report's areas and objects.</summary>
    public static IEnumerable<FoundShape> Of(Report report) => report switch
    {
        BasicReport basic => basic.Segments.SelectMany(Segment),
        WholeSlideDifferentialReport whole => whole.Points.Select(Scored),
        SemiQuantitativeDifferentialReport semi => semi.Points.Select(Scored),
        AreaDifferentialReport areas => areas.Regions.SelectMany(area => Region(area.Region, "region", area.Score)).Concat(areas.Regions.SelectMany(area => area.Points).Select(Scored)),
        RegionCountingReport counting => Counted(counting.Objects, counting.Regions, "object"),
        AiMitosisCountingReport mitoses => Counted(mitoses.Objects, mitoses.Regions, "mitosis"),
        TumorCellularityReport tumor => tumor.ThresholdMap.SelectMany(t => Region(t.Value.Region, t.Key)).Concat(tumor.OtherSegments?.Values.SelectMany(group => group).SelectMany(Segment) ?? []),
        _ => [],
    };

    static FoundShape Scored(ScoredPoint point) => new(new Point(new Position(point.X, point.Y)), point.Type, IsCounted: true, Score: point.Score);

    static IEnumerable<FoundShape> Segment(Segment segment) => segment.FeatureCollection.Features.SelectMany(feature => Region(feature, segment.Name));

    static IEnumerable<FoundShape> Region(Feature region, string type, double? score = null) =>
        region.Geometry is GeometryCollection parts ? parts.Geometries.Select(part => new FoundShape(part, type, Score: score)) : [new FoundShape(region.Geometry, type, Score: score)];

    static IEnumerable<FoundShape> Counted(IReadOnlyList<ObjectBox> objects, IReadOnlyList<Feature> regions, string type) =>
        regions.SelectMany(region => Region(region, "region")).Concat(objects.Select(o => new FoundShape(BoxOf(o), type, IsCounted: true)));

    // A report's sizes are any numbers; a box of a negative size is still drawn.
    static Polygon BoxOf(ObjectBox box) =>
        Polygon.Box(Math.Min(box.X, box.X + box.Width), Math.Min(box.Y, box.Y + box.Height), Math.Abs(box.Width), Math.Abs(box.Height));
}
