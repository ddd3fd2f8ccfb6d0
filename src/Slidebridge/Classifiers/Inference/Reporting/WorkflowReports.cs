using System.Globalization;
using Slidebridge.Classifiers.Inference.Collecting;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Reporting;

/// <summary>The platform's seven reports, made from a model's findings.</summary>
sealed class WorkflowReports(ModelFile file, WorkflowOptions options, ScanFindings found)
{
    public Report Create() => options.Type switch
    {
        WorkflowTypes.Basic => new BasicReport([.. Results()], [.. Segments()]),
        WorkflowTypes.RegionCounting => new RegionCountingReport(Counted(), Areas()),
        WorkflowTypes.AiMitosisCounting => new AiMitosisCountingReport(Counted(), Areas()),
        WorkflowTypes.WholeSlideDifferential => new WholeSlideDifferentialReport([.. Scored.Select(Point)], ScoresOf([.. Scored]), options.Threshold),
        WorkflowTypes.AreaDifferential => new AreaDifferentialReport(Regions(), ScoresOf([.. Scored]), options.Threshold),
        WorkflowTypes.SemiQuantitativeDifferential => new SemiQuantitativeDifferentialReport([.. Scored.Select(Point)], ScoresOf([.. Scored])),
        _ => new TumorCellularityReport(options.Thresholds.ToDictionary(t => t.ToString(CultureInfo.InvariantCulture), Cellularity)),
    };

    IEnumerable<FoundObject> Scored => found.Scored.Where(o => options.Labels.Contains(o.Label));

    string NameOf(int label) => file.Labels[label].Name;

    IEnumerable<NamedResult> Results()
    {
        foreach (var label in options.Labels.Order())
            foreach (var measure in Measures.Of(file.Kind))
                if (found.Measures.TryGetValue($"{NameOf(label)}.{measure}", out var value))
                    yield return new NamedResult($"{NameOf(label)}: {Words(measure)}", Text(measure, value));
    }

    static string Words(string measure) => measure switch { Measures.Area => "area, mm²", Measures.Density => "per mm²", _ => measure };

    static string Text(string measure, double value) => value.ToString(measure == Measures.Share ? "0.0 %" : "0.###", CultureInfo.InvariantCulture);

    // Each label's findings: outlines, or for a detector the objects' places.
    IEnumerable<Segment> Segments()
    {
        foreach (var label in options.Labels.Order())
        {
            var shapes = found.Regions.TryGetValue(label, out var regions) ? regions.Select(Shapes.Of) : found.Objects.Where(o => o.Label == label).Select(o => (Geometry)new Point(Shapes.Round(o.X, o.Y)));
            var features = new FeatureCollection { Features = [.. shapes.Select(shape => Feature.Of(shape, NameOf(label)))] };
            yield return new Segment(NameOf(label), features, Text("", found.Measures[$"{NameOf(label)}.{Measures.Count}"]));
        }
    }

    ObjectBox[] Counted() =>
        [.. found.Objects.Where(o => options.Labels.Contains(o.Label)).Select(o => new ObjectBox(Shapes.Round(o.Left), Shapes.Round(o.Top), Shapes.Round(o.Width), Shapes.Round(o.Height)))];

    // The analysed area: the tissue, or the whole slide if all of it was analysed.
    Feature[] Areas() => [.. AnalysedAreas().Select(area => new Feature { Geometry = Shapes.Of(area) })];

    IEnumerable<MaskRegion> AnalysedAreas()
    {
        if (found.Tissue is { } tissue) return tissue.Regions.Select(r => new MaskRegion(r.Outline, r.Holes, (long)r.AreaPixels));
        var (width, height) = (found.Grid.SlideWidth, found.Grid.SlideHeight);
        return [new MaskRegion([new(0, 0), new(width, 0), new(width, height), new(0, height), new(0, 0)], [], (long)width * height)];
    }

    ScoredPoint Point(FoundObject o) => new(Shapes.Round(o.X), Shapes.Round(o.Y), Math.Round(o.Score, 4), NameOf(o.Label));

    // Objects by label, all objects, and the percentage of positive ones.
    Dictionary<string, double> ScoresOf(IReadOnlyCollection<FoundObject> objects)
    {
        var scores = options.Labels.Order().ToDictionary(NameOf, label => (double)objects.Count(o => o.Label == label));
        scores["total"] = objects.Count;
        scores["positive %"] = PositivePercentage(objects);
        return scores;
    }

    double PositivePercentage(IReadOnlyCollection<FoundObject> objects) => objects.Count == 0 ? 0 : Math.Round(100.0 * objects.Count(IsPositive) / objects.Count, 3);

    bool IsPositive(FoundObject o) => options.Positive.Contains(o.Label) && o.Score >= options.Threshold;

    ScoredRegion[] Regions()
    {
        MaskRegion[] areas = [.. AnalysedAreas()];
        var all = areas.Sum(a => (double)a.Pixels);
        var points = Scored.ToLookup(o => Array.FindIndex(areas, area => Inside.Contains(area, o.X, o.Y)));
        return [.. areas.Select((area, i) => new ScoredRegion(
            new Feature { Geometry = Shapes.Of(area) }, all > 0 ? Math.Round(area.Pixels / all, 6) : 0, PositivePercentage([.. points[i]]), [.. points[i].Select(Point)]))];
    }

    CellularityAtThreshold Cellularity(double threshold)
    {
        // A segmented region has no score: it counts for every threshold.
        FoundObject[] cells = [.. found.Objects.Where(o => options.Labels.Contains(o.Label) && !(o.Score < threshold))];
        MaskRegion[] areas = [.. AnalysedAreas()];
        var region = new MultiPolygon([.. areas.Select(a => Shapes.Of(a).Coordinates)]);
        var area = areas.Sum(a => (double)a.Pixels) * (found.Grid.SquareMillimetres ?? 1);
        return new CellularityAtThreshold(
            cells.Length == 0 ? 0 : Math.Round((double)cells.Count(o => options.Positive.Contains(o.Label)) / cells.Length, 6),
            [.. options.Labels.Order().Select(label => new LabelCount(NameOf(label), cells.Count(o => o.Label == label)))],
            new Feature { Geometry = region }, Math.Round(area, 6));
    }
}
