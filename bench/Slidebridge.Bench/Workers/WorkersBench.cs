using Spectre.Console;

namespace Slidebridge.Bench.Workers;

/// <param name="Parts">The parts that are measured, by name.</param>
/// <param name="Postgres">A PostgreSQL server where databases may be made; null: the part <c>nodes</c> measures workers on SQLite alone.</param>
/// <param name="Tasks">Tasks of the part <c>leases</c>.</param>
/// <param name="Workers">Workers of the part <c>heartbeats</c>.</param>
/// <param name="Seconds">Each phase of the part <c>heartbeats</c>.</param>
sealed record WorkersBenchOptions(IReadOnlyList<string> Parts, string? Postgres, int Tasks, int Workers, int Seconds);

/// <summary>Workers on other machines, as far as one machine shows it: real processes and HTTP on loopback.</summary>
static class WorkersBench
{
    /// <summary>Every part, and the longest that it may take.</summary>
    static readonly (string Name, TimeSpan Limit, Func<WorkersBenchOptions, string, CancellationToken, Task<Table>> Run)[] All =
    [
        ("leases", TimeSpan.FromMinutes(5), LeasesPart.RunAsync),
        ("heartbeats", TimeSpan.FromMinutes(10), HeartbeatsPart.RunAsync),
        ("gap", TimeSpan.FromMinutes(5), GapPart.RunAsync),
        ("nodes", TimeSpan.FromMinutes(10), NodesPart.RunAsync),
    ];

    public static IEnumerable<string> Names => All.Select(part => part.Name);

    public static async Task<int> RunAsync(WorkersBenchOptions options, CancellationToken cancellationToken)
    {
        var slide = await BenchSlide.MakeAsync(2, cancellationToken);
        foreach (var (name, time, run) in All.Where(part => options.Parts.Contains(part.Name)))
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(time);
            try
            {
                AnsiConsole.Write(await run(options, slide, limit.Token));
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException($"The part {name} did not end within {time.TotalMinutes:0} minutes.");
            }
        }
        return 0;
    }

    /// <summary>Says what is measured now.</summary>
    public static void Tell(string what) => Console.Error.WriteLine(what);
}
