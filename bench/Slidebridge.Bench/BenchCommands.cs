using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Slidebridge.Bench;

/// <summary>The benches by name.</summary>
static class BenchCommands
{
    public static Task<int> RunAsync(string[] args)
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 160; // A file has no edge to wrap at.
        return new RootCommand("Measures Slidebridge. Timings are of this machine, now: compare two of one run.") { Bridge(), Start() }.Parse(args).InvokeAsync();
    }

    static Command Bridge()
    {
        var slide = new Option<FileInfo?>("--slide") { HelpName = "FILE", Description = "The slide of every task; without one, a slide of --megabytes is made." };
        var megabytes = new Option<int>("--megabytes") { HelpName = "MB", Description = "The size of the slide that is made.", DefaultValueFactory = _ => 2 };
        var tasks = new Option<int>("--tasks") { HelpName = "N", Description = "Tasks of one run.", DefaultValueFactory = _ => 600 };
        var connections = new Option<int>("--connections") { HelpName = "N", Description = "Webhook calls at a time.", DefaultValueFactory = _ => 32 };
        var runs = new Option<int>("--runs") { HelpName = "N", Description = "Runs; the first, a tenth as long, warms up and is not counted.", DefaultValueFactory = _ => 3 };
        var command = new Option<string?>("--command") { HelpName = "COMMAND", Description = "Starts the bridge to be measured, by sh; {port}, {platform} and {data} are filled in. Without one: this tree's slidebridge." };
        var bench = new Command("bridge", """
            Tasks a second of a bridge, from the first webhook to the last evaluation on the platform's stand-in; any bridge that speaks the platform's webhook.

            Examples:
              bridge
              bridge --megabytes 300 --tasks 300
              bridge --command 'python3 webserver.py --port {port} --api-key-id local-id --api-key-secret local-secret'
            """)
        { slide, megabytes, tasks, connections, runs, command };
        bench.SetAction((parsed, cancellationToken) => BridgeBench.RunAsync(
            new BridgeBenchOptions(parsed.GetValue(slide)?.FullName, parsed.GetValue(megabytes), parsed.GetValue(tasks), parsed.GetValue(connections), parsed.GetValue(runs), parsed.GetValue(command)),
            cancellationToken));
        return bench;
    }

    static Command Start()
    {
        var times = new Option<int>("--times") { HelpName = "N", Description = "Starts.", DefaultValueFactory = _ => 5 };
        var bench = new Command("start", "The time from the start of `slidebridge serve` to its first ready answer, on a new and on a used data directory.") { times };
        bench.SetAction((parsed, cancellationToken) => StartBench.RunAsync(parsed.GetValue(times), cancellationToken));
        return bench;
    }

    public static string Number(double value, string format = "N1") => value.ToString(format, CultureInfo.InvariantCulture);
}
