namespace Slidebridge.Sdk.Results.Validation;

/// <summary>The rules of the seven types of reports.</summary>
static class ReportRules
{
    static readonly Dictionary<string, Action<Node>> Types = new()
    {
        ["Basic"] = Basic,
        ["WholeSlideDifferential"] = report => { Points(report); Scores(report); Threshold(report); },
        ["AreaDifferential"] = report => { ScoredRegions(report); Scores(report); Threshold(report); },
        ["SemiQuantitativeDifferential"] = report => { Points(report); Scores(report); },
        ["RegionCounting"] = Counting,
        ["AiMitosisCounting"] = Counting,
        ["TumorCellularity"] = TumorCellularity,
    };

    static readonly string KnownTypes = "one of " + string.Join(", ", Types.Keys);

    public static void Check(Node report)
    {
        if (!report.IsObject("a report") || report.Required("type", KnownTypes) is not { } type || type.Text(KnownTypes) is not { } name) return;
        if (Types.TryGetValue(name, out var check)) check(report);
        else type.Refuse(KnownTypes);
    }

    static void Basic(Node report)
    {
        foreach (var result in Objects(report, "results", "named results")) NamedResult(result);
        foreach (var segment in Objects(report, "segments", "segments")) Segment(segment);
    }

    static void NamedResult(Node result)
    {
        String(result, "name");
        String(result, "result");
    }

    static void Segment(Node segment)
    {
        String(segment, "name");
        segment.Optional("result")?.IsString("a string, if there is a result");
        if (segment.Required("feature_collection", "a FeatureCollection") is { } features) GeoJsonRules.CheckCollection(features);
    }

    static void Points(Node parent)
    {
        foreach (var point in Objects(parent, "points", "points"))
        {
            Numbers(point, "x", "y", "score");
            String(point, "type");
        }
    }

    static void Scores(Node report)
    {
        if (report.Required("scores", "an object of numbers") is { } scores && scores.IsObject("an object of numbers"))
            foreach (var score in scores.Members()) score.IsNumber();
    }

    static void Threshold(Node report) => Numbers(report, "positivity_threshold");

    static void ScoredRegions(Node report)
    {
        foreach (var region in Objects(report, "regions", "regions"))
        {
            if (region.Required("region", "a Feature of a Polygon") is { } feature) GeoJsonRules.CheckRegion(feature, GeometryRules.Polygon);
            Numbers(region, "weight", "score");
            Points(region);
        }
    }

    static void Counting(Node report)
    {
        foreach (var box in Objects(report, "objects", "boxes")) Numbers(box, "x", "y", "width", "height");
        foreach (var region in report.Required("regions", "a list of features")?.Elements("a list of features") ?? []) GeoJsonRules.CheckRegion(region, GeometryRules.Any);
    }

    static void TumorCellularity(Node report)
    {
        if (report.Required("threshold_map", "an object by label") is { } map && map.IsObject("an object by label"))
            foreach (var threshold in map.Members()) Threshold(threshold, "an object with tumor_cellularity");
        if (report.Optional("other_segments") is { } groups && groups.IsObject("an object of lists of segments, or null"))
            foreach (var group in groups.Members())
                foreach (var segment in group.Elements("a list of segments"))
                    if (segment.IsObject("a segment")) Segment(segment);
    }

    static void Threshold(Node threshold, string expected)
    {
        if (!threshold.IsObject(expected)) return;
        Numbers(threshold, "tumor_cellularity", "area");
        foreach (var count in Objects(threshold, "counts", "counts"))
        {
            String(count, "label");
            Numbers(count, "count");
        }
        if (threshold.Required("region", "a Feature") is { } region) GeoJsonRules.CheckRegion(region, GeometryRules.Any);
        if (threshold.Optional("distributions") is not { } distributions || !distributions.IsObject("an object of lists of shares, or null")) return;
        foreach (var distribution in distributions.Members())
        {
            foreach (var share in distribution.Elements("a list of shares"))
            {
                if (!share.IsObject("a share")) continue;
                String(share, "label");
                Numbers(share, "fraction", "area");
            }
        }
    }

    static IEnumerable<Node> Objects(Node parent, string name, string what)
    {
        var expected = "a list of " + what;
        return (parent.Required(name, expected)?.Elements(expected) ?? []).Where(element => element.IsObject());
    }

    static void Numbers(Node parent, params ReadOnlySpan<string> names)
    {
        foreach (var name in names) parent.Required(name, "a finite number")?.IsNumber();
    }

    static void String(Node parent, string name) => parent.Required(name, "a string")?.IsString();
}
