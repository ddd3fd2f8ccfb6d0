using Slidebridge.Sdk;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Classifiers.Inference;

/// <summary>Models that label pixels: areas are right, and no border of a tile shows in an outline.</summary>
public sealed class SegmentationModelTests : IDisposable
{
    const string Yaml = """
        model: model.onnx
        kind: segmentation
        input: { size: 64, mpp: 0.5, overlap: 16, tissue: 0, batch: 6 }
        output: { activation: sigmoid }
        labels: [{ name: dark, color: "#aa00ff" }]
        report: { counts: true, polygons: { simplify: 0 } }
        """;

    static readonly (byte, byte, byte) Dark = (60, 40, 90), Light = (210, 200, 220);

    readonly ModelFolder folder = new();

    // A ring of radii 90 to 200 around the middle, and a disc of radius 30 in a corner.
    static bool IsDark(int x, int y) => Math.Sqrt(Square(x - 250) + Square(y - 260)) is >= 90 and < 200 || Square(x - 560) + Square(y - 60) < 900;

    static double Square(double value) => value * value;

    Task<string> RingAsync() => PaintedSlide.WriteAsync(folder.Files, 620, 500, (x, y) => IsDark(x, y) ? Dark : Light, new() { Quality = 95 });

    [Fact]
    public async Task A_region_over_many_tiles_is_one_polygon_with_its_hole()
    {
        var slide = await RingAsync();
        var truth = Enumerable.Range(0, 500).Sum(y => Enumerable.Range(0, 620).Count(x => IsDark(x, y)));
        var whole = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml.Replace("size: 64", "size: 640")), slide);
        foreach (var tiles in new[] { "size: 64", "size: 96", "size: [128, 80]", "size: 64, batch: 1" })
        {
            var yaml = Yaml.Replace("size: 64", tiles);
            if (tiles.Contains("batch")) yaml = yaml.Replace(", batch: 6", "").Replace("overlap: 16", "overlap: 30");
            var results = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), yaml), slide);
            var polygons = results.ScanResults.Single().GeoJson!.Features.Select(f => (Polygon)f.Geometry).ToArray();
            Assert.Equal([2, 1], polygons.Select(p => p.Coordinates.Count));
            // The same as of one tile, to the pixel: the model looks at no neighbour.
            Assert.Equal(ModelFolder.Value(whole, "dark.area"), ModelFolder.Value(results, "dark.area"));
            Assert.Equal(whole.ScanResults.Single().GeoJson!.Features.Select(f => ((Polygon)f.Geometry).Coordinates.Sum(Area)), polygons.Select(p => p.Coordinates.Sum(Area)));
            Assert.Equal(truth * 0.25 / 1e6, ModelFolder.Value(results, "dark.area"), 0.02 * truth * 0.25 / 1e6);
            Assert.Equal(ModelFolder.Value(results, "dark.area") / 0.25 * 1e6, polygons.Sum(p => p.Coordinates.Sum(Area)), 20.0); // Corners that touch are joined.
            Assert.Equal(2, ModelFolder.Value(results, "dark.count"));
        }
    }

    [Fact]
    public async Task Where_a_neighbour_is_not_read_a_tile_speaks_for_their_overlap()
    {
        // Only tiles with tissue, so few that many have no neighbour: every pixel that a tile saw is counted, once.
        var slide = await RingAsync();
        var all = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml), slide);
        var some = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml.Replace("tissue: 0", "tissue: 0.4")), slide);
        Assert.True(ModelFolder.Value(some, "analysed.tiles") < ModelFolder.Value(all, "analysed.tiles") * 0.7);
        Assert.InRange(ModelFolder.Value(some, "dark.area"), 0.9 * ModelFolder.Value(all, "dark.area"), ModelFolder.Value(all, "dark.area"));
        var polygons = some.ScanResults.Single().GeoJson!.Features.Sum(f => ((Polygon)f.Geometry).Coordinates.Sum(Area));
        Assert.Equal(ModelFolder.Value(some, "dark.area") / 0.25 * 1e6, polygons, 30.0);
    }

    [Fact]
    public async Task Layouts_softmax_and_class_numbers_say_the_same()
    {
        var slide = await RingAsync();
        var plain = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml), slide);
        var two = Yaml.Replace("labels: [", "labels: [{ name: light, background: true }, ");
        foreach (var (model, yaml) in new[]
        {
            (SmallModels.Segmentation(new(ChannelsLast: true)), Yaml.Replace("size: 64", "size: 64, layout: NHWC")),
            (SmallModels.Segmentation(new(Bytes: true, Batch: 4, Size: 64)), Yaml),
            (SmallModels.TwoClassSegmentation(numbers: false), two.Replace("sigmoid", "softmax")),
            (SmallModels.TwoClassSegmentation(numbers: true), two.Replace("sigmoid", "classes")),
        })
            Assert.Equal(ModelFolder.Value(plain, "dark.area"), ModelFolder.Value(await folder.RunAsync(folder.Write(model, yaml), slide), "dark.area"), 5);
    }

    [Fact]
    public async Task An_output_of_fewer_pixels_covers_more_of_the_slide_with_each()
    {
        var slide = await RingAsync();
        var fine = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml), slide);
        var coarse = await folder.RunAsync(folder.Write(SmallModels.Segmentation(factor: 4), Yaml), slide);
        Assert.Equal(ModelFolder.Value(fine, "dark.area"), ModelFolder.Value(coarse, "dark.area"), 0.02 * ModelFolder.Value(fine, "dark.area"));
        Assert.Equal([2, 1], coarse.ScanResults.Single().GeoJson!.Features.Select(f => ((Polygon)f.Geometry).Coordinates.Count));
        var odd = await Assert.ThrowsAsync<ClassifierException>(() => folder.RunAsync(folder.Write(SmallModels.Segmentation(factor: 4), Yaml.Replace("overlap: 16", "overlap: 12")), slide));
        Assert.Contains("input.overlap must be a multiple of 8", odd.Message);
    }

    [Fact]
    public async Task Small_regions_go_and_small_holes_are_filled()
    {
        var slide = await RingAsync();
        // The disc has 2827 pixels, 707 µm²; the hole 25447, 6362 µm².
        var results = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml.Replace("simplify: 0", "minArea: 800, minHole: 7000")), slide);
        var ring = (Polygon)Assert.Single(results.ScanResults.Single().GeoJson!.Features).Geometry;
        Assert.Single(ring.Coordinates);
        Assert.Equal("#aa00ff", (string)results.ScanResults.Single().GeoJson!.Features[0].Properties!["color"]!);
    }

    [Fact]
    public async Task A_coarser_resolution_comes_out_in_level_0_pixels()
    {
        var slide = await RingAsync();
        var fine = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml), slide);
        var results = await folder.RunAsync(folder.Write(SmallModels.Segmentation(), Yaml.Replace("mpp: 0.5", "mpp: 1.3")), slide);
        var (a, b) = (fine.ScanResults.Single().GeoJson!.Features[0].Bbox!, results.ScanResults.Single().GeoJson!.Features[0].Bbox!);
        Assert.All(a.Zip(b), pair => Assert.Equal(pair.First, pair.Second, 5.0));
        Assert.Equal(ModelFolder.Value(fine, "dark.area"), ModelFolder.Value(results, "dark.area"), 0.03 * ModelFolder.Value(fine, "dark.area"));
    }

    // Signed: a hole's border runs the other way.
    static double Area(IReadOnlyList<Position> ring)
    {
        var twice = 0.0;
        for (var i = 0; i + 1 < ring.Count; i++) twice += ring[i].X * ring[i + 1].Y - ring[i + 1].X * ring[i].Y;
        return twice / 2;
    }

    public void Dispose() => folder.Dispose();
}
