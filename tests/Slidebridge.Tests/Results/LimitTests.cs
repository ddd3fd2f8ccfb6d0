using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

/// <summary>What is no JSON, or too much of it.</summary>
public sealed class LimitTests
{
    static IReadOnlyList<ResultsProblem> Validate(string json, ResultsStrictness strictness = ResultsStrictness.Bridge) =>
        ResultsValidator.Validate(Encoding.UTF8.GetBytes(json), Example.Scans, strictness);

    [Theory]
    [InlineData("", "line 1, byte 1")]
    [InlineData("{", "line 1, byte 2")]
    [InlineData("{}\n {}", "line 2, byte 2")]
    [InlineData("{\"scanResults\": NaN}", "line 1, byte 17")]
    public void What_is_no_json_is_told_by_line_and_byte(string json, string place)
    {
        var problem = Assert.Single(Validate(json));
        Assert.Equal("$", problem.Path);
        Assert.Equal("invalid JSON at " + place, problem.Found);
        Assert.StartsWith("JSON", problem.Expected, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixty_four_levels_are_taken_and_no_more()
    {
        // The body, its list, the scan and its values are four.
        Assert.Empty(Validate(Nested(60)));
        Assert.Contains("64 levels", Assert.Single(Validate(Nested(61))).Expected, StringComparison.Ordinal);
        Assert.Contains("64 levels", Assert.Single(Validate(Nested(61), ResultsStrictness.Platform)).Expected, StringComparison.Ordinal);

        static string Nested(int levels) => """{"scanResults":[{"scanId":"4711","results":{"deep":""" + new string('[', levels) + new string(']', levels) + "}}]}";
    }

    [Fact]
    public void A_free_value_too_deep_is_a_problem_of_the_model_too()
    {
        JsonNode deep = new JsonArray();
        for (var i = 0; i < 70; i++) deep = new JsonArray(deep);
        var results = new TaskResults { ScanResults = [new ScanResult { ScanId = "4711", Results = new JsonObject { ["deep"] = deep } }] };
        var problem = Assert.Single(ResultsValidator.Validate(results, Example.Scans));
        Assert.Equal(("$", "Unicode text, at most 64 levels deep"), (problem.Path, problem.Expected));
    }

    [Fact]
    public void A_hundred_problems_are_told_and_no_more()
    {
        Assert.Equal(99, Validate($$"""{"scanResults":[{{string.Join(",", Enumerable.Repeat("5", 99))}}]}""").Count);
        Assert.Equal(100, Validate($$"""{"scanResults":[{{string.Join(",", Enumerable.Repeat("5", 5000))}}]}""").Count);
        var scores = string.Join(",", Enumerable.Range(0, 5000).Select(i => $"\"s{i}\":null"));
        Assert.Equal(100, ResultsValidator.Validate(Example.Changed("WholeSlideDifferential", "/scanResults/0/workflow/report/scores", $"{{{scores}}}"), Example.Scans).Count);
    }

    [Theory]
    [InlineData("""{"type":"x","properties":{"annotation_type":"a"},"geometry":{"type":"Polygon","coordinates":[]},"bbox":["a","b","c","d"]}""")]
    [InlineData("""{"type":"x","properties":7,"geometry":{"type":"Polygon","coordinates":[7,[[1,"2"]]]},"bbox":[4,3,2,1]}""")]
    [InlineData("""{"type":"x","properties":{"contour_colors":[1]},"geometry":{"type":"GeometryCollection","geometries":[{"type":"Point"}]}}""")]
    public void The_hundredth_problem_may_be_anywhere(string feature)
    {
        for (var others = 94; others <= 100; others++)
        {
            var json = $$$"""{"scanResults":[{{{string.Join(",", Enumerable.Repeat("5", others))}}},{"scanId":"4711","geojson":{"type":"FeatureCollection","features":[{{{feature}}},1,2,3,4,5,6]}}]}""";
            Assert.Equal(100, Validate(json).Count);
        }
    }

    [Fact]
    public void A_huge_text_is_shortened()
    {
        var problem = Assert.Single(Validate($$"""{"scanResults":[{"scanId":"{{new string('9', 1_000_000)}}"}]}"""));
        Assert.Equal($"\"{new string('9', 40)}…\"", problem.Found);
        problem = Assert.Single(Validate($$"""{"scanResults":[{"scanId":{{new string('9', 300)}} }]}"""));
        Assert.Equal(new string('9', 40) + "…", problem.Found);
        problem = Assert.Single(ResultsValidator.Validate(Example.Changed("WholeSlideDifferential", $"/scanResults/0/workflow/report/scores/{new string('n', 1000)}", "null"), Example.Scans));
        Assert.Equal($"$.scanResults[0].workflow.report.scores['{new string('n', 40)}…']", problem.Path);
    }

    [Fact]
    public void A_text_that_is_told_breaks_no_line()
    {
        var problem = Assert.Single(Validate("""{"scanResults":[{"scanId":"1\n2 \"é\" \u0007"}]}"""));
        Assert.Equal("""
            "1\n2 \"é\" \u0007"
            """, problem.Found);
    }

    [Fact]
    public void Text_that_is_no_unicode_is_refused_where_it_is()
    {
        Assert.Equal("$.scanResults[0].scanId: found text that is not Unicode, expected a scan's id: a string of digits", Assert.Single(Validate("""{"scanResults":[{"scanId":"\ud800"}]}""")).ToString());
        byte[] noUtf8 = [.. """{"scanResults":[{"scanId":"4711","results":{"summary":"a"""u8, 0xff, .. "\"}}]}"u8];
        Assert.Equal("$.scanResults[0].results.summary", Assert.Single(ResultsValidator.Validate(noUtf8, Example.Scans)).Path);
        var name = """{"scanResults":[{"scanId":"4711","workflow":{"model_name":"m","provider":"p","ruo":true,"report":{"type":"SemiQuantitativeDifferential","points":[],"scores":{"\udc00":1}}}}]}""";
        Assert.Equal("$.scanResults[0].workflow.report.scores", Assert.Single(Validate(name, ResultsStrictness.Platform)).Path);
        Assert.Equal("$", Assert.Single(Validate(name)).Path);
    }

    [Theory]
    [InlineData("Basic", "/caseResults/blocks", "$.caseResults.blocks")]
    [InlineData("Basic", "/scanResults/0/results/cells", "$.scanResults[0].results.cells")]
    [InlineData("Annotations", "/scanResults/0/geojson/features/0/properties/reader", "$.scanResults[0].geojson.features[0].properties.reader")]
    [InlineData("AreaDifferential", "/scanResults/0/workflow/report/regions/0/region/properties/note", "$.scanResults[0].workflow.report.regions[0].region.properties.note")]
    public void A_free_text_that_is_no_unicode_is_not_posted(string example, string pointer, string path)
    {
        var changed = Example.Changed(example, pointer, """[1,{"a":"\ud800"}]""");
        Assert.Equal(path + "[1].a", Assert.Single(ResultsValidator.Validate(changed, Example.Scans)).Path);
        Assert.Empty(ResultsValidator.Validate(changed, Example.Scans, ResultsStrictness.Platform));
        Assert.Equal("a free value that cannot be written", Assert.Single(ResultsValidator.Validate(ResultsJson.Parse(changed), Example.Scans)).Found);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    public void A_number_of_the_model_that_is_not_finite_is_told_by_its_path(double number)
    {
        Assert.Equal(["$.scanResults[0].workflow.report.scores.index"], Paths(With(new SemiQuantitativeDifferentialReport([], new Dictionary<string, double> { ["index"] = number }))));
        Assert.Equal(["$.scanResults[0].workflow.report.points[1].y"], Paths(With(new SemiQuantitativeDifferentialReport([new(1, 2, 3, "a"), new(1, number, 3, "a")], new Dictionary<string, double>()))));
        Assert.Equal(["$.scanResults[0].geojson.features[0].geometry.coordinates[0]"], Paths(new ScanResult
        {
            ScanId = "4711",
            GeoJson = new FeatureCollection { Features = [Feature.Of(new Point(new Position(3, 4)), "a") with { Geometry = new Point(new Position(number, 4)) }] },
        }));
        Assert.Equal(["$"], Paths(new ScanResult { ScanId = "4711", Results = new JsonObject { ["free"] = number } }));

        static ScanResult With(Report report) => new() { ScanId = "4711", Workflow = new Workflow("m", "p", Ruo: true, report) };
        static IEnumerable<string> Paths(ScanResult scan) => ResultsValidator.Validate(new TaskResults { ScanResults = [scan] }, Example.Scans).Select(p => p.Path);
    }
}
