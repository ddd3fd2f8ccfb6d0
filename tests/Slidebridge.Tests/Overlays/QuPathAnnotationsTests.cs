using System.Text.Json.Nodes;
using Slidebridge.Overlays;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Tests.Overlays;

public sealed class QuPathAnnotationsTests
{
    static readonly Feature Region = new() { Geometry = Polygon.Box(0, 0, 50, 40) };

    [Fact]
    public async Task An_annotation_is_one_of_its_class_and_each_polygon_of_a_heatmap_has_its_own_colour()
    {
        var builder = new ResultsBuilder();
        builder.Scan("1").Box(1, 2, 30, 40, "tumor").Box(5, 6, 7, 8, "tumor").Point(3, 4, "seed")
            .Heatmap([([new(0, 0), new(9, 0), new(9, 9)], "#ffee00"), ([new(9, 0), new(18, 0), new(18, 9)], "#ff0000")], "density");
        var features = await WriteAsync(builder);

        Assert.Equal(["tumor", "tumor", "seed", "density", "density"], features.Select(f => (string?)f["properties"]!["classification"]!["name"]));
        Assert.All(features, f => Assert.Equal("annotation", (string?)f["properties"]!["objectType"]));
        Assert.Equal("[[[1,2],[31,2],[31,42],[1,42],[1,2]]]", features[0]["geometry"]!["coordinates"]!.ToJsonString());
        Assert.Equal(features[0]["properties"]!["classification"]!.ToJsonString(), features[1]["properties"]!["classification"]!.ToJsonString());
        Assert.NotEqual(features[0]["properties"]!["classification"]!["color"]!.ToJsonString(), features[2]["properties"]!["classification"]!["color"]!.ToJsonString());
        Assert.Equal(["[255,238,0]", "[255,0,0]"], features.Skip(3).Select(f => f["properties"]!["color"]!.ToJsonString()));
        Assert.All(features.Skip(3), f => Assert.Equal("Polygon", (string?)f["geometry"]!["type"]));
    }

    public static TheoryData<string, Report, string> Reports => new()
    {
        { "Basic", new BasicReport([], [new Segment("Stroma", new FeatureCollection { Features = [Region] })]), "annotation Stroma" },
        { "WholeSlideDifferential", new WholeSlideDifferentialReport([new(1, 2, 0.9, "positive")], new Dictionary<string, double>(), 0.5), "detection positive 0.9" },
        { "AreaDifferential", new AreaDifferentialReport([new(Region, 1, 34.5, [new(1, 2, 0.25, "negative")])], new Dictionary<string, double>(), 0.5), "annotation region 34.5, detection negative 0.25" },
        { "SemiQuantitativeDifferential", new SemiQuantitativeDifferentialReport([new(1, 2, 2, "cell")], new Dictionary<string, double>()), "detection cell 2" },
        { "RegionCounting", new RegionCountingReport([new(1, 2, 3, 4)], [Region]), "annotation region, detection object" },
        { "AiMitosisCounting", new AiMitosisCountingReport([new(1, 2, 3, 4)], [Region]), "annotation region, detection mitosis" },
        { "TumorCellularity", new TumorCellularityReport(new Dictionary<string, CellularityAtThreshold> { ["high"] = new(0.4, [], Region, 12) }), "annotation high" },
    };

    [Theory]
    [MemberData(nameof(Reports), DisableDiscoveryEnumeration = true)]
    public async Task What_a_report_counts_is_a_detection_with_its_score_and_its_areas_are_annotations(string type, Report report, string expected)
    {
        var builder = new ResultsBuilder();
        builder.Scan("1").Workflow(type, "Example", ruo: true, report);
        var features = await WriteAsync(builder);
        Assert.Equal(expected, string.Join(", ", features.Select(f => $"{f["properties"]!["objectType"]} {f["properties"]!["classification"]!["name"]} {f["properties"]!["measurements"]?["score"]}".TrimEnd())));
    }

    static async Task<JsonNode[]> WriteAsync(ResultsBuilder builder)
    {
        using var output = new MemoryStream();
        await QuPathAnnotations.WriteAsync(output, builder.Build().ScanResults.Single().Shapes(), TestContext.Current.CancellationToken);
        var collection = JsonNode.Parse(output.ToArray())!;
        Assert.Equal("FeatureCollection", (string?)collection["type"]);
        return [.. collection["features"]!.AsArray().Select(f => f!)];
    }
}
