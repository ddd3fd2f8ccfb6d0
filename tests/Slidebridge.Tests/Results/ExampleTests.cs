using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Tests.Results;

public sealed class ExampleTests
{
    public static TheoryData<string> Names => [.. Example.Names];

    [Fact]
    public void There_is_an_example_of_each_type_of_report_and_one_of_annotations() =>
        Assert.Equal(["AiMitosisCounting", "Annotations", "AreaDifferential", "Basic", "RegionCounting", "SemiQuantitativeDifferential", "TumorCellularity", "WholeSlideDifferential"], Example.Names);

    [Theory, MemberData(nameof(Names))]
    public void It_is_valid_in_both_strictnesses(string name)
    {
        Assert.Empty(ResultsValidator.Validate(Example.Read(name), Example.Scans, ResultsStrictness.Bridge));
        Assert.Empty(ResultsValidator.Validate(Example.Read(name), Example.Scans, ResultsStrictness.Platform));
    }

    [Theory, MemberData(nameof(Names))]
    public void It_is_read_and_written_without_a_difference(string name)
    {
        var results = ResultsJson.Parse(Example.Read(name));
        Assert.Empty(ResultsValidator.Validate(results, Example.Scans));
        var (before, after) = (JsonNode.Parse(Example.Read(name)), JsonNode.Parse(ResultsJson.Serialize(results)));
        Assert.True(JsonNode.DeepEquals(before, after), $"{name} came back as {after}");
    }

    [Fact]
    public void A_report_whose_type_comes_last_is_read()
    {
        var json = """{"scanResults":[{"scanId":"1","workflow":{"model_name":"m","provider":"p","ruo":true,"report":{"points":[],"scores":{},"type":"SemiQuantitativeDifferential"}}}]}"""u8;
        Assert.Empty(ResultsValidator.Validate(json.ToArray(), ["1"]));
        Assert.IsType<Sdk.Results.Reports.SemiQuantitativeDifferentialReport>(ResultsJson.Parse(json).ScanResults[0].Workflow!.Report);
    }

    [Fact]
    public void A_feature_is_written_with_its_standard_members_only()
    {
        var results = new ResultsBuilder();
        results.Scan("1").Box(0, 0, 2, 2, "box").Point(1, 1, "point").Heatmap([([new(0, 0), new(4, 0), new(4, 4)], "#ff0000")], "heat");
        using var json = JsonDocument.Parse(ResultsJson.Serialize(results.Build()));
        foreach (var feature in json.RootElement.GetProperty("scanResults")[0].GetProperty("geojson").GetProperty("features").EnumerateArray())
        {
            Assert.Equal(["type", "geometry", "properties", "bbox"], feature.EnumerateObject().Select(m => m.Name));
            var geometry = feature.GetProperty("geometry");
            var collection = geometry.GetProperty("type").ValueEquals("GeometryCollection");
            Assert.Equal(["type", collection ? "geometries" : "coordinates"], geometry.EnumerateObject().Select(m => m.Name));
        }
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"scanResults":[{"scanId":"\ud800"}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","results":{"\ud800":1}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","results":{"a":1,"a":2}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","geojson":{"features":[{"geometry":{}}]}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","geojson":{"features":[{"geometry":{"type":"Circle"}}]}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","workflow":{"report":{"type":"Mixed"}}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","geojson":{"features":[{"geometry":{"type":"Point","coordinates":[1]}}]}}]}""")]
    [InlineData("""{"scanResults":[{"scanId":"1","geojson":{"features":[{"geometry":{"type":"Point","coordinates":7}}]}}]}""")]
    public void What_is_not_of_this_shape_is_a_json_exception(string json) =>
        Assert.ThrowsAny<JsonException>(() => ResultsJson.Parse(System.Text.Encoding.UTF8.GetBytes(json)));
}
