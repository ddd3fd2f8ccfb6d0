using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Slidebridge.Slides;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <summary>
/// Level-0 tiles a second into a Python function that does nothing: through <c>slidebridge run --classifier python:…</c>, and through openslide-python
/// in the same loop, in turn; on one core (both processes of the bridge share it), then on all. And what that takes of memory on a slide eight times as large.
/// </summary>
static class PythonBench
{
    public static async Task<int> RunAsync(string path, string larger, string python, int rounds, CancellationToken cancellationToken)
    {
        var level = await LevelOfAsync(path, cancellationToken);
        AnsiConsole.WriteLine($"{(long)level.Columns * level.Rows} tiles of {level.TileWidth} × {level.TileHeight}, {level.Compression}, {Number(new FileInfo(path).Length / 1e6)} MB; {rounds} rounds, medians.");
        var table = new Table().AddColumns("tiles into a Python function that does nothing", "cores", "tiles/s", "MPix/s", "of openslide-python");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        foreach (var cores in new[] { 1, Environment.ProcessorCount }.Distinct())
        {
            var (ours, open, theirs) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < rounds; round++)
            {
                ours.Add((await SlidebridgeAsync(path, python, cores, "auto", cancellationToken)).Rate);
                open.Add((await SlidebridgeAsync(path, python, cores, "off", cancellationToken)).Rate);
                theirs.Add(await OpenSlideAsync(path, level, python, cores, cancellationToken));
            }
            var their = Median(theirs);
            foreach (var (name, rate) in new[] { ("Slidebridge, python:", Median(ours)), ("without a sandbox", Median(open)), ($"openslide-python, {cores} process{(cores > 1 ? "es" : "")}", their) })
                table.AddRow(name, $"{cores}", Number(rate, "N0"), Number(rate * level.TileWidth * level.TileHeight / 1e6, "N0"), Number(rate / their, "N1"));
        }
        AnsiConsole.Write(table);

        var memory = new Table().AddColumns("slide, MB", "tiles", "peak of the bridge, MB", "peak of Python, MB");
        foreach (var slide in new[] { path, larger })
        {
            var found = await SlidebridgeAsync(slide, python, Environment.ProcessorCount, "off", cancellationToken); // In a sandbox the program does not see the bridge's memory.
            memory.AddRow(Number(new FileInfo(slide).Length / 1e6), $"{found.Tiles}", Number(found.Bridge, "N0"), Number(found.Python, "N0"));
        }
        AnsiConsole.Write(memory);
        return 0;
    }

    static async Task<Level> LevelOfAsync(string path, CancellationToken cancellationToken)
    {
        await using var slide = await Slide.OpenAsync(path, cancellationToken: cancellationToken);
        return slide.Levels[0];
    }

    static async Task<(double Rate, long Tiles, double Bridge, double Python)> SlidebridgeAsync(string path, string python, int cores, string sandbox, CancellationToken cancellationToken)
    {
        var output = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        try
        {
            var program = Path.Combine(AppContext.BaseDirectory, "Slidebridge.dll");
            using var json = JsonDocument.Parse(await RunAsync(cores, ["dotnet", program, "run", path, "--classifier", "python:" + Script("noop.py"), "--python", python, "--program-sandbox", sandbox, "--out", output, "--json"], cancellationToken));
            var found = json.RootElement.GetProperty("scanResults")[0].GetProperty("results");
            return (found.GetProperty("tilesPerSecond").GetDouble(), found.GetProperty("tiles").GetInt64(), found.GetProperty("bridge").GetDouble(), found.GetProperty("python").GetDouble());
        }
        finally
        {
            Directory.Delete(output, recursive: true);
        }
    }

    static async Task<double> OpenSlideAsync(string path, Level level, string python, int cores, CancellationToken cancellationToken) => double.Parse(
        await RunAsync(cores, [python, Script("openslide_noop.py"), path, $"{level.TileWidth}", $"{level.TileHeight}", $"{cores}"], cancellationToken), CultureInfo.InvariantCulture);

    static string Script(string name) => Path.Combine(AppContext.BaseDirectory, "Python", name);


    static async Task<string> RunAsync(int cores, string[] command, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("taskset", ["--cpu-list", cores == 1 ? "0" : $"0-{cores - 1}", .. command]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', command)} failed: {await error}");
    }
}
