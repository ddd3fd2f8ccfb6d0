using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Inference;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Models that score whole tiles.</summary>
public sealed class TileModelTests : IDisposable
{
    const string Yaml = """
        model: model.onnx
        kind: tiles
        input: { size: 64, mpp: 0.5, tissue: 0, batch: 5 }
        output: { activation: sigmoid }
        labels: [{ name: dark, threshold: 0.5 }]
        report: { counts: true }
        """;

    readonly ModelFolder folder = new();

    // A dark block of 128×192 pixels at (256, 128), on a light slide of 640×480.
    Task<string> BlockAsync() => PaintedSlide.WriteAsync(folder.Files, 640, 480, (x, y) => x is >= 256 and < 384 && y is >= 128 and < 320 ? ((byte)60, (byte)40, (byte)90) : ((byte)200, (byte)180, (byte)220));

    [Fact]
    public async Task Scores_are_those_of_the_tiles()
    {
        var results = await folder.RunAsync(folder.Write(SmallModels.Tiles(), Yaml), await BlockAsync());
        // 2×3 tiles of 10×8; the last row is half beyond the slide.
        Assert.Equal(6, ModelFolder.Value(results, "dark.count"));
        Assert.Equal(6 * 64 * 64 / (640.0 * 480), ModelFolder.Value(results, "dark.share"), 6);
        Assert.Equal(6 * 64 * 64 * 0.25 / 1e6, ModelFolder.Value(results, "dark.area"), 6);
        Assert.Equal(640 * 480 * 0.25 / 1e6, ModelFolder.Value(results, "analysed.area"), 6);
        Assert.Equal(80, ModelFolder.Value(results, "analysed.tiles"));
        var darkness = 1 - (60 + 40 + 90) / 3.0 / 255;
        Assert.Equal(1 / (1 + Math.Exp(-SmallModels.Steepness * (darkness - 0.5))), ModelFolder.Value(results, "dark.max"), 2);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public async Task Layout_order_and_bytes_make_no_difference(bool channelsLast, bool isBgr, bool bytes)
    {
        var slide = await BlockAsync();
        float[] weights = [0.7f, 0.25f, 0.05f];
        var plain = await folder.RunAsync(folder.Write(SmallModels.Tiles(weights: weights), Yaml), slide);
        var input = $"size: 64, layout: {(channelsLast ? "NHWC" : "NCHW")}, channels: {(isBgr ? "BGR" : "RGB")}";
        var other = await folder.RunAsync(folder.Write(SmallModels.Tiles(new(channelsLast, isBgr, Bytes: bytes), weights), Yaml.Replace("size: 64", input)), slide);
        foreach (var name in new[] { "dark.count", "dark.max", "dark.mean" }) Assert.Equal(ModelFolder.Value(plain, name), ModelFolder.Value(other, name), 4);
    }

    [Fact]
    public async Task A_model_may_take_and_give_float16()
    {
        var slide = await BlockAsync();
        var plain = await folder.RunAsync(folder.Write(SmallModels.Tiles(), Yaml), slide);
        var half = await folder.RunAsync(folder.Write(SmallModels.Tiles(new(Half: true)), Yaml), slide);
        Assert.Equal(6, ModelFolder.Value(half, "dark.count"));
        foreach (var name in new[] { "dark.max", "dark.mean" }) Assert.Equal(ModelFolder.Value(plain, name), ModelFolder.Value(half, name), 0.003);
    }

    [Fact]
    public async Task Mean_and_std_are_taken_off_and_divided_by()
    {
        var slide = await BlockAsync();
        // (v − 0.5) / 0.25 of pixels, undone by a model of a quarter of the weights: darkness less a constant.
        var results = await folder.RunAsync(folder.Write(SmallModels.Tiles(weights: [1 / 12f, 1 / 12f, 1 / 12f]), Yaml.Replace("size: 64", "size: 64, scale: 1/255, mean: 0.5, std: [0.25, 0.25, 0.25]")), slide);
        var mean = (60 + 40 + 90) / 3.0 / 255;
        var logit = SmallModels.Steepness * (0.5 - (mean - 0.5) / 0.25 / 4);
        Assert.Equal(1 / (1 + Math.Exp(-logit)), ModelFolder.Value(results, "dark.max"), 3);
    }

    [Fact]
    public async Task A_model_of_a_fixed_batch_gets_blank_tiles_at_the_end()
    {
        var results = await folder.RunAsync(folder.Write(SmallModels.Tiles(new(Batch: 7, Size: 64)), Yaml), await BlockAsync());
        Assert.Equal((6, 80), (ModelFolder.Value(results, "dark.count"), ModelFolder.Value(results, "analysed.tiles")));
    }

    [Fact]
    public async Task Softmax_and_a_background()
    {
        var yaml = Yaml.Replace("sigmoid", "softmax").Replace("labels: [", "labels: [{ name: light, background: true }, ");
        var results = await folder.RunAsync(folder.Write(SmallModels.TwoClasses(), yaml), await BlockAsync());
        Assert.Equal(6, ModelFolder.Value(results, "dark.count"));
        Assert.False(results.ScanResults.Single().Results!.ContainsKey("light.count"));
    }

    [Fact]
    public async Task A_heatmap_has_higher_levels_within_lower_ones()
    {
        var yaml = Yaml.Replace("report: { counts: true }", """
            report:
              heatmap: { label: dark, levels: [{ from: 0.02, color: "#ffee00" }, { from: 0.5, color: "#ff0000" }] }
              polygons: true
            """);
        var slide = await PaintedSlide.WriteAsync(folder.Files, 640, 512, (x, y) => Math.Max(Math.Abs(x - 320), Math.Abs(y - 256)) switch
        {
            < 64 => ((byte)40, (byte)40, (byte)40),
            < 128 => ((byte)150, (byte)150, (byte)150),
            _ => ((byte)250, (byte)250, (byte)250),
        });
        var features = (await folder.RunAsync(folder.Write(SmallModels.Tiles(), yaml), slide)).ScanResults.Single().GeoJson!.Features;
        var heatmap = Assert.Single(features, f => f.Geometry is GeometryCollection);
        var contours = ((GeometryCollection)heatmap.Geometry).Geometries.Cast<Polygon>().ToArray();
        Assert.Equal(["#ffee00", "#ff0000"], heatmap.Properties!["contour_colors"]!.AsArray().Select(c => (string)c!));
        Assert.Equal((192.0, 128.0, 448.0, 384.0), Box(contours[0]));
        Assert.Equal((256.0, 192.0, 384.0, 320.0), Box(contours[1]));
        Assert.Equal(contours[1].Coordinates[0], ((Polygon)Assert.Single(features, f => f.Geometry is Polygon).Geometry).Coordinates[0]);
    }

    [Fact]
    public async Task Settings_change_thresholds_and_nothing_else()
    {
        var yaml = folder.Write(SmallModels.Tiles(), Yaml);
        var slide = await BlockAsync();
        Assert.Equal(0, ModelFolder.Value(await folder.RunAsync(yaml, slide, JsonNode.Parse("""{"thresholds": {"dark": 0.9999}}""")!.AsObject()), "dark.count"));
        Assert.Equal(80, ModelFolder.Value(await folder.RunAsync(yaml, slide, new JsonObject { ["thresholds"] = new JsonObject { ["dark"] = 0 } }), "dark.count"));
        foreach (var (settings, words) in new[]
        {
            ("""{"threshold": 1}""", "'threshold'"), ("""{"thresholds": 1}""", "object"), ("""{"thresholds": {"light": 0.5}}""", "the labels are dark"), ("""{"thresholds": {"dark": "0.5"}}""", "number from 0 to 1"),
        })
            Assert.Contains(words, (await Assert.ThrowsAsync<ClassifierException>(() => folder.RunAsync(yaml, slide, JsonNode.Parse(settings)!.AsObject()))).Message);
    }

    [Fact]
    public async Task Only_tissue_is_looked_at_and_progress_ends_at_one()
    {
        var path = folder.Files.File("tissue.svs");
        await SyntheticTissue.Create(2000, 1500, 6).WriteAsync(path, cancellationToken: TestContext.Current.CancellationToken);
        var told = new Told();
        var results = await folder.RunAsync(folder.Write(SmallModels.Tiles(), Yaml.Replace("tissue: 0", "tissue: 0.3")), path, progress: told);
        Assert.InRange(ModelFolder.Value(results, "analysed.tiles"), 30, 600);
        Assert.Equal(told.Fractions.Order(), told.Fractions);
        Assert.Equal(1, told.Fractions[^1]);
        Assert.True(told.Fractions.Count > 5);
    }

    [Fact]
    public async Task A_slide_without_tissue_is_no_error()
    {
        var yaml = Yaml.Replace("tissue: 0", "tissue: 0.1").Replace("counts: true", "counts: true, summary: true, qc: true");
        var glass = await PaintedSlide.WriteAsync(folder.Files, 600, 400, (_, _) => PaintedSlide.Glass);
        var scan = (await folder.RunAsync(folder.Write(SmallModels.Tiles(), yaml), glass)).ScanResults.Single();
        Assert.Equal("No tissue was found.", (string)scan.Results!["summary"]!);
        Assert.Equal(["no tissue"], scan.QcFailReasons!);
    }

    [Fact]
    public async Task A_slide_that_does_not_say_its_resolution_is_refused_where_one_is_asked_for()
    {
        var path = folder.Files.File("ramp.tif");
        await File.WriteAllBytesAsync(path, RampSlide.Build(), TestContext.Current.CancellationToken);
        var yaml = folder.Write(SmallModels.Tiles(), Yaml);
        Assert.Contains("input.downsample", (await Assert.ThrowsAsync<ClassifierException>(() => folder.RunAsync(yaml, path))).Message);
        var results = await folder.RunAsync(folder.Write(Yaml.Replace("mpp: 0.5", "downsample: 1")), path);
        Assert.Equal(2, ModelFolder.Value(results, "dark.count"));
        Assert.False(results.ScanResults.Single().Results!.ContainsKey("dark.area"));
    }

    [Theory]
    [InlineData(false, "'score' contains NaN (not a number)")]
    [InlineData(true, "The model gave an infinite score")]
    public async Task Numbers_that_are_none_are_refused(bool infinite, string why)
    {
        var yaml = folder.Write(SmallModels.NoNumbers(infinite), Yaml.Replace("sigmoid", "softmax").Replace("labels: [", "labels: [{ name: a }, { name: b }, "));
        var failure = await Assert.ThrowsAsync<ClassifierException>(async () => await folder.RunAsync(yaml, await BlockAsync()));
        Assert.Contains(why, failure.Message);
    }

    [Fact]
    public async Task A_cancelled_run_ends()
    {
        await using var classifier = ModelClassifier.Onnx(folder.Write(SmallModels.Tiles(), Yaml.Replace("batch: 5", "batch: 1")));
        using var stop = new CancellationTokenSource();
        var told = new Told(() => stop.Cancel());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await ModelFolder.RunAsync(classifier, await BlockAsync(), progress: told, cancellation: stop.Token));
        Assert.InRange(told.Fractions.Count, 1, 79);
    }

    [Fact]
    public async Task Several_tasks_and_sessions_at_a_time()
    {
        var slide = await BlockAsync();
        await using var classifier = ModelClassifier.Onnx(folder.Write(SmallModels.Tiles(), Yaml + "\nruntime: { threads: 2, sessions: 2 }"));
        await classifier.WarmUpAsync(TestContext.Current.CancellationToken);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ModelFolder.RunAsync(classifier, slide)));
        Assert.All(all, results => Assert.Equal(6, ModelFolder.Value(results, "dark.count")));
    }

    static (double, double, double, double) Box(Polygon polygon) =>
        (polygon.Coordinates[0].Min(p => p.X), polygon.Coordinates[0].Min(p => p.Y), polygon.Coordinates[0].Max(p => p.X), polygon.Coordinates[0].Max(p => p.Y));

    public void Dispose() => folder.Dispose();

    sealed class Told(Action? then = null) : IProgress<ScanProgress>
    {
        public List<double> Fractions { get; } = [];

        public void Report(ScanProgress value)
        {
            Fractions.Add(value.Fraction);
            then?.Invoke();
        }
    }
}
