using System.Globalization;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Inference.Collecting;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Reporting;

/// <summary>Writes a scan's findings as <c>report:</c> says.</summary>
sealed class ScanReport(ModelFile file)
{
    readonly ReportOptions options = file.Report;

    public void Write(ScanResultBuilder scan, ScanFindings found)
    {
        foreach (var heatmap in options.Heatmaps) AddHeatmap(scan, heatmap, found.Heat[heatmap.Label]);
        if (options.Polygons is { } polygons)
            foreach (var (label, regions) in found.Regions.Where(r => polygons.Labels.Contains(r.Key)))
                foreach (var region in regions) scan.Add(Shapes.Of(region), file.Labels[label].Name, Properties(label, float.NaN));
        foreach (var mark in found.Objects)
        {
            if (options.Boxes?.Labels.Contains(mark.Label) == true) scan.Add(Shapes.BoxOf(mark), file.Labels[mark.Label].Name, Properties(mark.Label, mark.Score));
            if (options.Points?.Labels.Contains(mark.Label) == true) scan.Add(new Point(Shapes.Round(mark.X, mark.Y)), file.Labels[mark.Label].Name, Properties(mark.Label, mark.Score));
        }
        if (options.Counts)
            foreach (var (name, value) in found.Measures) scan.Value(name, Math.Round(value, 6));
        if (options.Summary is { } summary) scan.Summary(found.Grid.Tiles == 0 ? "No tissue was found." : summary.Length > 0 ? MeasureText.Fill(summary, found.Measures) : Sentence(found));
        if (options.Qc && found.Grid.Tiles == 0) scan.QcFail("no tissue");
        else if (options.Qc) scan.QcPass();
        if (options.Workflow is { } workflow)
            scan.Workflow(file.Name, file.Provider, file.Ruo, new WorkflowReports(file, workflow, found).Create(), workflow.Key, workflow.Value is { } value ? MeasureText.Fill(value, found.Measures) : null);
    }

    static void AddHeatmap(ScanResultBuilder scan, HeatmapOptions heatmap, HeatMap values)
    {
        var (polygons, colors) = (new List<Geometry>(), new JsonArray());
        // Lowest first: the higher ones are drawn over them.
        foreach (var (level, regions) in heatmap.Levels.Zip(values.Contours([.. heatmap.Levels.Select(l => l.From)])))
            foreach (var region in regions)
            {
                polygons.Add(Shapes.Of(region));
                colors.Add(level.Color);
            }
        if (polygons.Count > 0) scan.Add(new GeometryCollection(polygons), heatmap.Annotation, new JsonObject { ["contour_colors"] = colors });
    }

    JsonObject? Properties(int label, float score)
    {
        var properties = new JsonObject();
        if (!float.IsNaN(score)) properties["score"] = Math.Round(score, 4);
        if (file.Labels[label].Color is { } color) properties["color"] = color;
        return properties.Count > 0 ? properties : null;
    }

    // The most informative number of each label.
    string Sentence(ScanFindings found) => string.Join(", ", file.Foreground.Select(l => file.Kind == ModelKind.Detection
        ? string.Create(CultureInfo.InvariantCulture, $"{found.Measures[$"{l.Label.Name}.{Measures.Count}"]:0} {l.Label.Name}")
        : string.Create(CultureInfo.InvariantCulture, $"{found.Measures[$"{l.Label.Name}.{Measures.Share}"] * 100:0.#} % {l.Label.Name}")));
}

/// <summary>Findings as GeoJSON, to a hundredth of a level-0 pixel.</summary>
static class Shapes
{
    public static Polygon Of(MaskRegion region) => new([Ring(region.Outline), .. region.Holes.Select(Ring)]);

    public static Polygon BoxOf(FoundObject found) => Polygon.Box(Round(found.Left), Round(found.Top), Round(found.Width), Round(found.Height));

    public static Position Round(double x, double y) => new(Round(x), Round(y));

    public static double Round(double value) => Math.Round(value, 2);

    static Position[] Ring(IReadOnlyList<SlidePoint> ring) => [.. ring.Select(p => Round(p.X, p.Y))];
}
