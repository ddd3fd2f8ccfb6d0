using System.Diagnostics;
using Slidebridge.Workers;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Workers;

/// <summary>
/// The bridge's processor time for workers that each hold a lease and have nothing to send. They renew as often as the bridge says, as <c>slidebridge work</c> does; in the last phase they also wait for the next task, with calls that last
/// up to <see cref="WorkProtocol.LongestWait"/>.
/// </summary>
static class HeartbeatsPart
{
    public static async Task<Table> RunAsync(WorkersBenchOptions options, string slide, CancellationToken cancellationToken)
    {
        await using var site = await WorkSite.StartAsync(slide, null, cancellationToken);
        using var http = new HttpClient(new SocketsHttpHandler()) { BaseAddress = site.Address };
        WorkersBench.Tell($"heartbeats: {options.Workers} workers lease a task each");
        await site.SendAsync(options.Workers, cancellationToken);
        List<RawWorker> workers = [];
        for (var i = 0; i < options.Workers; i++) workers.Add(await RawWorker.WithTokenAsync(http, $"raw{i}", cancellationToken));
        var leases = await Task.WhenAll(workers.Select(async w => await w.AskAsync(cancellationToken) ?? throw new InvalidOperationException("A task waits, and was not leased.")));
        var table = new Table().AddColumns("phase", "seconds", "heartbeats", "leases lost", "bridge's CPU, % of a core", "without the idle bridge's", "ms p50 of a heartbeat", "p95");

        // A second bridge without workers, measured at the same time, because the machine has other work too.
        await using var idle = await WorkSite.StartAsync(slide, null, cancellationToken);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var beats = new Beats();
        var running = workers.Zip(leases).Select((pair, i) => BeatAsync(pair.First, pair.Second, (double)i / workers.Count, beats, ending.Token)).ToList();
        WorkersBench.Tell("heartbeats: two rounds that do not count");
        await Task.Delay(TimeSpan.FromSeconds(2 * leases[0].RenewSeconds), cancellationToken);
        await MeasureAsync("heartbeats");
        running.AddRange(workers.Select(worker => WaitAsync(worker, ending.Token)));
        await Task.Delay(WorkProtocol.LongestWait, cancellationToken);
        await MeasureAsync("heartbeats, and calls that wait for a task");
        await ending.CancelAsync();
        await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return table;

        async Task MeasureAsync(string phase)
        {
            WorkersBench.Tell($"heartbeats: {phase}, {options.Seconds} s");
            beats.Clear();
            var (before, idleBefore, watch) = (site.Bridge.ProcessorTime, idle.Bridge.ProcessorTime, Stopwatch.StartNew());
            await Task.WhenAny([Task.Delay(TimeSpan.FromSeconds(options.Seconds), cancellationToken), .. running]);
            if (running.Find(r => r.IsFaulted) is { } failed) await failed;
            var (seconds, times) = (watch.Elapsed.TotalSeconds, beats.Sorted());
            var (own, empty) = ((site.Bridge.ProcessorTime - before).TotalSeconds / seconds, (idle.Bridge.ProcessorTime - idleBefore).TotalSeconds / seconds);
            table.AddRow(phase, Number(seconds, "N0"), $"{times.Count}", $"{beats.Lost}", Number(100 * own), Number(100 * (own - empty)), Number(times[times.Count / 2]), Number(times[times.Count * 95 / 100]));
        }
    }

    /// <param name="worker">The worker.</param>
    /// <param name="lease">Its lease.</param>
    /// <param name="phase">When in the interval it begins, 0 to 1: workers do not start together.</param>
    /// <param name="beats">Receives the times.</param>
    /// <param name="cancellationToken">Ends it.</param>
    static async Task BeatAsync(RawWorker worker, LeaseJson lease, double phase, Beats beats, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromSeconds(lease.RenewSeconds * phase), cancellationToken);
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            var lost = await worker.RenewAsync(lease, cancellationToken);
            beats.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds, lost);
            await Task.Delay(TimeSpan.FromSeconds(lease.RenewSeconds), cancellationToken);
        }
    }

    static async Task WaitAsync(RawWorker worker, CancellationToken cancellationToken)
    {
        while (await worker.AskAsync(cancellationToken) is null) continue;
        throw new InvalidOperationException("No task should wait.");
    }

    sealed class Beats
    {
        readonly List<double> times = [];

        public int Lost { get; private set; }

        public void Add(double milliseconds, int lost)
        {
            lock (times)
            {
                times.Add(milliseconds);
                Lost += lost;
            }
        }

        public void Clear()
        {
            lock (times)
            {
                times.Clear();
                Lost = 0;
            }
        }

        public List<double> Sorted()
        {
            lock (times) return [.. times.Order()];
        }
    }
}
