using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Models that find boxes: every thing once, wherever the borders of tiles are.</summary>
public sealed class DetectionModelTests : IDisposable
{
    const string Yaml = """
        model: model.onnx
        kind: detection
        input: { size: 96, mpp: 0.5, overlap: 32, tissue: 0, batch: 4 }
        output: { name: found, format: cxcywh }
        labels: [{ name: nucleus, threshold: 0.55 }]
        report: { counts: true, boxes: true }
        """;

    readonly ModelFolder folder = new();
    readonly List<(double X, double Y)> nuclei = [];

    /// <summary>Dark discs of radius 4 at random places, none nearer than 14 pixels to another, also on the borders of tiles.</summary>
    async Task<string> NucleiAsync(int width = 700, int height = 560)
    {
        var random = new Random(5);
        for (var tries = 0; tries < 40_000 && nuclei.Count < 900; tries++)
        {
            var (x, y) = (6 + random.NextDouble() * (width - 12), 6 + random.NextDouble() * (height - 12));
            if (nuclei.TrueForAll(n => Square(n.X - x) + Square(n.Y - y) >= 14 * 14)) nuclei.Add((x, y));
        }
        var pixels = new bool[width, height];
        foreach (var (cx, cy) in nuclei)
            for (var y = (int)cy - 5; y <= cy + 5; y++)
                for (var x = (int)cx - 5; x <= cx + 5; x++)
                    if (Square(x + 0.5 - cx) + Square(y + 0.5 - cy) < 16) pixels[x, y] = true;
        return await PaintedSlide.WriteAsync(folder.Files, width, height, (x, y) => pixels[x, y] ? ((byte)50, (byte)30, (byte)80) : ((byte)225, (byte)150, (byte)190), new() { Quality = 97 });
    }

    [Theory]
    [InlineData("size: 96", "overlap: 32")]
    [InlineData("size: 64", "overlap: 32")]
    [InlineData("size: 128", "overlap: 24")]
    [InlineData("size: 768", "overlap: 0")]
    public async Task Every_thing_is_found_once_whatever_the_tiles(string size, string overlap)
    {
        var slide = await NucleiAsync();
        var edge = int.Parse(size[6..]);
        var yaml = Yaml.Replace("size: 96", size).Replace("overlap: 32", overlap);
        // A single tile has room for fewer than there are.
        if (edge > 700) yaml = yaml.Replace("size: 768", "size: 256").Replace("overlap: 0", "overlap: 64");
        var results = await folder.RunAsync(folder.Write(SmallModels.Detection(edge > 700 ? 256 : edge), yaml), slide);
        AssertFound(results);
    }

    [Fact]
    public async Task What_a_model_says_to_be_larger_than_it_can_see_is_passed_over()
    {
        var results = await folder.RunAsync(folder.Write(SmallModels.Detection(96, size: 1000), Yaml), await NucleiAsync(200, 160));
        Assert.Equal(0, ModelFolder.Value(results, "nucleus.count"));
    }

    [Theory]
    [InlineData("transposed", "{ name: found, format: cxcywh }")]
    [InlineData("apart", "{ boxes: boxes, scores: scores, classes: classes, format: cxcywh }")]
    [InlineData("apart", "{ boxes: boxes, scores: scores, format: cxcywh, nms: 0.8 }")]
    public async Task However_the_outputs_hold_the_boxes(string form, string output)
    {
        var slide = await NucleiAsync();
        var yaml = Yaml.Replace("{ name: found, format: cxcywh }", output);
        AssertFound(await folder.RunAsync(folder.Write(SmallModels.Detection(96, form == "transposed", form == "apart"), yaml), slide));
    }

    [Theory]
    [InlineData(false, "{ name: found, format: cxcywh }")]
    [InlineData(true, "{ boxes: boxes, scores: scores, classes: classes, format: cxcywh }")]
    public async Task Boxes_that_fill_up_a_tile_may_have_a_score_of_minus_infinity(bool apart, string output)
    {
        var slide = await NucleiAsync();
        AssertFound(await folder.RunAsync(folder.Write(SmallModels.Detection(96, apart: apart, filledUp: true), Yaml.Replace("{ name: found, format: cxcywh }", output)), slide));
    }

    [Fact]
    public async Task Things_on_the_borders_of_what_is_read_are_not_lost()
    {
        // Nuclei at the very borders of tiles' middle parts, and half of the tiles not read.
        var slide = await NucleiAsync();
        var all = await folder.RunAsync(folder.Write(SmallModels.Detection(96), Yaml), slide);
        var heatmap = await folder.RunAsync(folder.Write(SmallModels.Detection(96), Yaml.Replace("boxes: true", "boxes: true, points: true, heatmap: { label: nucleus, levels: [{ from: 100, color: \"#00ff00\" }] }")), slide);
        Assert.Equal(ModelFolder.Value(all, "nucleus.count"), ModelFolder.Value(heatmap, "nucleus.count"));
        var features = heatmap.ScanResults.Single().GeoJson!.Features;
        Assert.Equal(nuclei.Count, features.Count(f => f.Geometry is Point));
        Assert.Single(features, f => f.Geometry is GeometryCollection);
        Assert.Equal(nuclei.Count / (700 * 560 * 0.25 / 1e6), ModelFolder.Value(heatmap, "nucleus.density"), 0.5);
    }

    void AssertFound(TaskResults results)
    {
        var boxes = results.ScanResults.Single().GeoJson!.Features.Select(f => f.Bbox!).ToArray();
        Assert.Equal(nuclei.Count, boxes.Length);
        Assert.Equal(nuclei.Count, ModelFolder.Value(results, "nucleus.count"));
        foreach (var (x, y) in nuclei) Assert.Single(boxes, b => Math.Abs((b[0] + b[2]) / 2 - x) < 2.5 && Math.Abs((b[1] + b[3]) / 2 - y) < 2.5 && b[2] - b[0] == 12);
    }

    static double Square(double value) => value * value;

    public void Dispose() => folder.Dispose();
}
