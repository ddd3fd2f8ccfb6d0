using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Tests.Results;

public sealed class BuilderTests
{
    static JsonNode Built(Action<ScanResultBuilder> make)
    {
        var results = new ResultsBuilder();
        make(results.Scan("4711"));
        return JsonNode.Parse(ResultsJson.Serialize(results.Build()))!["scanResults"]![0]!;
    }

    static void AssertJson(string expected, JsonNode? actual) => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), actual), $"This was built: {actual}");

    [Fact]
    public void A_box_is_a_closed_ring_with_its_bbox() => AssertJson("""
        {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[10,20],[40,20],[40,60],[10,60],[10,20]]]},
         "properties":{"score":0.5,"annotation_type":"mitosis"},"bbox":[10,20,40,60]}
        """, Built(scan => scan.Box(10, 20, 30, 40, "mitosis", new JsonObject { ["score"] = 0.5 }))["geojson"]!["features"]![0]);

    [Fact]
    public void A_box_may_end_beyond_the_largest_int() =>
        AssertJson("[2147483647,0,4294967294,1]", Built(scan => scan.Box(int.MaxValue, 0, int.MaxValue, 1, "wide"))["geojson"]!["features"]![0]!["bbox"]);

    [Fact]
    public void A_box_has_no_negative_size()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResultsBuilder().Scan("1").Box(0, 0, -1, 5, "box"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ResultsBuilder().Scan("1").Box(0, 0, 5, -1, "box"));
    }

    [Fact]
    public void A_polygons_open_rings_are_closed_and_its_closed_ones_left() => AssertJson("""
        {"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[0,0],[9,0],[9,9],[0,0]],[[5,2],[6,2],[6,3],[5,2]]]},
         "properties":{"annotation_type":"gland"},"bbox":[0,0,9,9]}
        """, Built(scan => scan.Polygon([new(0, 0), new(9, 0), new(9, 9)], "gland", holes: [[new(5, 2), new(6, 2), new(6, 3), new(5, 2)]]))["geojson"]!["features"]![0]);

    [Fact]
    public void A_heatmap_is_polygons_with_a_colour_each_and_a_box_around_all() => AssertJson("""
        {"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[
           {"type":"Polygon","coordinates":[[[0,0],[8,0],[8,8],[0,0]]]},
           {"type":"Polygon","coordinates":[[[10,10],[18,10],[18,12.5],[10,10]]]}]},
         "properties":{"contour_colors":["#00ff00","#FF0000"],"annotation_type":"density"},"bbox":[0,0,18,12.5]}
        """, Built(scan => scan.Heatmap([([new(0, 0), new(8, 0), new(8, 8)], "#00ff00"), ([new(10, 10), new(18, 10), new(18, 12.5)], "#FF0000")], "density"))["geojson"]!["features"]![0]);

    [Fact]
    public void A_point_has_a_box_of_no_size() => AssertJson("""
        {"type":"Feature","geometry":{"type":"Point","coordinates":[3.5,-4]},"properties":{"annotation_type":"peak"},"bbox":[3.5,-4,3.5,-4]}
        """, Built(scan => scan.Point(3.5, -4, "peak"))["geojson"]!["features"]![0]);

    [Fact]
    public void A_shape_without_a_position_is_no_annotation()
    {
        Assert.Throws<ArgumentException>(() => new ResultsBuilder().Scan("1").Polygon([], "nothing"));
        Assert.Throws<ArgumentException>(() => new ResultsBuilder().Scan("1").Heatmap([], "nothing"));
    }

    [Fact]
    public void Quality_control_is_untouched_passed_or_failed()
    {
        AssertJson("""{"scanId":"4711"}""", Built(_ => { }));
        AssertJson("[]", Built(scan => scan.QcPass())["qcFailReasons"]);
        AssertJson("""["Out of focus","a fold"]""", Built(scan => scan.QcFail("Out of focus").QcFail("a fold"))["qcFailReasons"]);
        AssertJson("[]", Built(scan => scan.QcFail("Out of focus").QcPass())["qcFailReasons"]);
    }

    [Fact]
    public void Values_are_free_and_copied()
    {
        var shared = new JsonArray(1, 2);
        var results = new ResultsBuilder();
        results.Scan("1").Value("counts", shared).Value("none", null);
        results.Scan("2").Value("counts", shared);
        results.Case.Set("counts", shared);
        shared.Add(3);
        AssertJson("""{"caseResults":{"counts":[1,2]},"scanResults":[{"scanId":"1","results":{"counts":[1,2],"none":null}},{"scanId":"2","results":{"counts":[1,2]}}]}""",
            JsonNode.Parse(ResultsJson.Serialize(results.Build())));
    }

    [Fact]
    public void A_link_stays_escaped() =>
        Assert.Equal("https://viewer.example.org/a%20b?q=%C3%A9", (string?)Built(scan => scan.ExternalUrl(new Uri("https://viewer.example.org/a%20b?q=%C3%A9")))["results"]!["external_url"]);

    [Fact]
    public void A_link_is_absolute() =>
        Assert.Throws<InvalidOperationException>(() => new ResultsBuilder().Scan("1").ExternalUrl(new Uri("scans/1", UriKind.Relative)));

    [Fact]
    public void The_case_has_its_triage_and_its_values()
    {
        var results = new ResultsBuilder();
        results.Case.Set("mitoses", 12).Triage("urgent", 0.92);
        AssertJson("""{"caseResults":{"mitoses":12,"triage":{"category":"urgent","score":0.92}},"scanResults":[]}""", JsonNode.Parse(ResultsJson.Serialize(results.Build())));
    }

    [Fact]
    public void A_workflow_has_its_headline() => AssertJson("""
        {"model_name":"lens","provider":"us","ruo":true,"key":"Grade","value":"2","report":{"type":"Basic","results":[{"name":"Grade","result":"2"}],"segments":[]}}
        """, Built(scan => scan.Workflow("lens", "us", ruo: true, new BasicReport([new("Grade", "2")], []), key: "Grade", value: "2"))["workflow"]);

    [Fact]
    public void A_scan_is_the_same_each_time_and_results_keep_its_order()
    {
        var results = new ResultsBuilder();
        results.Scan("2").Summary("second");
        results.Scan("1");
        Assert.Same(results.Scan("2"), results.Scan("2"));
        Assert.Equal(["2", "1"], results.Build().ScanResults.Select(scan => scan.ScanId));
    }

    [Fact]
    public void What_was_built_changes_no_more()
    {
        var results = new ResultsBuilder();
        results.Scan("1").Value("a", 1).Point(1, 2, "a").QcFail("a");
        var built = results.Build();
        results.Scan("1").Value("a", 2).Point(3, 4, "b").QcFail("b");
        Assert.Equal(1, (int?)built.ScanResults[0].Results!["a"]);
        Assert.Single(built.ScanResults[0].GeoJson!.Features);
        Assert.Single(built.ScanResults[0].QcFailReasons!);
    }

    public static TheoryData<string, Action<ResultsBuilder>> Wrong => new()
    {
        { "$.scanResults[0].scanId", results => results.Scan("scan-1") },
        { "$.scanResults[1].geojson.features[0].geometry.coordinates[0]", results => { results.Scan("1"); results.Scan("2").Polygon([new(0, 0), new(1, 1)], "line"); } },
        { "$.scanResults[0].geojson.features[1].properties.contour_colors[0]", results => results.Scan("1").Point(1, 1, "a").Heatmap([([new(0, 0), new(1, 0), new(1, 1)], "red")], "b") },
        { "$.scanResults[0].geojson.features[0].geometry.coordinates[0]", results => results.Scan("1").Point(double.NaN, 1, "a") },
        { "$.scanResults[0].results.summary", results => results.Scan("1").Value("summary", 5) },
        { "$.scanResults[0].results.external_url", results => results.Scan("1").Value("external_url", 5) },
        { "$.caseResults.triage.score", results => results.Case.Set("triage", new JsonObject { ["category"] = "urgent" }) },
        { "$.caseResults.triage.score", results => results.Case.Triage("urgent", double.NaN) },
        { "$.scanResults[0].workflow.report.scores.index", results => results.Scan("1").Workflow("m", "p", true, new WholeSlideDifferentialReport([], new Dictionary<string, double> { ["index"] = double.NaN }, 0.5)) },
        { "$.scanResults[0].workflow.report.regions[0].region.geometry.type", results => results.Scan("1").Workflow("m", "p", true, new AreaDifferentialReport([new(new Feature { Geometry = new Point(new(1, 2)) }, 1, 1, [])], new Dictionary<string, double>(), 0.5)) },
    };

    [Theory, MemberData(nameof(Wrong))]
    public void Build_names_the_path_of_what_is_wrong(string path, Action<ResultsBuilder> make)
    {
        var results = new ResultsBuilder();
        make(results);
        var thrown = Assert.Throws<InvalidResultsException>(results.Build);
        Assert.Contains(path, thrown.Problems.Select(p => p.Path));
        Assert.Contains(path, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Build_tells_five_problems_and_how_many_more()
    {
        var results = new ResultsBuilder();
        for (var i = 0; i < 8; i++) results.Scan($"scan {i}");
        var thrown = Assert.Throws<InvalidResultsException>(results.Build);
        Assert.Equal(8, thrown.Problems.Count);
        Assert.EndsWith("; and 3 more.", thrown.Message, StringComparison.Ordinal);
    }
}
