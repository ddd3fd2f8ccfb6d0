using System.Diagnostics;
using System.Globalization;
using System.Text;
using Slidebridge.Objects;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>Makes the index of a result's objects, as a node does when somebody opens the viewer.</summary>
static class ObjectsBench
{
    /// <summary>Level-0 pixels along each edge of the slide.</summary>
    const int Edge = 40_000;

    public static int Run(int[] counts, int vertices, int rounds, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("slidebridge-bench-");
        try
        {
            var table = new Table().AddColumns("polygons", "result MB", "index s", "CPU s", "peak MB over the result's", "index MB", "largest tile, bytes", "tiles", "a page by score, ms", "a click, ms");
            foreach (var column in table.Columns) column.RightAligned();
            foreach (var count in counts) table.AddRow(Measure(MakeResult(count, vertices, Edge, "1"), count, folder.FullName, rounds, cancellationToken));
            AnsiConsole.Write(table);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    static string[] Measure(byte[] json, int count, string folder, int rounds, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, "index");
        List<double> seconds = [], cpu = [];
        PeakMemory.Forget();
        var before = PeakMemory.Megabytes;
        for (var round = 0; round < rounds; round++)
        {
            File.Delete(path);
            var (watch, used) = (Stopwatch.StartNew(), Process.GetCurrentProcess().TotalProcessorTime);
            ObjectIndexWriter.Write(json, "1", (Edge, Edge), path, cancellationToken);
            seconds.Add(watch.Elapsed.TotalSeconds);
            cpu.Add((Process.GetCurrentProcess().TotalProcessorTime - used).TotalSeconds);
        }
        var peak = PeakMemory.Megabytes - before;

        using var index = ObjectIndex.Open(path);
        var (tiles, largest) = (0, 0);
        for (var level = 0; level < index.Levels; level++)
        {
            var grid = index.GridOf(level);
            for (var place = 0; place < grid.Columns * grid.Rows; place++)
            {
                if (index.Tile(level, place % grid.Columns, place / grid.Columns) is not { } tile) continue;
                tiles++;
                largest = Math.Max(largest, tile.Length);
            }
        }
        var page = Milliseconds(() => ObjectPage.Read(index, new ObjectQuery(Class: 0, LeastScore: 0.5, Order: ObjectOrder.Score), cancellationToken));
        var click = Milliseconds(() => ObjectsAt.Find(index, Edge / 2, Edge / 2, 20, cancellationToken));
        return
        [
            count.ToString("N0", CultureInfo.InvariantCulture), Number(json.Length / 1e6, "N0"), Number(Median(seconds), "N2"), Number(Median(cpu), "N2"), Number(peak, "N0"),
            Number(index.Length / 1e6, "N0"), largest.ToString("N0", CultureInfo.InvariantCulture), tiles.ToString("N0", CultureInfo.InvariantCulture), Number(page), Number(click),
        ];
    }

    static double Milliseconds(Action action)
    {
        action();
        var watch = Stopwatch.StartNew();
        action();
        return watch.Elapsed.TotalMilliseconds;
    }

    /// <summary>Polygons spread evenly over a slide, each about 25 pixels wide as a nucleus is at 0.25 µm per pixel, of four classes with scores.</summary>
    /// <param name="count">Polygons.</param>
    /// <param name="vertices">Vertices of each.</param>
    /// <param name="edge">Level-0 pixels along each edge of the slide.</param>
    /// <param name="scan">The scan's id.</param>
    public static byte[] MakeResult(int count, int vertices, int edge, string scan)
    {
        var random = new Random(1);
        string[] classes = ["Tumor cell", "Lymphocyte", "Stroma cell", "Other"];
        using var bytes = new MemoryStream();
        using var text = new StreamWriter(bytes, new UTF8Encoding(false), 1 << 16);
        text.Write($$"""{"scanResults":[{"scanId":"{{scan}}","geojson":{"type":"FeatureCollection","features":[""");
        var side = (int)Math.Ceiling(Math.Sqrt(count));
        var step = (double)edge / side;
        var feature = new StringBuilder();
        for (var i = 0; i < count; i++)
        {
            double x = (i % side + random.NextDouble()) * step, y = (i / side + random.NextDouble()) * step, radius = 10 + 6 * random.NextDouble();
            feature.Clear().Append(i > 0 ? "," : "").Append("""{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[""");
            var first = "";
            for (var vertex = 0; vertex < vertices; vertex++)
            {
                var (sin, cos) = Math.SinCos(vertex * Math.Tau / vertices);
                var reach = radius * (0.85 + 0.3 * random.NextDouble());
                var at = string.Create(CultureInfo.InvariantCulture, $"[{Math.Clamp(x + reach * cos, 0, edge):0.0},{Math.Clamp(y + reach * sin, 0, edge):0.0}]");
                if (vertex == 0) first = at;
                feature.Append(at).Append(',');
            }
            feature.Append(first).Append(CultureInfo.InvariantCulture, $$"""]]},"properties":{"annotation_type":"{{classes[Math.Min(3, random.Next(20) / 6)]}}","score":{{random.NextDouble():0.000}}},"bbox":[{{x - radius:0.0}},{{y - radius:0.0}},{{x + radius:0.0}},{{y + radius:0.0}}]}""");
            text.Write(feature);
        }
        text.Write("]}}]}");
        text.Flush();
        return bytes.ToArray();
    }
}
