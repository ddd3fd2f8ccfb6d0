namespace Slidebridge.Tests.Results;

/// <summary>The rows of <see cref="RuleTests.Broken"/> that break a workflow or its report.</summary>
static class BrokenReports
{
    const string Scan = "/scanResults/0", Report = Scan + "/workflow/report";

    public static void Add(TheoryData<string, string, string?, string> rows)
    {
        Workflow(rows);
        BasicReport(rows);
        Differentials(rows);
        Counting(rows);
        TumorCellularity(rows);
    }

    static void Workflow(TheoryData<string, string, string?, string> rows)
    {
        const string Path = "$.scanResults[0].workflow";
        rows.Add("Basic", Scan + "/workflow", "\"Basic\"", Path);
        foreach (var name in new[] { "model_name", "provider", "ruo" })
        {
            rows.Add("Basic", $"{Scan}/workflow/{name}", null, $"{Path}.{name}");
            rows.Add("Basic", $"{Scan}/workflow/{name}", "null", $"{Path}.{name}");
            rows.Add("Basic", $"{Scan}/workflow/{name}", "1", $"{Path}.{name}");
        }
        rows.Add("Basic", Scan + "/workflow/ruo", "\"true\"", Path + ".ruo");
        rows.Add("Basic", Scan + "/workflow/key", "3", Path + ".key");
        foreach (var value in new[] { "3", "true", "{}" }) rows.Add("Basic", Scan + "/workflow/value", value, Path + ".value");
        rows.Add("Basic", Report, null, Path + ".report");
        rows.Add("Basic", Report, "[]", Path + ".report");
        rows.Add("Basic", Report, "null", Path + ".report");
        foreach (var type in new[] { null, "1", "null", "\"basic\"", "\"Mixed\"" }) rows.Add("Basic", Report + "/type", type, Path + ".report.type");
    }

    static void BasicReport(TheoryData<string, string, string?, string> rows)
    {
        Lists(rows, "Basic", "", "results", "segments");
        foreach (var result in new[] { null, "4", "true", "null", "[]" }) Changed("/results/0/result", result, "results[0].result");
        foreach (var name in new[] { null, "4" })
        {
            Changed("/results/0/name", name, "results[0].name");
            Changed("/segments/1/name", name, "segments[1].name");
        }
        Changed("/segments/0/result", "37", "segments[0].result");
        Changed("/segments/0/feature_collection", null, "segments[0].feature_collection");
        Changed("/segments/0/feature_collection", "null", "segments[0].feature_collection");
        Changed("/segments/0/feature_collection/type", "\"Features\"", "segments[0].feature_collection.type");
        Changed("/segments/0/feature_collection/features/0", "1", "segments[0].feature_collection.features[0]");
        Changed("/segments/0/feature_collection/features/0/properties", "[]", "segments[0].feature_collection.features[0].properties");
        Changed("/segments/0/feature_collection/features/0/bbox", "[]", "segments[0].feature_collection.features[0].bbox");
        Changed("/segments/0/feature_collection/features/0/geometry", null, "segments[0].feature_collection.features[0].geometry");

        void Changed(string pointer, string? json, string path) => rows.Add("Basic", Report + pointer, json, In(path));
    }

    static void Differentials(TheoryData<string, string, string?, string> rows)
    {
        Lists(rows, "WholeSlideDifferential", "", "points");
        Lists(rows, "SemiQuantitativeDifferential", "", "points");
        Lists(rows, "AreaDifferential", "", "regions");
        Lists(rows, "AreaDifferential", "/regions/0", "points");
        Numbers(rows, "WholeSlideDifferential", "/points/0", "x", "y", "score");
        Numbers(rows, "SemiQuantitativeDifferential", "/points/0", "x", "y", "score");
        Numbers(rows, "AreaDifferential", "/regions/0/points/0", "x", "y", "score");
        Numbers(rows, "AreaDifferential", "/regions/1", "weight", "score");
        Numbers(rows, "AreaDifferential", "", "positivity_threshold");
        Numbers(rows, "WholeSlideDifferential", "", "positivity_threshold");
        foreach (var example in new[] { "WholeSlideDifferential", "SemiQuantitativeDifferential" })
        {
            rows.Add(example, Report + "/points/0/type", null, In("points[0].type"));
            rows.Add(example, Report + "/points/0/type", "2", In("points[0].type"));
        }
        foreach (var example in new[] { "WholeSlideDifferential", "SemiQuantitativeDifferential", "AreaDifferential" })
        {
            rows.Add(example, Report + "/scores", null, In("scores"));
            rows.Add(example, Report + "/scores", "[1]", In("scores"));
            rows.Add(example, Report + "/scores/new", "\"high\"", In("scores.new"));
            rows.Add(example, Report + "/scores/new", "null", In("scores.new"));
            rows.Add(example, Report + "/scores/left shift", "{}", In("scores['left shift']"));
        }
        rows.Add("AreaDifferential", Report + "/regions/0/region", null, In("regions[0].region"));
        rows.Add("AreaDifferential", Report + "/regions/0/region", "[]", In("regions[0].region"));
        rows.Add("AreaDifferential", Report + "/regions/0/region/type", "\"Region\"", In("regions[0].region.type"));
        rows.Add("AreaDifferential", Report + "/regions/0/region/geometry/type", "\"MultiPolygon\"", In("regions[0].region.geometry.type"));
        rows.Add("AreaDifferential", Report + "/regions/0/region/geometry/coordinates/1/3", "[11,11]", In("regions[0].region.geometry.coordinates[1]"));
    }

    static void Counting(TheoryData<string, string, string?, string> rows)
    {
        foreach (var example in new[] { "RegionCounting", "AiMitosisCounting" })
        {
            Lists(rows, example, "", "objects", "regions");
            Numbers(rows, example, "/objects/0", "x", "y", "width", "height");
            rows.Add(example, Report + "/regions/1/type", "null", In("regions[1].type"));
            rows.Add(example, Report + "/regions/3/geometry/geometries/0", """{"type":"GeometryCollection","geometries":[]}""", In("regions[3].geometry.geometries[0].type"));
        }
    }

    static void TumorCellularity(TheoryData<string, string, string?, string> rows)
    {
        const string Example = "TumorCellularity", Usual = "/threshold_map/usual";
        Changed("/threshold_map", null, "threshold_map");
        Changed("/threshold_map", "[]", "threshold_map");
        Changed("/threshold_map/strict (0.9)", "1", "threshold_map['strict (0.9)']");
        Lists(rows, Example, Usual, "counts");
        Numbers(rows, Example, Usual, "tumor_cellularity", "area");
        Changed("/threshold_map/strict (0.9)/counts/1/label", "0", "threshold_map['strict (0.9)'].counts[1].label");
        Changed("/threshold_map/strict (0.9)/counts/1/count", "\"73\"", "threshold_map['strict (0.9)'].counts[1].count");
        Changed(Usual + "/region", null, "threshold_map.usual.region");
        Changed(Usual + "/region/geometry", "{}", "threshold_map.usual.region.geometry.type");
        Changed(Usual + "/distributions", "[]", "threshold_map.usual.distributions");
        Changed(Usual + "/distributions/size", "null", "threshold_map.usual.distributions.size");
        Changed(Usual + "/distributions/size/0", "\"small\"", "threshold_map.usual.distributions.size[0]");
        Changed(Usual + "/distributions/size/0/label", null, "threshold_map.usual.distributions.size[0].label");
        Numbers(rows, Example, Usual + "/distributions/size/1", "fraction", "area");
        Changed("/other_segments", "[]", "other_segments");
        Changed("/other_segments/tissue", "{}", "other_segments.tissue");
        Changed("/other_segments/tissue/0", "null", "other_segments.tissue[0]");
        Changed("/other_segments/tissue/0/result", "false", "other_segments.tissue[0].result");
        Changed("/other_segments/tissue/0/feature_collection/features", null, "other_segments.tissue[0].feature_collection.features");

        void Changed(string pointer, string? json, string path) => rows.Add(Example, Report + pointer, json, In(path));
    }

    static void Lists(TheoryData<string, string, string?, string> rows, string example, string pointer, params string[] names)
    {
        foreach (var name in names)
        {
            foreach (var json in new[] { null, "{}", "null" }) rows.Add(example, $"{Report}{pointer}/{name}", json, In(PathOf($"{pointer}/{name}")));
            rows.Add(example, $"{Report}{pointer}/{name}/0", "\"text\"", In(PathOf($"{pointer}/{name}/0")));
        }
    }

    static void Numbers(TheoryData<string, string, string?, string> rows, string example, string pointer, params string[] names)
    {
        foreach (var name in names)
            foreach (var json in new[] { null, "\"1\"", "null", "-1e999" }) rows.Add(example, $"{Report}{pointer}/{name}", json, In(PathOf($"{pointer}/{name}")));
    }

    static string In(string path) => "$.scanResults[0].workflow.report." + path;

    /// <summary><c>/points/0/x</c> is <c>points[0].x</c>.</summary>
    static string PathOf(string pointer) => string.Concat(pointer.Split('/')[1..].Select(step => char.IsAsciiDigit(step[0]) ? $"[{step}]" : "." + step))[1..];
}
