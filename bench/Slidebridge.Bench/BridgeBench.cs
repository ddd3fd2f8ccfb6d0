using System.Diagnostics;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Slidebridge.Slides.Writing;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <param name="Slide">A file, or null for one that is made.</param>
/// <param name="Megabytes">The size of the one that is made.</param>
/// <param name="Tasks">Tasks of a run.</param>
/// <param name="Connections">Webhook calls at a time.</param>
/// <param name="Runs">Runs that count.</param>
/// <param name="Command">Starts the bridge, or null for this tree's.</param>
sealed record BridgeBenchOptions(string? Slide, int Megabytes, int Tasks, int Connections, int Runs, string? Command);

/// <summary>
/// The whole main job under load. The platform's stand-in and the webhook's calls run in this process, the bridge in its own;
/// a run ends when every task has its evaluation.
/// </summary>
static class BridgeBench
{
    /// <summary>A run whose tasks stop ending for this long has lost some; it says how many.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(BridgeBenchOptions options, CancellationToken cancellationToken)
    {
        var slide = options.Slide ?? await MakeAsync(options.Megabytes, cancellationToken);
        AnsiConsole.WriteLine($"Slide of {Number(new FileInfo(slide).Length / 1e6)} MB, {options.Tasks} tasks a run, {options.Connections} connections.");
        var table = new Table().AddColumns("run", "tasks/s", "acknowledged p50 ms", "p99 ms", "KB/task", "requests/task", "CPU ms/task", "peak MB", "evaluations", "twice");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();

        for (var run = 0; run <= options.Runs; run++)
        {
            var row = await MeasureAsync(slide, options with { Tasks = run == 0 ? Math.Max(1, options.Tasks / 10) : options.Tasks }, cancellationToken);
            if (run > 0) table.AddRow([$"{run}", .. row]);
        }
        AnsiConsole.Write(table);
        return 0;
    }

    static async Task<string[]> MeasureAsync(string slide, BridgeBenchOptions options, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        try
        {
            await using var simulator = await Simulator.Simulator.StartAsync(new SimulatorOptions { SlidesDirectory = Path.GetDirectoryName(slide)! }, cancellationToken);
            await using var bridge = await BridgeProcess.StartAsync(options.Command ?? BridgeProcess.OwnCommand, simulator.Address, data, cancellationToken);
            AiRequest Request(int count) => new() { Slides = [Path.GetFileName(slide)], Webhook = bridge.Webhook.ToString(), Count = count, Connections = options.Connections };

            // A process that has answered nothing yet is compiled as it goes: not what a service does all day.
            await simulator.RequestAsync(Request(options.Connections), cancellationToken);
            await EndAsync(simulator, options.Connections, cancellationToken);
            var (bytes, requests, processor) = (simulator.State.SlideBytes, simulator.State.SlideRequests, bridge.ProcessorTime);

            var watch = Stopwatch.StartNew();
            var asked = simulator.RequestAsync(Request(options.Tasks), cancellationToken);
            var ended = await EndAsync(simulator, options.Connections + options.Tasks, cancellationToken) - options.Connections;
            var seconds = watch.Elapsed.TotalSeconds;
            var answered = (await asked).Where(t => t.Webhook?.Status == 200).Select(t => t.Webhook!.Milliseconds).Order().ToArray();
            if (answered.Length < options.Tasks) AnsiConsole.MarkupLine($"[red]{options.Tasks - answered.Length} webhooks were not answered by 200[/]");
            return
            [
                Number(ended / seconds), Number(answered.ElementAtOrDefault(answered.Length / 2)), Number(answered.ElementAtOrDefault(answered.Length * 99 / 100)),
                Number((simulator.State.SlideBytes - bytes) / 1e3 / options.Tasks, "N0"), Number((double)(simulator.State.SlideRequests - requests) / options.Tasks),
                Number((bridge.ProcessorTime - processor).TotalMilliseconds / options.Tasks), Number(bridge.PeakMemory / 1e6, "N0"),
                $"{ended} of {options.Tasks}", $"{simulator.State.Duplicates}",
            ];
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>How many tasks have ended: all that were expected, or fewer when none has for <see cref="Patience"/>.</summary>
    static async Task<int> EndAsync(Simulator.Simulator simulator, int expected, CancellationToken cancellationToken)
    {
        var (ended, since) = (-1, Stopwatch.StartNew());
        while (since.Elapsed < Patience)
        {
            var now = simulator.State.Evaluations.Count;
            if (now >= expected) return now;
            if (now != ended) (ended, since) = (now, Stopwatch.StartNew());
            await Task.Delay(5, cancellationToken);
        }
        return ended;
    }

    static async Task<string> MakeAsync(int megabytes, CancellationToken cancellationToken)
    {
        // Measured: generated tissue at quality 80 takes this many bytes a pixel, all levels included.
        const double BytesPerPixel = 0.168;
        var edge = (int)Math.Sqrt(megabytes * 1e6 / BytesPerPixel);
        var path = Path.Combine(Path.GetTempPath(), "slidebridge-bench", $"{megabytes}", "slide.svs");
        if (File.Exists(path)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await AnsiConsole.Progress().StartAsync(async context =>
        {
            var bar = context.AddTask($"a slide of {edge} × {edge} pixels is made", maxValue: 1);
            await SyntheticTissue.Create(edge, edge).WriteAsync(path + ".part", progress: new Progress<double>(part => bar.Value = part), cancellationToken: cancellationToken);
            bar.Value = 1;
        });
        File.Move(path + ".part", path);
        return path;
    }
}
