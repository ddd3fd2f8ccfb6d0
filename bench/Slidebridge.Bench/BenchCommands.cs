using System.CommandLine;
using System.ComponentModel;
using System.Data.Common;
using System.Globalization;
using Microsoft.Playwright;
using Spectre.Console;

namespace Slidebridge.Bench;

/// <summary>The benches by name.</summary>
static class BenchCommands
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160; // A file has no edge to wrap at.
        var root = new RootCommand("Measures Slidebridge. Timings are of this machine, now: compare two of one run.") { Bridge(), Load(), Start(), Tiles(), Remote(), Slides(), Pipeline(), Objects(), Fleet.FleetCommand.Create(), Workers.WorkersCommand.Create(), Lists.ListsCommand.Create(), Viewer.ViewerCommand.Create(), Screenshots.ScreenshotsCommand.Create() };
        try
        {
            return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or SlidebridgeException or DbException or HttpRequestException or Win32Exception or PlaywrightException)
        {
            // What is in the way of a measurement: no such program, database or disk space. Anything else is a fault of the bench and keeps its stack.
            await Console.Error.WriteLineAsync($"The bench cannot go on: {e.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            return 130;
        }
    }

    static Command Bridge()
    {
        var slide = new Option<FileInfo>("--slide") { HelpName = "FILE", Description = "The slide of every task; without one, a slide of --megabytes is made." }.AcceptExistingOnly();
        var megabytes = new Option<int>("--megabytes") { HelpName = "MB", Description = "The size of the slide that is made.", DefaultValueFactory = _ => 2 };
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "Tasks of one run.", DefaultValueFactory = _ => 600 };
        var connections = new Option<int>("--connections") { HelpName = "N", Description = "Webhook calls at a time.", DefaultValueFactory = _ => 32 };
        var runs = new Option<int>("--runs") { HelpName = "N", Description = "Runs; the first, a tenth as long, warms up and is not counted.", DefaultValueFactory = _ => 3 };
        var warmUp = new Option<int>("--warm-up") { HelpName = "N", Description = "Tasks after each start that do not count. 0: the first tasks after the start are measured.", DefaultValueFactory = _ => 32 };
        var command = new Option<string?>("--command") { HelpName = "COMMAND", Description = "Starts the bridge to be measured, by sh; {port}, {platform} and {data} are filled in. Without one: this tree's slidebridge." };
        var against = new Option<string?>("--against") { HelpName = "COMMAND", Description = "Starts another bridge, measured in turn with the first; the ratios of their medians are the last row." };
        var key = new Option<string>("--api-key") { HelpName = "ID:SECRET", Description = "The API key that the platform's simulator accepts.", DefaultValueFactory = _ => "local-id:local-secret" };
        var bench = new Command("bridge", """
            Tasks a second of a bridge, from the first webhook to the last evaluation on the platform's stand-in; any bridge that speaks the platform's webhook.

            Examples:
              bridge
              bridge --megabytes 300 --tasks 300
              bridge --command 'python3 webserver.py --port {port} --api-key-id local-id --api-key-secret local-secret'
              bridge --warm-up 900 --against 'exec python3 other.py --port {port} --platform {platform}' --api-key id:secret
            """)
        { slide, megabytes, tasks, connections, runs, warmUp, command, against, key };
        bench.SetAction((parsed, cancellationToken) => BridgeBench.RunAsync(
            new BridgeBenchOptions(parsed.GetValue(slide)?.FullName, parsed.GetValue(megabytes), parsed.GetValue(tasks), parsed.GetValue(connections), parsed.GetValue(runs), parsed.GetValue(warmUp),
                parsed.GetValue(command), parsed.GetValue(against), parsed.GetValue(key)!),
            cancellationToken));
        return bench;
    }

    static Command Load()
    {
        var postgres = new Option<string?>("--postgres") { HelpName = "TEXT", Description = "A PostgreSQL server where databases may be made, such as 'Host=127.0.0.1;Username=postgres'; without one, SQLite alone is measured." };
        var webhooks = new Option<int>("--webhooks") { HelpName = "N", Description = "Webhooks of one run.", DefaultValueFactory = _ => 6000 };
        var connections = new Option<int>("--connections") { HelpName = "N", Description = "Webhook calls at a time.", DefaultValueFactory = _ => 32 };
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "Tasks of one run from end to end.", DefaultValueFactory = _ => 600 };
        var runs = new Option<int>("--runs") { HelpName = "N", Description = "Runs of each kind.", DefaultValueFactory = _ => 3 };
        var bench = new Command("load", "Acknowledgements a second, tasks a second with more and more workers, how soon a waiting task starts, and how soon tasks go on after a kill.") { postgres, webhooks, connections, tasks, runs };
        bench.SetAction((parsed, cancellationToken) => LoadBench.RunAsync(
            new LoadBenchOptions(parsed.GetValue(postgres), parsed.GetValue(webhooks), parsed.GetValue(connections), parsed.GetValue(tasks), parsed.GetValue(runs)), cancellationToken));
        return bench;
    }

    static Command Start()
    {
        var times = new Option<int>("--times") { HelpName = "N", Description = "Rounds, in which each build has its turn; one more, the first, is not counted.", DefaultValueFactory = _ => 5 };
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "The first tasks after a start, and the tasks of each later run.", DefaultValueFactory = _ => 300 };
        var slide = new Option<FileInfo>("--slide") { HelpName = "FILE", Description = "The slide of every task; without one, a slide of 2 MB is made." }.AcceptExistingOnly();
        var bench = new Command("start", "The program compiled ahead of time against the same without: the time until `slidebridge serve` is ready, its first tasks against later ones, and the time of `run` and `job`.") { times, tasks, slide };
        bench.SetAction((parsed, cancellationToken) => StartBench.RunAsync(new StartBenchOptions(parsed.GetValue(times), parsed.GetValue(tasks), parsed.GetValue(slide)?.FullName), cancellationToken));
        return bench;
    }

    static Command Tiles()
    {
        var slide = new Option<FileInfo>("--slide") { HelpName = "FILE", Description = "A slide of JPEG tiles; without one, a slide of --megabytes is made." }.AcceptExistingOnly();
        var megabytes = new Option<int>("--megabytes") { HelpName = "MB", Description = "The size of the slide that is made.", DefaultValueFactory = _ => 30 };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "Rounds, in which each reader has its turn.", DefaultValueFactory = _ => 5 };
        var seconds = new Option<double>("--seconds") { HelpName = "S", Description = "How long a turn takes.", DefaultValueFactory = _ => 1 };
        var bench = new Command("tiles", "Level-0 tiles a second: this library, OpenSlide in C and in Python, and a bare libturbojpeg loop over the same bytes; one thread, then all cores.") { slide, megabytes, rounds, seconds };
        bench.SetAction(async (parsed, cancellationToken) => await TilesBench.RunAsync(
            parsed.GetValue(slide)?.FullName ?? await BenchSlide.MakeAsync(parsed.GetValue(megabytes), cancellationToken), parsed.GetValue(rounds), parsed.GetValue(seconds), cancellationToken));
        return bench;
    }

    static Command Remote()
    {
        var megabytes = new Option<int[]>("--megabytes") { HelpName = "MB", Description = "The sizes of the slides.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [30, 300, 3000] };
        var latency = new Option<int>("--latency") { HelpName = "MS", Description = "How long the server waits before each answer.", DefaultValueFactory = _ => 30 };
        var bench = new Command("remote", "First tile, thumbnail and full scan of slides behind a slow server, against downloading them first; and the memory that took.") { megabytes, latency };
        bench.SetAction((parsed, cancellationToken) => RemoteBench.RunAsync(parsed.GetValue(megabytes)!, parsed.GetValue(latency), cancellationToken));
        return bench;
    }

    static Command Objects()
    {
        var counts = new Option<int[]>("--objects") { HelpName = "N", Description = "Polygons of each result.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [100_000, 1_000_000] };
        var vertices = new Option<int>("--vertices") { HelpName = "N", Description = "Vertices of a polygon.", DefaultValueFactory = _ => 24 };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "Indexes of each result; the medians are shown.", DefaultValueFactory = _ => 3 };
        var bench = new Command("objects", "The index of a result's objects that the viewer draws: the time to make it on one thread, memory, bytes, and the largest tile.") { counts, vertices, rounds };
        bench.SetAction((parsed, cancellationToken) => Task.FromResult(ObjectsBench.Run(parsed.GetValue(counts)!, parsed.GetValue(vertices), parsed.GetValue(rounds), cancellationToken)));
        return bench;
    }

    static Command Slides()
    {
        var folder = new Argument<string>("FOLDER");
        var latency = new Argument<int>("MS");
        var server = new Command(RemoteServer.Command, "The server of the remote bench.") { folder, latency };
        server.Hidden = true;
        server.SetAction((parsed, cancellationToken) => RemoteServer.RunAsync(parsed.GetValue(folder)!, parsed.GetValue(latency), cancellationToken));
        return server;
    }

    static Command Pipeline()
    {
        var megabytes = new Option<int>("--megabytes") { HelpName = "MB", Description = "The size of the slide that is made; the memory is measured on a second one of eight times as many.", DefaultValueFactory = _ => 4 };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "Rounds, in which the bare model and the classifier have their turns.", DefaultValueFactory = _ => 3 };
        var threads = new Option<int>("--threads") { HelpName = "N", Description = "Threads of the model (runtime.threads), for both; 0 for the runtime's choice.", DefaultValueFactory = _ => 0 };
        var sessions = new Option<int>("--sessions") { HelpName = "N", Description = "Batches at a time (runtime.sessions), for both.", DefaultValueFactory = _ => 1 };
        var onnx = new Command("onnx", "A whole slide through an onnx: classifier, against the bare model on the same tiles, decoded and normalised in memory; then the memory on two sizes of slides.") { megabytes, rounds, threads, sessions };
        onnx.SetAction((parsed, cancellationToken) => OnnxBench.RunAsync(parsed.GetValue(megabytes), parsed.GetValue(rounds), parsed.GetValue(threads), parsed.GetValue(sessions), cancellationToken));
        return new Command("pipeline", "Classifiers against what they would take alone.") { onnx, Python() };
    }

    static Command Python()
    {
        var slide = new Option<FileInfo>("--slide") { HelpName = "FILE", Description = "A slide; without one, a slide of --megabytes is made." }.AcceptExistingOnly();
        var megabytes = new Option<int>("--megabytes") { HelpName = "MB", Description = "The size of the slide that is made; the memory is measured on a second one of eight times as many.", DefaultValueFactory = _ => 60 };
        var rounds = new Option<int>("--rounds") { HelpName = "N", Description = "Rounds, in which each way has its turn.", DefaultValueFactory = _ => 5 };
        var python = new Option<string>("--python") { HelpName = "PROGRAM", Description = "An interpreter that has numpy and openslide.", DefaultValueFactory = _ => "/usr/bin/python3" };
        var command = new Command("python", "Tiles a second into a Python function that does nothing, through the bridge and through openslide-python, on one core and on all; and the memory on two sizes of slides.") { slide, megabytes, rounds, python };
        command.SetAction(async (parsed, cancellationToken) => await PythonBench.RunAsync(
            parsed.GetValue(slide)?.FullName ?? await BenchSlide.MakeAsync(parsed.GetValue(megabytes), cancellationToken), await BenchSlide.MakeAsync(parsed.GetValue(megabytes) * 8, cancellationToken),
            parsed.GetValue(python)!, parsed.GetValue(rounds), cancellationToken));
        return command;
    }

    public static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    public static string Number(double value, string format = "N1") => value.ToString(format, CultureInfo.InvariantCulture);
}
