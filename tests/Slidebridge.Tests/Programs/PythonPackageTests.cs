using System.Diagnostics;
using System.Text.Json;
using Slidebridge.Classifiers.Inference.Collecting;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Programs;

/// <summary>The package's own tests, which are Python's: <c>python/tests</c>.</summary>
public sealed class PythonPackageTests
{
    [Fact]
    public Task The_Python_package_passes_its_tests() => PassAsync(Python.BestInterpreter, "discover", "-t", ".", "-s", "tests");

    // Once more by name, so that the sum shows where PyTorch is missing.
    [Fact]
    public Task Its_tensors_pass_their_tests_with_PyTorch() => PassAsync(Python.InterpreterWith("torch"), "tests.test_torch");

    static async Task PassAsync(string interpreter, params string[] what)
    {
        var start = new ProcessStartInfo(interpreter, ["-B", "-m", "unittest", .. what])
        {
            WorkingDirectory = Path.Combine(Repository.Root, "python"),
            RedirectStandardError = true,
            Environment = { ["SLIDEBRIDGE"] = Path.Combine(AppContext.BaseDirectory, "Slidebridge.dll") },
        };
        using var tests = Process.Start(start)!;
        try
        {
            var told = await tests.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(tests.ExitCode == 0, told);
        }
        finally
        {
            if (!tests.HasExited) tests.Kill(entireProcessTree: true);
        }
    }

    [Theory]
    [InlineData(37, 23)]
    [InlineData(1100, 960)] // Too large for parts of cells.
    public async Task Its_heatmaps_have_the_shapes_of_the_bridges_own(int columns, int rows)
    {
        double[] levels = [0.4, 0.6, 0.8];
        const int Size = 10;
        var random = new Random(11);
        var heat = new HeatMap(new ModelGrid(columns, rows, new ModelInput(null, Size, Size, 0, default, false, 0, 1, false, false, null), columns * Size - 3, rows * Size - 4));
        for (var row = 0; row < Math.Min(40, rows); row++)
            for (var column = 0; column < Math.Min(40, columns); column++)
                if (random.Next(20) > 0) heat[column, row] = random.NextSingle();
        string[] expected = [.. heat.Contours(levels).SelectMany(regions => regions).Select(region => Shape([region.Outline, .. region.Holes]))];

        const string Script = """
            import json, sys
            sys.path.insert(0, "python")
            import slidebridge
            given = json.load(sys.stdin)
            scores = [[float("nan")] * given["columns"] for _ in range(given["rows"])]
            for column, row, score in given["scores"]:
                scores[row][column] = score
            found = slidebridge.Results().scan("1").heatmap_from(scores, 0, 0, given["size"], given["levels"], "t", slide_size=given["slide"]).build()
            print(json.dumps([polygon["coordinates"] for polygon in found["geojson"]["features"][0]["geometry"]["geometries"]]))
            """;
        var scores = heat.Read().Select(t => new object[] { t.Column, t.Row, (double)t.Value });
        var output = await Python.RunWithAsync("sys", Script.Replace("\"python\"", JsonSerializer.Serialize(Path.Combine(Repository.Root, "python")), StringComparison.Ordinal),
            JsonSerializer.Serialize(new { columns, rows, scores, size = Size, levels, slide = new[] { columns * Size - 3, rows * Size - 4 } }));
        Assert.Equal(expected, JsonSerializer.Deserialize<double[][][][]>(output)!.Select(polygon => Shape(polygon.Select(ring => ring.Select(p => new SlidePoint(p[0], p[1]))))));
    }

    /// <summary>The rings, each from its least point, holes in the order of these points.</summary>
    static string Shape(IEnumerable<IEnumerable<SlidePoint>> rings)
    {
        var told = rings.Select(ring =>
        {
            SlidePoint[] points = [.. ring.SkipLast(1)];
            var start = Array.IndexOf(points, points.MinBy(p => (p.Y, p.X)));
            return string.Join(' ', points.Select((_, i) => points[(start + i) % points.Length]).Select(p => FormattableString.Invariant($"{p.X:0.##},{p.Y:0.##}")));
        }).ToArray();
        return string.Join(" | ", told.Take(1).Concat(told.Skip(1).Order(StringComparer.Ordinal)));
    }
}
