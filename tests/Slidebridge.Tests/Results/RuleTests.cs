using System.Text;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

/// <summary>Every rule, broken once: one change of a valid example is one problem, at its path.</summary>
public sealed class RuleTests
{
    const string Scan = "/scanResults/0", Features = Scan + "/geojson/features", Report = Scan + "/workflow/report";

    /// <summary>Example, where it is changed, what to (null removes it), and the path of the problem.</summary>
    public static TheoryData<string, string, string?, string> Broken
    {
        get
        {
            var rows = new TheoryData<string, string, string?, string>();
            Body(rows);
            Annotations(rows);
            Shapes(rows);
            BrokenReports.Add(rows);
            return rows;
        }
    }

    static void Body(TheoryData<string, string, string?, string> rows)
    {
        foreach (var root in new[] { "[]", "null", "7", "\"text\"", "true" }) rows.Add("Basic", "", root, "$");
        rows.Add("Basic", "/scanResults", null, "$.scanResults");
        rows.Add("Basic", "/scanResults", "{}", "$.scanResults");
        rows.Add("Basic", "/scanResults", "null", "$.scanResults");
        rows.Add("Basic", "/scanResults/0", "5", "$.scanResults[0]");
        rows.Add("Basic", "/scanResults/0", "null", "$.scanResults[0]");
        rows.Add("Basic", "/caseResults", "[]", "$.caseResults");
        rows.Add("Basic", "/caseResults/triage", "\"urgent\"", "$.caseResults.triage");
        rows.Add("Basic", "/caseResults/triage/category", null, "$.caseResults.triage.category");
        rows.Add("Basic", "/caseResults/triage/category", "1", "$.caseResults.triage.category");
        rows.Add("Basic", "/caseResults/triage/score", null, "$.caseResults.triage.score");
        rows.Add("Basic", "/caseResults/triage/score", "\"0.5\"", "$.caseResults.triage.score");
        foreach (var id in new[] { null, "4711", "null", "\"\"", "\"47a\"", "\"-4711\"", "\" 4711\"", "\"٤٧١١\"", "\"99\"" }) rows.Add("Basic", Scan + "/scanId", id, "$.scanResults[0].scanId");
        rows.Add("Basic", Scan + "/results", "[]", "$.scanResults[0].results");
        rows.Add("Basic", Scan + "/results/summary", "5", "$.scanResults[0].results.summary");
        rows.Add("Basic", Scan + "/results/summary", "null", "$.scanResults[0].results.summary");
        rows.Add("Annotations", Scan + "/qcFailReasons", "\"blurred\"", "$.scanResults[0].qcFailReasons");
        rows.Add("Annotations", "/scanResults/1/qcFailReasons/1", "3", "$.scanResults[1].qcFailReasons[1]");
        rows.Add("Annotations", "/scanResults/1/qcFailReasons/0", "null", "$.scanResults[1].qcFailReasons[0]");
    }

    static void Annotations(TheoryData<string, string, string?, string> rows)
    {
        rows.Add("Annotations", Scan + "/geojson", "[]", "$.scanResults[0].geojson");
        rows.Add("Annotations", Scan + "/geojson/type", null, "$.scanResults[0].geojson.type");
        rows.Add("Annotations", Scan + "/geojson/type", "\"Feature\"", "$.scanResults[0].geojson.type");
        rows.Add("Annotations", Features, null, "$.scanResults[0].geojson.features");
        rows.Add("Annotations", Features, "{}", "$.scanResults[0].geojson.features");
        rows.Add("Annotations", Features + "/2", "\"x\"", "$.scanResults[0].geojson.features[2]");
        rows.Add("Annotations", Features + "/0/type", null, At(0, "type"));
        rows.Add("Annotations", Features + "/0/type", "\"feature\"", At(0, "type"));
        rows.Add("Annotations", Features + "/0/type", "1", At(0, "type"));
        rows.Add("Annotations", Features + "/0/properties", null, At(0, "properties"));
        rows.Add("Annotations", Features + "/0/properties", "null", At(0, "properties"));
        rows.Add("Annotations", Features + "/0/properties", "5", At(0, "properties"));
        rows.Add("Annotations", Features + "/0/properties/annotation_type", null, At(0, "properties.annotation_type"));
        rows.Add("Annotations", Features + "/0/properties/annotation_type", "null", At(0, "properties.annotation_type"));
        rows.Add("Annotations", Features + "/0/properties/annotation_type", "12", At(0, "properties.annotation_type"));
        rows.Add("Annotations", Features + "/0/bbox", "{}", At(0, "bbox"));
        rows.Add("Annotations", Features + "/0/bbox", "[1,2,3]", At(0, "bbox"));
        rows.Add("Annotations", Features + "/0/bbox", "[1,2,3,4,5,6]", At(0, "bbox"));
        rows.Add("Annotations", Features + "/0/bbox/3", "\"260\"", At(0, "bbox[3]"));
        rows.Add("Annotations", Features + "/0/geometry", null, At(0, "geometry"));
        rows.Add("Annotations", Features + "/0/geometry", "null", At(0, "geometry"));
        rows.Add("Annotations", Features + "/0/geometry/type", null, At(0, "geometry.type"));
        rows.Add("Annotations", Features + "/0/geometry/type", "4", At(0, "geometry.type"));
        rows.Add("Annotations", Features + "/0/geometry/type", "\"Circle\"", At(0, "geometry.type"));
        rows.Add("Annotations", Features + "/2/properties/contour_colors", null, At(2, "properties.contour_colors"));
        rows.Add("Annotations", Features + "/2/properties/contour_colors", "\"#ff0000\"", At(2, "properties.contour_colors"));
        rows.Add("Annotations", Features + "/2/properties/contour_colors/1", "255", At(2, "properties.contour_colors[1]"));
        rows.Add("Annotations", Features + "/2/geometry/geometries", null, At(2, "geometry.geometries"));
        rows.Add("Annotations", Features + "/2/geometry/geometries", "5", At(2, "geometry.geometries"));
        rows.Add("Annotations", Features + "/2/geometry/geometries/0", "null", At(2, "geometry.geometries[0]"));
        rows.Add("Annotations", Features + "/2/geometry/geometries/0/type", "\"LineString\"", At(2, "geometry.geometries[0].type"));
        rows.Add("Annotations", Features + "/2/geometry/geometries/1", """{"type":"GeometryCollection","geometries":[]}""", At(2, "geometry.geometries[1].type"));
        rows.Add("Annotations", Features + "/2/geometry/geometries/1/coordinates", null, At(2, "geometry.geometries[1].coordinates"));
    }

    static void Shapes(TheoryData<string, string, string?, string> rows)
    {
        Coordinates(0, "", null, "");
        Coordinates(0, "", "{}", "");
        Coordinates(0, "", "[]", ""); // no outline
        Coordinates(0, "/0", "7", "[0]");
        Coordinates(0, "/0", "[]", "[0]");
        Coordinates(0, "/0", "[[0,0],[1,1],[0,0]]", "[0]"); // too short a ring
        Coordinates(0, "/0/4", "[100,201]", "[0]"); // not closed
        Coordinates(0, "/0/1", "null", "[0][1]");
        Coordinates(0, "/0/1", "[5]", "[0][1]");
        Coordinates(0, "/0/1/0", "\"5\"", "[0][1][0]");
        Coordinates(0, "/0/1/1", "1e999", "[0][1][1]");
        Coordinates(0, "/0/1", "[5,6,null]", "[0][1][2]");
        Coordinates(3, "", "5", "");
        Coordinates(3, "/1", "[]", "[1]");
        Coordinates(4, "", "[1]", "");
        Coordinates(4, "/1", "true", "[1]");
        Coordinates(5, "", "[]", "");
        Coordinates(5, "", "[[1,2]]", ""); // a line of one position
        Coordinates(5, "", "\"line\"", "");
        Coordinates(6, "", "1", "");
        Coordinates(6, "/1", "[[2,2]]", "[1]");
        Coordinates(7, "", "null", "");
        Coordinates(7, "/1", "[]", "[1]");
        Coordinates(7, "/1/0/3", "[0,0]", "[1][0]");

        void Coordinates(int feature, string pointer, string? json, string path) =>
            rows.Add("Annotations", $"{Features}/{feature}/geometry/coordinates{pointer}", json, At(feature, "geometry.coordinates") + path);
    }

    static string At(int feature, string path) => $"$.scanResults[0].geojson.features[{feature}].{path}";

    [Theory, MemberData(nameof(Broken))]
    public void A_broken_rule_is_one_problem_at_its_path(string example, string pointer, string? json, string path)
    {
        var changed = Example.Changed(example, pointer, json);
        foreach (var strictness in Enum.GetValues<ResultsStrictness>())
        {
            var problem = Assert.Single(ResultsValidator.Validate(changed, Example.Scans, strictness));
            Assert.Equal(path, problem.Path);
            Assert.NotEmpty(problem.Expected);
            Assert.Equal($"{problem.Path}: found {problem.Found}, expected {problem.Expected}", problem.ToString());
            if (json is null) Assert.Equal("nothing", problem.Found);
        }
    }

    /// <summary>Example, where it is changed, and what to (null removes it): the result stays valid.</summary>
    public static TheoryData<string, string, string?> Harmless => new()
    {
        { "Basic", "/caseResults", null },
        { "Basic", "/caseResults", "null" },
        { "Basic", "/caseResults/triage", "null" },
        { "Basic", "/scanResults", "[]" },
        { "Basic", Scan + "/results", null },
        { "Basic", Scan + "/results", "null" },
        { "Basic", Scan + "/results/summary", null },
        { "Basic", Scan + "/results/external_url", "null" },
        { "Basic", Scan + "/unknown", "[1]" },
        { "Basic", Scan + "/workflow", "null" },
        { "Basic", Scan + "/workflow/key", null },
        { "Basic", Scan + "/workflow/value", "null" },
        { "Basic", Report + "/results", "[]" },
        { "Basic", Report + "/segments/0/result", "null" },
        { "Annotations", Scan + "/qcFailReasons", "null" },
        { "Annotations", Scan + "/geojson", "null" },
        { "Annotations", Features + "/0/bbox", "null" },
        { "Annotations", Features + "/0/geometry/coordinates/0/4", "[1e2,200.0]" },
        { "Annotations", Features + "/4/geometry/coordinates", "[5,6,7]" },
        { "Annotations", Features + "/0/properties/annotation_type", "\"\"" },
        { "TumorCellularity", Report + "/other_segments", null },
        { "TumorCellularity", Report + "/other_segments", "null" },
        { "TumorCellularity", Report + "/threshold_map/usual/distributions", null },
        { "TumorCellularity", Report + "/threshold_map", "{}" },
        { "TumorCellularity", Report + "/threshold_map/usual/counts", "[]" },
        { "AreaDifferential", Report + "/regions/0/region/properties", "null" },
    };

    [Theory, MemberData(nameof(Harmless))]
    public void What_may_be_absent_or_empty_is_no_problem(string example, string pointer, string? json)
    {
        var changed = Example.Changed(example, pointer, json);
        foreach (var strictness in Enum.GetValues<ResultsStrictness>()) Assert.Empty(ResultsValidator.Validate(changed, Example.Scans, strictness));
        Assert.Empty(ResultsValidator.Validate(ResultsJson.Parse(changed), Example.Scans));
    }

    [Fact]
    public void A_scan_that_is_not_the_tasks_is_told_with_those_that_are()
    {
        var problem = Assert.Single(ResultsValidator.Validate(Example.Changed("Basic", Scan + "/scanId", "\"99\""), ["1", "2", "3", "4", "5", "6"]));
        Assert.Equal("$.scanResults[0].scanId: found \"99\", expected one of the task's scans (1, 2, 3, 4, 5, …)", problem.ToString());
    }

    [Fact]
    public void An_unknown_report_is_told_with_the_seven_that_are_known()
    {
        var problem = Assert.Single(ResultsValidator.Validate(Example.Changed("Basic", Report + "/type", "\"Mixed\""), Example.Scans));
        Assert.Equal("$.scanResults[0].workflow.report.type", problem.Path);
        Assert.Equal("\"Mixed\"", problem.Found);
        foreach (var known in Example.Names.Where(name => name != "Annotations")) Assert.Contains(known, problem.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_problem_of_a_result_is_told_at_once()
    {
        var json = """{"caseResults":1,"scanResults":[{"scanId":1,"results":2},{"geojson":{"type":"X"}}]}""";
        Assert.Equal(
            ["$.caseResults", "$.scanResults[0].scanId", "$.scanResults[0].results", "$.scanResults[1].scanId", "$.scanResults[1].geojson.type", "$.scanResults[1].geojson.features"],
            ResultsValidator.Validate(Encoding.UTF8.GetBytes(json), Example.Scans).Select(p => p.Path));
    }
}
