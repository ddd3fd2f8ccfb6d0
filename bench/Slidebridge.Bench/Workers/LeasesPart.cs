using System.Diagnostics;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Workers;

/// <summary>Leases a second, of workers that return a small result at once.</summary>
static class LeasesPart
{
    const int Workers = 16, WarmUp = 160;

    public static async Task<Table> RunAsync(WorkersBenchOptions options, string slide, CancellationToken cancellationToken)
    {
        WorkersBench.Tell($"leases: {Workers} workers, {options.Tasks} tasks that wait");
        await using var site = await WorkSite.StartAsync(slide, null, cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = site.Address };
        List<RawWorker> workers = [];
        for (var i = 0; i < Workers; i++) workers.Add(await RawWorker.WithTokenAsync(http, $"raw{i}", cancellationToken));
        await WorkAsync(site, workers, WarmUp, cancellationToken);
        await site.EndAsync(WarmUp, cancellationToken);
        await site.SendAsync(options.Tasks, cancellationToken);
        var (processor, watch) = (site.Bridge.ProcessorTime, Stopwatch.StartNew());
        var asked = await WorkAsync(site, workers, options.Tasks, cancellationToken, isSent: true);
        var leased = watch.Elapsed.TotalSeconds;
        await site.EndAsync(WarmUp + options.Tasks, cancellationToken);
        var table = new Table().AddColumns("workers", "tasks", "leases/s", "the call for a lease, ms p50", "p95", "tasks/s until delivered", "bridge's CPU ms per task", "calls refused");
        table.AddRow($"{Workers}", $"{options.Tasks}", Number(options.Tasks / leased), Number(asked[asked.Count / 2]), Number(asked[asked.Count * 95 / 100]),
            Number(options.Tasks / watch.Elapsed.TotalSeconds), Number((site.Bridge.ProcessorTime - processor).TotalMilliseconds / options.Tasks), $"{workers.Sum(w => w.Refused)}");
        return table;
    }

    /// <summary>Works off the tasks; the times of the calls for a lease, in milliseconds, sorted.</summary>
    static async Task<List<double>> WorkAsync(WorkSite site, List<RawWorker> workers, int tasks, CancellationToken cancellationToken, bool isSent = false)
    {
        if (!isSent) await site.SendAsync(tasks, cancellationToken);
        var (left, all) = (tasks, new List<double>());
        await Task.WhenAll(workers.Select(async worker =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                var began = Stopwatch.GetTimestamp();
                var lease = await worker.AskAsync(cancellationToken) ?? throw new InvalidOperationException("A task waits, and was not leased.");
                lock (all) all.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
                await worker.CompleteAsync(lease, cancellationToken);
            }
        }));
        all.Sort();
        return all;
    }
}
