using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Results;

/// <summary>The C# of docs/results.md is that of these methods, and does what the page says.</summary>
public sealed class DocumentationTests
{
    static TaskResults Annotations()
    {
        // annotations {
        var results = new ResultsBuilder();
        results.Case.Set("mitoses", 12).Triage("urgent", 0.92);
        results.Scan("4711")
            .Summary("12 mitoses in 2 hot spots")
            .ExternalUrl(new Uri("https://viewer.example.org/scans/4711"))
            .Value("mitoses per mm2", 5.1)
            .Box(x: 10_240, y: 8_192, width: 48, height: 60, "mitosis")
            .Polygon([new(100, 100), new(900, 100), new(900, 700)], "hot_spot")
            .Point(10_264, 8_222, "centre")
            .Heatmap([([new(0, 0), new(512, 0), new(512, 512)], "#ffee00"), ([new(512, 0), new(1024, 0), new(1024, 512)], "#ff0000")], "density")
            .QcPass();
        results.Scan("4712").QcFail("Out of focus");
        return results.Build();
        // }
    }

    static TaskResults Basic()
    {
        var results = new ResultsBuilder();
        // basic {
        var stroma = new Feature { Geometry = Polygon.Box(0, 0, 2048, 1024) }; // inside a report: no annotation type, no bbox
        results.Scan("4711").Workflow("mitosis-finder 2.1", "Example Pathology", ruo: true,
            new BasicReport(
                Results: [new("Mitoses", "12"), new("Finding", "Benign")],
                Segments: [new("Stroma", new FeatureCollection { Features = [stroma] }, "37 %")]),
            key: "Mitoses", value: "12");
        // }
        return results.Build();
    }

    static TaskResults Area()
    {
        var results = new ResultsBuilder();
        // area {
        var region = new ScoredRegion(
            new Feature { Geometry = Polygon.Box(0, 0, 2048, 1024) }, Weight: 1, Score: 34.5,
            Points: [new(X: 120, Y: 88, Score: 0.93, Type: "positive"), new(X: 340, Y: 91, Score: 0.08, Type: "negative")]);
        results.Scan("4711").Workflow("ki67", "Example Pathology", ruo: true,
            new AreaDifferentialReport([region], new Dictionary<string, double> { ["index"] = 34.5 }, PositivityThreshold: 0.5));
        // }
        return results.Build();
    }

    static void Wrong()
    {
        // wrong {
        var results = new ResultsBuilder();
        results.Scan("4711").Value("summary", 5).Heatmap([([new(0, 0), new(9, 0), new(9, 9)], "red")], "density");
        results.Build();
        // }
    }

    [Fact]
    public void The_pages_examples_are_these_methods()
    {
        var (page, source) = (File.ReadAllText(Path.Combine(Repository.Root, "docs", "results.md")), File.ReadAllText(Path.Combine(Repository.Root, "tests", "Slidebridge.Tests", "Results", "DocumentationTests.cs")));
        foreach (var name in new[] { "annotations", "basic", "area", "wrong" })
        {
            var start = source.IndexOf($"// {name} {{\n", StringComparison.Ordinal) + name.Length + 6;
            var lines = source[start..source.IndexOf("        // }", start, StringComparison.Ordinal)].Split('\n').Select(line => line.Length > 8 ? line[8..] : line);
            Assert.Contains($"```csharp\n{string.Join('\n', lines)}```", page, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void The_pages_results_are_valid()
    {
        foreach (var results in new[] { Annotations(), Basic(), Area() }) Assert.Empty(ResultsValidator.Validate(results, Example.Scans));
    }

    [Fact]
    public void The_pages_error_is_what_is_thrown()
    {
        var message = Assert.Throws<InvalidResultsException>(Wrong).Message;
        Assert.Contains(message, File.ReadAllText(Path.Combine(Repository.Root, "docs", "results.md")).Replace("\n", " ", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}
