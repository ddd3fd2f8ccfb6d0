using System.Text.Json;
using Slidebridge.Bench.Fleet.Simulation;
using Slidebridge.Bench.Fleet.Simulation.Policies;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Fleet;

/// <param name="Traces">The traces that are played.</param>
/// <param name="Most">Maximum workers; null: each trace's own.</param>
/// <param name="Json">The results are written as JSON.</param>
/// <param name="Svg">A chart of the first trace is written to this file; null: none.</param>
sealed record FleetBenchOptions(IReadOnlyList<string> Traces, SimulationSettings Settings, int? Most, bool Json, string? Svg);

/// <summary>Plays arrivals of tasks against the controller's own decision and against other policies, in simulated time.</summary>
static class FleetBench
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(FleetBenchOptions options, CancellationToken cancellationToken)
    {
        var settings = options.Settings with { SampleEvery = options.Svg is null ? 0 : 15 };
        var results = new List<FleetResult>();
        foreach (var name in options.Traces)
        {
            var trace = ArrivalTraces.Of(name, settings);
            if (options.Most is { } most) trace = trace with { Most = most };
            foreach (var policy in FleetPolicy.All())
            {
                cancellationToken.ThrowIfCancellationRequested();
                results.Add(FleetRun.Of(trace, policy, settings));
            }
        }
        if (options.Json) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(results, Json));
        else AnsiConsole.Write(TableOf(results));
        if (options.Svg is { } file) await File.WriteAllTextAsync(file, FleetChart.Of([.. results.Where(r => r.Trace == options.Traces[0])]), cancellationToken);
        return 0;
    }

    static Table TableOf(IReadOnlyList<FleetResult> results)
    {
        var table = new Table().AddColumns("trace", "policy", "GPU hours paid", "of them worked", "result after, p50", "p95", "URLs expired", "starts", "lost runs");
        foreach (var column in table.Columns.Skip(2)) column.RightAligned();
        foreach (var trace in results.GroupBy(r => r.Trace))
        {
            foreach (var (result, i) in trace.Select((r, i) => (r, i)))
            {
                table.AddRow(
                    i == 0 ? $"{trace.Key}, {result.Tasks}" : "", result.Policy, Number(result.PaidHours), $"{Number(result.WorkedHours)} ({Number(100 * result.WorkedHours / result.PaidHours, "N0")} %)",
                    Minutes(result.Median), Minutes(result.Percentile95), $"{result.Expired}", $"{result.Starts}", $"{result.LostRuns}");
            }
        }
        return table;
    }

    static string Minutes(double seconds) => $"{Number(seconds / 60)} min";
}
