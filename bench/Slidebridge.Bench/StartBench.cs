using System.Diagnostics;
using System.Text.Json.Nodes;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <param name="Times">Rounds that count; in each, every build has its turn.</param>
/// <param name="Tasks">The first tasks after a start, and the tasks of each run after them.</param>
/// <param name="Slide">A file, or null for one that is made.</param>
sealed record StartBenchOptions(int Times, int Tasks, string? Slide);

/// <summary>
/// What compiling ahead of time gives, each build in turn: the time until <c>serve</c> is ready, the rate of the first tasks after that against the rate of
/// later ones, and the time of <c>run</c> and <c>job</c>. The platform's stand-in runs in this process, which warms up in a round that does not count.
/// </summary>
static class StartBench
{
    const string Diagnostics = "DOTNET_EnableDiagnostics";

    /// <summary>Runs after the first tasks; the last ones tell the rate of a bridge that is warm.</summary>
    const int LaterRuns = 5;

    sealed record Build(string Name, string Folder, bool FromScript);

    sealed record Measured(double ReadyNew, double ReadyUsed, double First, double Warm, double Run, double Job, double PeakMemory);

    static readonly Build[] Builds =
    [
        new("compiled ahead, as ./slidebridge starts it", "app", true),
        new("compiled ahead, by dotnet Slidebridge.dll", "app", false),
        new("not compiled ahead, by dotnet Slidebridge.dll", "net10.0", false),
    ];

    public static async Task<int> RunAsync(StartBenchOptions options, CancellationToken cancellationToken)
    {
        var slide = options.Slide ?? await BenchSlide.MakeAsync(2, cancellationToken);
        var measured = Builds.ToDictionary(b => b, _ => new List<Measured>());
        for (var round = 0; round <= options.Times; round++)
        {
            foreach (var build in Builds)
            {
                var one = await MeasureAsync(build, slide, options.Tasks, cancellationToken);
                if (round > 0) measured[build].Add(one);
            }
        }

        var table = new Table().AddColumns("medians", "serve ready, new data, s", "used data, s", $"first {options.Tasks} tasks/s", "warm tasks/s", "first of warm", "run, s", "job, s", "peak MB");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();
        double Of(Build build, Func<Measured, double> value) => Median(measured[build].Select(value));
        foreach (var build in Builds)
        {
            table.AddRow(build.Name, Number(Of(build, m => m.ReadyNew), "N2"), Number(Of(build, m => m.ReadyUsed), "N2"), Number(Of(build, m => m.First)), Number(Of(build, m => m.Warm)),
                Number(Of(build, m => m.First / m.Warm), "N2"), Number(Of(build, m => m.Run), "N3"), Number(Of(build, m => m.Job), "N3"), Number(Of(build, m => m.PeakMemory), "N0"));
        }
        string Ratio(Func<Measured, double> value) => Number(Of(Builds[0], value) / Of(Builds[^1], value), "N2");
        table.AddRow("first row of the last", Ratio(m => m.ReadyNew), Ratio(m => m.ReadyUsed), Ratio(m => m.First), Ratio(m => m.Warm), "", Ratio(m => m.Run), Ratio(m => m.Job), "");
        AnsiConsole.Write(table);
        return 0;
    }

    static async Task<Measured> MeasureAsync(Build build, string slide, int tasks, CancellationToken cancellationToken)
    {
        var data = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        try
        {
            await using var simulator = await Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Path.GetDirectoryName(slide)! }, cancellationToken);
            var command = BridgeProcess.ServeCommand($"{(build.FromScript ? $"env {Diagnostics}=0 " : "")}dotnet '{BridgeProcess.Program(build.Folder)}'");
            double readyNew, readyUsed, first, memory;
            var later = new List<double>();
            await using (var bridge = await BridgeProcess.StartAsync(command, simulator.Address, data, cancellationToken))
            {
                readyNew = bridge.ReadyAfter.TotalSeconds;
                first = await RateAsync(simulator, bridge, slide, tasks, cancellationToken);
                for (var run = 0; run < LaterRuns; run++) later.Add(await RateAsync(simulator, bridge, slide, tasks, cancellationToken));
                memory = bridge.PeakMemory / 1e6;
            }
            await using (var bridge = await BridgeProcess.StartAsync(command, simulator.Address, data, cancellationToken)) readyUsed = bridge.ReadyAfter.TotalSeconds;
            return new Measured(readyNew, readyUsed, first, Median(later.TakeLast(3)), await RunAsync(build, slide, data, cancellationToken), await JobAsync(build, simulator, slide, data, cancellationToken), memory);
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }

    /// <summary>Tasks a second, from the first webhook to the last evaluation.</summary>
    static async Task<double> RateAsync(Simulator.Simulator simulator, BridgeProcess bridge, string slide, int tasks, CancellationToken cancellationToken)
    {
        var before = simulator.State.Evaluations.Count;
        var watch = Stopwatch.StartNew();
        await simulator.RequestAsync(new AiRequest { Slides = [Path.GetFileName(slide)], Webhook = bridge.Webhook.ToString(), Count = tasks, Connections = 32 }, cancellationToken);
        while (simulator.State.Evaluations.Count < before + tasks)
        {
            if (watch.Elapsed > TimeSpan.FromMinutes(2)) throw new InvalidOperationException($"{simulator.State.Evaluations.Count - before} of {tasks} tasks have ended after two minutes.");
            await Task.Delay(2, cancellationToken);
        }
        return tasks / watch.Elapsed.TotalSeconds;
    }

    static Task<double> RunAsync(Build build, string slide, string data, CancellationToken cancellationToken) =>
        TimeAsync(build, ["run", slide, "--classifier", "boxes", "--out", Path.Combine(data, "run")], [], cancellationToken);

    static async Task<double> JobAsync(Build build, Simulator.Simulator simulator, string slide, string data, CancellationToken cancellationToken)
    {
        var task = (await simulator.RequestAsync(new AiRequest { Slides = [Path.GetFileName(slide)] }, cancellationToken))[0];
        var variables = new Dictionary<string, string>
        {
            ["TASK_ID"] = task.TaskId,
            ["SCAN_ID"] = task.Scans[0].Id,
            ["SCAN_URL"] = (string)JsonNode.Parse(task.Body)!["scans"]![task.Scans[0].Id]!,
            ["JWT_TOKEN"] = task.Token,
            ["TMPDIR"] = data,
        };
        return await TimeAsync(build, ["job", "--classifier", "boxes", "--platform-url", simulator.Address.GetLeftPart(UriPartial.Authority), "--allow-host", "127.0.0.1"], variables, cancellationToken);
    }

    static async Task<double> TimeAsync(Build build, string[] arguments, Dictionary<string, string> variables, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("dotnet", [BridgeProcess.Program(build.Folder), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        if (build.FromScript) start.Environment[Diagnostics] = "0";
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(cancellationToken), process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        return process.ExitCode == 0 ? seconds : throw new InvalidOperationException($"{arguments[0]} ended with {process.ExitCode}: {await output}{await errors}");
    }
}
