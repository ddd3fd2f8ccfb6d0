using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Workers;

/// <summary>How long a worker's classifier has nothing to do between two tasks, while tasks wait at the bridge.</summary>
static class GapPart
{
    const int Tasks = 100, WarmUp = 10, Wait = 200;

    public static async Task<Table> RunAsync(WorkersBenchOptions options, string slide, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("--ahead", "tasks", "gap, ms p50", "p95", "longest", "classifier busy");
        foreach (var ahead in (int[])[1, 0])
        {
            WorkersBench.Tell($"gap: {Tasks + WarmUp} tasks of {Wait} ms, --ahead {ahead}");
            await using var site = await WorkSite.StartAsync(slide, null, cancellationToken);
            var file = Path.Combine(site.Folder, "times");
            await site.SendAsync(Tasks + WarmUp, cancellationToken);
            site.Work(ahead, Wait, file);
            await site.EndAsync(Tasks + WarmUp, cancellationToken);
            List<(double Began, double Ended)> runs = [.. (await File.ReadAllLinesAsync(file, cancellationToken)).Select(line => line.Split(' ')).Select(l => (Milliseconds(l[0]), Milliseconds(l[1]))).OrderBy(r => r.Item1).Skip(WarmUp)];
            List<double> gaps = [.. runs.Zip(runs.Skip(1)).Select(pair => pair.Second.Began - pair.First.Ended).Order()];
            table.AddRow($"{ahead}", $"{runs.Count}", Number(gaps[gaps.Count / 2]), Number(gaps[gaps.Count * 95 / 100]), Number(gaps[^1]), $"{Number(100 * runs.Sum(r => r.Ended - r.Began) / (runs[^1].Ended - runs[0].Began), "N0")} %");
        }
        return table;

        static double Milliseconds(string ticks) => long.Parse(ticks, CultureInfo.InvariantCulture) * 1000.0 / Stopwatch.Frequency;
    }
}
