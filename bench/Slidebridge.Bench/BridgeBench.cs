using System.Diagnostics;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <param name="Slide">A file, or null for one that is made.</param>
/// <param name="Megabytes">The size of the one that is made.</param>
/// <param name="Tasks">Tasks of a run.</param>
/// <param name="Connections">Webhook calls at a time.</param>
/// <param name="Runs">Runs that count.</param>
/// <param name="WarmUp">Tasks after each start that do not count.</param>
/// <param name="Command">Starts the bridge, or null for this tree's.</param>
/// <param name="Against">Starts a second bridge, or null for none.</param>
/// <param name="ApiKey">The key that the simulator accepts: ID:SECRET.</param>
sealed record BridgeBenchOptions(string? Slide, int Megabytes, int Tasks, int Connections, int Runs, int WarmUp, string? Command, string? Against, string ApiKey);

/// <summary>
/// The whole main job under load. The platform's simulator and the webhook's calls run in this process, each bridge in its own;
/// a run ends when every task has its evaluation.
/// </summary>
static class BridgeBench
{
    /// <summary>A run whose tasks stop ending for this long has lost some; it says how many.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    sealed record Measured(double Rate, double AcknowledgedMedian, double Acknowledged99, double KilobytesPerTask, double RequestsPerTask, double ProcessorPerTask, double PeakMegabytes, int Ended, int Duplicates);

    public static async Task<int> RunAsync(BridgeBenchOptions options, CancellationToken cancellationToken)
    {
        var slide = options.Slide ?? await BenchSlide.MakeAsync(options.Megabytes, cancellationToken);
        AnsiConsole.WriteLine($"Slide of {Number(new FileInfo(slide).Length / 1e6)} MB, {options.Tasks} tasks a run after {options.WarmUp} to warm up, {options.Connections} connections.");
        List<(string Name, string Command, List<Measured> Runs)> bridges = [("this", options.Command ?? BridgeProcess.OwnCommand, [])];
        if (options.Against is { } against) bridges.Add(("against", against, []));
        var table = new Table().AddColumns("run", "tasks/s", "acknowledged p50 ms", "p99 ms", "KB/task", "requests/task", "CPU ms/task", "peak MB", "evaluations", "twice");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();

        for (var run = 0; run <= options.Runs; run++)
        {
            foreach (var bridge in bridges)
            {
                // The first run warms this process up and does not count.
                var one = await MeasureAsync(slide, bridge.Command, run == 0 ? options with { Tasks = Math.Max(1, options.Tasks / 10) } : options, cancellationToken);
                if (run == 0) continue;
                bridge.Runs.Add(one);
                table.AddRow($"{run}, {bridge.Name}", Number(one.Rate), Number(one.AcknowledgedMedian), Number(one.Acknowledged99), Number(one.KilobytesPerTask, "N0"), Number(one.RequestsPerTask),
                    Number(one.ProcessorPerTask), Number(one.PeakMegabytes, "N0"), $"{one.Ended} of {options.Tasks}", $"{one.Duplicates}");
            }
        }
        if (bridges is [var own, var other])
        {
            string Ratio(Func<Measured, double> value) => Number(Median(own.Runs.Select(value)) / Median(other.Runs.Select(value)), "N2");
            table.AddRow("ratio of the medians", Ratio(m => m.Rate), Ratio(m => m.AcknowledgedMedian), Ratio(m => m.Acknowledged99), "", "", Ratio(m => m.ProcessorPerTask), Ratio(m => m.PeakMegabytes), "", "");
        }
        AnsiConsole.Write(table);
        return 0;
    }

    static async Task<Measured> MeasureAsync(string slide, string command, BridgeBenchOptions options, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        var key = options.ApiKey.Split(':', 2);
        try
        {
            var stand = new SimulatorOptions { Port = 0, SlidesDirectory = Path.GetDirectoryName(slide)!, ApiKeyId = key[0], ApiKeySecret = key[^1] };
            await using var simulator = await Simulator.Simulator.StartAsync(stand, cancellationToken);
            await using var bridge = await BridgeProcess.StartAsync(command, simulator.Address, data, cancellationToken);
            AiRequest Request(int count) => new() { Slides = [Path.GetFileName(slide)], Webhook = bridge.Webhook.ToString(), Count = count, Connections = options.Connections };
            if (options.WarmUp > 0)
            {
                await simulator.RequestAsync(Request(options.WarmUp), cancellationToken);
                await EndAsync(simulator, options.WarmUp, cancellationToken);
            }
            var before = simulator.State.Evaluations.Count;
            var (bytes, requests, processor) = (simulator.State.SlideBytes, simulator.State.SlideRequests, bridge.ProcessorTime);

            var watch = Stopwatch.StartNew();
            var asked = simulator.RequestAsync(Request(options.Tasks), cancellationToken);
            var ended = await EndAsync(simulator, before + options.Tasks, cancellationToken) - before;
            var seconds = watch.Elapsed.TotalSeconds;
            var answered = (await asked).Where(t => t.Webhook?.Status == 200).Select(t => t.Webhook!.Milliseconds).Order().ToArray();
            if (answered.Length < options.Tasks) AnsiConsole.MarkupLine($"[red]{options.Tasks - answered.Length} webhooks were not answered by 200[/]");
            return new Measured(ended / seconds, answered.ElementAtOrDefault(answered.Length / 2), answered.ElementAtOrDefault(answered.Length * 99 / 100),
                (simulator.State.SlideBytes - bytes) / 1e3 / options.Tasks, (double)(simulator.State.SlideRequests - requests) / options.Tasks,
                (bridge.ProcessorTime - processor).TotalMilliseconds / options.Tasks, bridge.PeakMemory / 1e6, ended, simulator.State.Duplicates);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>How many tasks have ended: all that were expected, or fewer when none has for <see cref="Patience"/>.</summary>
    static async Task<int> EndAsync(Simulator.Simulator simulator, int expected, CancellationToken cancellationToken)
    {
        var (ended, since) = (0, Stopwatch.StartNew());
        while (since.Elapsed < Patience)
        {
            var now = simulator.State.Evaluations.Count;
            if (now >= expected) return now;
            if (now != ended) (ended, since) = (now, Stopwatch.StartNew());
            await Task.Delay(5, cancellationToken);
        }
        return ended;
    }
}
