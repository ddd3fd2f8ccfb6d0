using System.Diagnostics;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Workers;

/// <summary>Tasks a second with 1, 2 and 4 workers on one bridge, against as many nodes of a cluster. Each classifies one task at a time, in half a second without processor.</summary>
static class NodesPart
{
    const int Wait = 500, WarmUp = 4, Tasks = 24;

    public static async Task<Table> RunAsync(WorkersBenchOptions options, string slide, CancellationToken cancellationToken)
    {
        var table = new Table().AddColumns("classifies", "store", "processes", "tasks/s", "of the most possible");
        foreach (var count in (int[])[1, 2, 4])
        {
            foreach (var store in (string?[])(options.Postgres is null ? [null] : [null, options.Postgres]))
            {
                WorkersBench.Tell($"nodes: {count} × slidebridge work, {(store is null ? "SQLite" : "PostgreSQL")}");
                await using var site = await WorkSite.StartAsync(slide, store is null ? null : await BenchDatabase.MakeAsync(store, cancellationToken), cancellationToken);
                for (var i = 0; i < count; i++) site.Work(1, Wait);
                table.AddRow(["slidebridge work", store is null ? "SQLite" : "PostgreSQL", $"{count}", .. await RateAsync(site, count, cancellationToken)]);
            }
            if (options.Postgres is null) continue;
            WorkersBench.Tell($"nodes: {count} × serve --role worker, PostgreSQL");
            await using var nodes = await WorkSite.StartNodesAsync(slide, await BenchDatabase.MakeAsync(options.Postgres, cancellationToken), count, Wait, cancellationToken);
            table.AddRow(["serve --role worker", "PostgreSQL", $"{count}", .. await RateAsync(nodes, count, cancellationToken)]);
        }
        if (options.Postgres is null) WorkersBench.Tell("nodes: without --postgres, nodes of a cluster were not measured");
        return table;
    }

    static async Task<string[]> RateAsync(WorkSite site, int count, CancellationToken cancellationToken)
    {
        await site.SendAsync(WarmUp * count, cancellationToken);
        await site.EndAsync(WarmUp * count, cancellationToken);
        var watch = Stopwatch.StartNew();
        await site.SendAsync(Tasks * count, cancellationToken);
        await site.EndAsync((WarmUp + Tasks) * count, cancellationToken);
        var rate = Tasks * count / watch.Elapsed.TotalSeconds;
        return [Number(rate, "N2"), $"{Number(100 * rate / (count * 1000.0 / Wait), "N0")} %"];
    }
}
