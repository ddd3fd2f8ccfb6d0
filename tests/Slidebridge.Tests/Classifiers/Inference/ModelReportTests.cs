using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Each of the platform's reports, as far as a kind of model can fill it; all are held against the platform's rules.</summary>
public sealed class ModelReportTests : IDisposable
{
    const string Head = """
        model: model.onnx
        name: nuclei 1.2
        provider: Example
        labels: [{ name: nucleus, threshold: 0.5 }]
        input: { size: 96, mpp: 0.5, overlap: 24, tissue: 0.01 }
        """;

    const string Detection = Head + "\nkind: detection\noutput: { format: cxcywh }\n", Segmentation = Head + "\nkind: segmentation\noutput: { activation: sigmoid }\n",
        Tiles = Head + "\nkind: tiles\noutput: { activation: sigmoid }\n";

    readonly ModelFolder folder = new();

    // Two pieces of tissue, with 6 nuclei in one and 2 in the other.
    async Task<TaskResults> RunAsync(string yaml)
    {
        (int X, int Y)[] nuclei = [(80, 80), (120, 80), (160, 80), (80, 140), (120, 140), (160, 140), (420, 200), (460, 240)];
        var slide = await PaintedSlide.WriteAsync(folder.Files, 640, 400, (x, y) =>
            nuclei.Any(n => (n.X - x) * (n.X - x) + (n.Y - y) * (n.Y - y) < 25) ? ((byte)50, (byte)20, (byte)90)
            : x is > 40 and < 240 && y is > 40 and < 220 || x is > 360 and < 540 && y is > 150 and < 330 ? PaintedSlide.Eosin : PaintedSlide.Glass, new() { Quality = 95 });
        var model = yaml.StartsWith(Detection, StringComparison.Ordinal) ? SmallModels.Detection(96) : yaml.StartsWith(Segmentation, StringComparison.Ordinal) ? SmallModels.Segmentation() : SmallModels.Tiles();
        return await folder.RunAsync(folder.Write(model, yaml), slide);
    }

    async Task<T> ReportAsync<T>(string yaml, string workflow) where T : Report
    {
        var found = (await RunAsync($"{yaml}report:\n  workflow: {workflow}")).ScanResults.Single().Workflow!;
        Assert.Equal(("nuclei 1.2", "Example", true), (found.ModelName, found.Provider, found.Ruo));
        return Assert.IsType<T>(found.Report);
    }

    [Theory]
    [InlineData("RegionCounting")]
    [InlineData("AiMitosisCounting")]
    public async Task Counting_of_boxes_and_of_segmented_regions(string type)
    {
        foreach (var yaml in new[] { Detection, Segmentation })
        {
            var (objects, regions) = type == "RegionCounting"
                ? await ReportAsync<RegionCountingReport>(yaml, $"{{ type: {type} }}") is var r ? (r.Objects, r.Regions) : default
                : await ReportAsync<AiMitosisCountingReport>(yaml, $"{{ type: {type} }}") is var m ? (m.Objects, m.Regions) : default;
            Assert.Equal((8, 2), (objects.Count, regions.Count));
            Assert.Single(objects, o => Math.Abs(o.X + o.Width / 2 - 120) < 2 && Math.Abs(o.Y + o.Height / 2 - 140) < 2);
        }
    }

    [Fact]
    public async Task Basic_of_every_kind()
    {
        var boxes = await ReportAsync<BasicReport>(Detection, "{ type: Basic }");
        Assert.Contains(new NamedResult("nucleus: count", "8"), boxes.Results);
        Assert.Equal(8, Assert.Single(boxes.Segments).FeatureCollection.Features.Count);
        var regions = await ReportAsync<BasicReport>(Segmentation, "{ type: Basic }");
        Assert.Equal(8, Assert.Single(regions.Segments).FeatureCollection.Features.Count(f => f.Geometry is Polygon));
        var tiles = await ReportAsync<BasicReport>(Tiles.Replace("threshold: 0.5", "threshold: 0"), "{ type: Basic }");
        Assert.Contains(new NamedResult("nucleus: share", "100.0 %"), tiles.Results);
    }

    [Fact]
    public async Task Differentials_of_scored_things()
    {
        var whole = await ReportAsync<WholeSlideDifferentialReport>(Detection, "{ type: WholeSlideDifferential, threshold: 0.4 }");
        Assert.Equal((8, 8.0, 100.0, 0.4), (whole.Points.Count, whole.Scores["nucleus"], whole.Scores["positive %"], whole.PositivityThreshold));
        var none = await ReportAsync<WholeSlideDifferentialReport>(Detection, "{ type: WholeSlideDifferential, threshold: 1 }");
        Assert.Equal(0, none.Scores["positive %"]);
        var areas = await ReportAsync<AreaDifferentialReport>(Detection, "{ type: AreaDifferential }");
        Assert.Equal([2, 6], areas.Regions.Select(r => r.Points.Count).Order());
        Assert.Equal(1, areas.Regions.Sum(r => r.Weight), 3);
        Assert.Equal(8, (await ReportAsync<SemiQuantitativeDifferentialReport>(Detection, "{ type: SemiQuantitativeDifferential }")).Points.Count);
        var tiles = await ReportAsync<WholeSlideDifferentialReport>(Tiles, "{ type: WholeSlideDifferential }");
        Assert.Equal(tiles.Scores["total"], tiles.Points.Count);
        Assert.InRange(tiles.Points.Count, 8, 60);
    }

    [Fact]
    public async Task Tumour_cellularity_of_counted_cells_at_several_thresholds()
    {
        var report = await ReportAsync<TumorCellularityReport>(Detection, "{ type: TumorCellularity, positive: [nucleus], thresholds: [0.5, 1] }");
        Assert.Equal((1.0, 8.0), (report.ThresholdMap["0.5"].TumorCellularity, report.ThresholdMap["0.5"].Counts.Single().Count));
        Assert.Equal((0.0, 0.0), (report.ThresholdMap["1"].TumorCellularity, report.ThresholdMap["1"].Counts.Single().Count));
        Assert.Equal(8, (await ReportAsync<TumorCellularityReport>(Segmentation, "{ type: TumorCellularity, positive: [nucleus] }")).ThresholdMap["0.5"].Counts.Single().Count);
    }

    [Theory]
    [InlineData("Tiles", "RegionCounting")]
    [InlineData("Tiles", "TumorCellularity, positive: [nucleus]")]
    [InlineData("Segmentation", "WholeSlideDifferential")]
    public async Task A_report_that_a_kind_cannot_honestly_fill_is_refused(string kind, string type)
    {
        var yaml = kind == "Tiles" ? Tiles : Segmentation;
        var failure = await Assert.ThrowsAsync<Slidebridge.Classifiers.Inference.Description.ModelFileException>(() => RunAsync($"{yaml}report:\n  workflow: {{ type: {type} }}"));
        Assert.Contains("the kind must be detection", failure.Message);
    }

    [Fact]
    public async Task Summaries_headlines_and_triage_tell_measures()
    {
        const string Report = """
            report:
              summary: "{nucleus.count:0} nuclei, {nucleus.density:0} per mm²"
              workflow: { type: Basic, key: Nuclei, value: "{nucleus.count}" }
              triage:
                - { measure: nucleus.count, from: 100, category: urgent, score: 1 }
                - { measure: nucleus.count, from: 5, category: soon }
                - { category: routine, score: 0 }
            """;
        var results = await RunAsync(Detection + Report);
        Assert.StartsWith("8 nuclei, ", (string)results.ScanResults.Single().Results!["summary"]!);
        Assert.Equal(("Nuclei", "8"), (results.ScanResults.Single().Workflow!.Key, results.ScanResults.Single().Workflow!.Value));
        Assert.Equal(("soon", 8.0), ((string)results.CaseResults!["triage"]!["category"]!, (double)results.CaseResults["triage"]!["score"]!));
        var fewer = await RunAsync(Detection + Report.Replace("from: 5", "from: 50").Replace("\"{nucleus.count:0} nuclei, {nucleus.density:0} per mm²\"", "true"));
        Assert.Equal("routine", (string)fewer.CaseResults!["triage"]!["category"]!);
        Assert.Equal("8 nucleus", (string)fewer.ScanResults.Single().Results!["summary"]!);
    }

    public void Dispose() => folder.Dispose();
}
