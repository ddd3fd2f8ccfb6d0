using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench;

/// <param name="Postgres">A PostgreSQL server where databases may be made, or null: SQLite alone is measured.</param>
/// <param name="Webhooks">Webhooks of a run.</param>
/// <param name="Connections">Webhook calls at a time.</param>
/// <param name="Tasks">Tasks of a run from end to end.</param>
/// <param name="Runs">Runs of each kind.</param>
sealed record LoadBenchOptions(string? Postgres, int Webhooks, int Connections, int Tasks, int Runs);

/// <summary>
/// What a bridge bears: acknowledgements a second, tasks a second with one, two and three workers, how soon a waiting task starts, and how soon
/// tasks go on after the node that had them was killed. The platform's stand-in and the webhook's calls run in this process.
/// </summary>
static class LoadBench
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(LoadBenchOptions options, CancellationToken cancellationToken)
    {
        var slide = await BenchSlide.MakeAsync(2, cancellationToken);
        string?[] stores = options.Postgres is null ? [null] : [null, options.Postgres];
        var table = new Table().AddColumns("run", "store", "acknowledgements/s", "p50 ms", "p99 ms", "longest ms", "CPU ms each");
        for (var run = 1; run <= options.Runs; run++)
            foreach (var store in stores) table.AddRow([$"{run}", Name(store), .. await AcknowledgeAsync(options, store, slide, cancellationToken)]);
        AnsiConsole.Write(table);

        table = new Table().AddColumns("run", "nodes", "slides answer after ms", "tasks/s", "start of a waiting task, ms p50", "longest", "evaluations", "twice");
        for (var run = 1; run <= options.Runs; run++)
        {
            // At once, the processor is what a task takes; after a while, it is waiting, as for slides far away or a GPU.
            foreach (var latency in (int[])[0, 150])
            {
                table.AddRow([$"{run}", "1, SQLite", $"{latency}", .. await WorkAsync(options, null, 0, latency, slide, cancellationToken)]);
                for (var workers = 1; workers <= 3 && options.Postgres is not null; workers++)
                    table.AddRow([$"{run}", $"1 web, {workers} workers", $"{latency}", .. await WorkAsync(options, options.Postgres, workers, latency, slide, cancellationToken)]);
            }
        }
        AnsiConsole.Write(table);

        table = new Table().AddColumns("run", "killed", "s until its task goes on");
        for (var run = 1; run <= options.Runs; run++)
            foreach (var store in stores) table.AddRow($"{run}", store is null ? "the only node, started again at once" : "one of two workers", await RecoverAsync(store, slide, cancellationToken));
        AnsiConsole.Write(table);
        return 0;
    }

    static string Name(string? store) => store is null ? "SQLite" : "PostgreSQL";

    /// <summary>Webhooks only: the slides are held back, so that tasks wait and take no processor from what is measured.</summary>
    static async Task<string[]> AcknowledgeAsync(LoadBenchOptions options, string? store, string slide, CancellationToken cancellationToken)
    {
        await using var load = await Nodes.StartAsync(store, store is null ? ["all"] : ["web"], slide, cancellationToken);
        load.Hold();
        var tasks = await load.PrepareAsync(options.Webhooks + options.Connections * 20);
        await SendAsync(load.Web, tasks.Skip(options.Webhooks), options.Connections, cancellationToken);
        var processor = load.ProcessorTime;
        var watch = Stopwatch.StartNew();
        var times = await SendAsync(load.Web, tasks.Take(options.Webhooks), options.Connections, cancellationToken);
        var seconds = watch.Elapsed.TotalSeconds;
        return [Number(times.Count / seconds, "N0"), Number(times[times.Count / 2]), Number(times[times.Count * 99 / 100]), Number(times[^1]), Number((load.ProcessorTime - processor).TotalMilliseconds / times.Count, "N2")];
    }

    /// <summary>Sends each once; the times of those that were answered by 200, in milliseconds, sorted.</summary>
    static async Task<List<double>> SendAsync(Uri web, IEnumerable<SimulatedTask> tasks, int connections, CancellationToken cancellationToken)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = connections });
        var bodies = new Queue<byte[]>(tasks.Select(t => Encoding.UTF8.GetBytes(t.Body)));
        var all = new List<double>(bodies.Count);
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                byte[]? body;
                lock (bodies) bodies.TryDequeue(out body);
                if (body is null) return;
                using var content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/json" } } };
                var began = Stopwatch.GetTimestamp();
                using var answer = await http.PostAsync(new Uri(web, "/webhook"), content, cancellationToken);
                if (answer.IsSuccessStatusCode) lock (all) all.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }
        }, cancellationToken)));
        all.Sort();
        return all;
    }

    static async Task<string[]> WorkAsync(LoadBenchOptions options, string? store, int workers, int latency, string slide, CancellationToken cancellationToken)
    {
        await using var load = await Nodes.StartAsync(store, store is null ? ["all"] : ["web", .. Enumerable.Repeat("worker", workers)], slide, cancellationToken);
        if (latency > 0) load.Slow(latency);
        // Compiled by then, each node.
        await SendAsync(load.Web, await load.PrepareAsync(60 * Math.Max(1, workers)), options.Connections, cancellationToken);
        await load.EndAsync(60 * Math.Max(1, workers), cancellationToken);

        var starts = new List<double>();
        foreach (var task in await load.PrepareAsync(20))
        {
            await SendAsync(load.Web, [task], 1, cancellationToken);
            starts.Add(await load.StartedAfterAsync(task, cancellationToken));
        }
        starts.Sort();
        var before = await load.EndAsync(60 * Math.Max(1, workers) + 20, cancellationToken);

        var tasks = await load.PrepareAsync(options.Tasks);
        var watch = Stopwatch.StartNew();
        var sent = SendAsync(load.Web, tasks, options.Connections, cancellationToken);
        var ended = await load.EndAsync(before + options.Tasks, cancellationToken) - before;
        await sent;
        return [Number(ended / watch.Elapsed.TotalSeconds), Number(starts[starts.Count / 2], "N0"), Number(starts[^1], "N0"), $"{ended} of {options.Tasks}", $"{load.Platform.State.Duplicates}"];
    }

    /// <summary>A task whose slide is held back is running; its node gets SIGKILL. How long until another run has the task.</summary>
    static async Task<string> RecoverAsync(string? store, string slide, CancellationToken cancellationToken)
    {
        await using var load = await Nodes.StartAsync(store, store is null ? ["all"] : ["web", "worker", "worker"], slide, cancellationToken);
        load.Hold();
        var task = (await load.PrepareAsync(1))[0];
        await SendAsync(load.Web, [task], 1, cancellationToken);
        await load.StartedAfterAsync(task, cancellationToken);
        var killed = DateTimeOffset.UtcNow;
        await load.KillRunnerAsync(task, cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        while (true)
        {
            if (await load.EventAsync(task, "taken over", patience.Token) is { } at) return Number((at - killed).TotalSeconds);
            await Task.Delay(50, patience.Token);
        }
    }

    /// <summary>Bridge processes on one store, and the platform.</summary>
    sealed class Nodes : IAsyncDisposable
    {
        readonly string folder = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        readonly List<(BridgeProcess Process, string Role)> nodes = [];
        readonly HttpClient http = new();
        readonly string slide;
        string? database;

        Nodes(Simulator.Simulator platform, string slide) => (Platform, this.slide) = (platform, slide);

        public Simulator.Simulator Platform { get; }

        /// <summary>Of all nodes, so far.</summary>
        public TimeSpan ProcessorTime => nodes.Aggregate(TimeSpan.Zero, (sum, node) => sum + node.Process.ProcessorTime);

        public Uri Web => nodes[0].Process.Webhook;

        public static async Task<Nodes> StartAsync(string? store, string[] roles, string slide, CancellationToken cancellationToken)
        {
            var load = new Nodes(await Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Path.GetDirectoryName(slide)! }, cancellationToken), slide);
            if (store is not null) load.database = await BenchDatabase.MakeAsync(store, cancellationToken);
            foreach (var role in roles) await load.AddAsync(role, cancellationToken);
            return load;
        }

        async Task AddAsync(string role, CancellationToken cancellationToken) => nodes.Add((await BridgeProcess.StartAsync(
            BridgeProcess.OwnCommand + $" --role {role} --delivery-settle 2s{(database is null ? "" : $" --database '{database}'")}",
            Platform.Address, Path.Combine(folder, database is null ? "data" : $"node{nodes.Count}"), cancellationToken), role));

        /// <summary>No slide yields a byte from now on.</summary>
        public void Hold() => Slow(600_000);

        /// <summary>Each request for a slide's bytes is answered after so many milliseconds.</summary>
        public void Slow(int milliseconds) => Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Delay, DelayMilliseconds = milliseconds, Times = null });

        public async Task<IReadOnlyList<SimulatedTask>> PrepareAsync(int count) =>
            await Platform.RequestAsync(new AiRequest { Slides = [Path.GetFileName(slide)], Count = count, IncludeScanUrls = true }, CancellationToken.None);

        /// <summary>How many tasks have their evaluation: the expected, or fewer when none came for long.</summary>
        public async Task<int> EndAsync(int expected, CancellationToken cancellationToken)
        {
            var (ended, since) = (-1, Stopwatch.StartNew());
            while (true)
            {
                var now = Platform.State.Evaluations.Count;
                if (now >= expected) return now;
                if (now != ended) (ended, since) = (now, Stopwatch.StartNew());
                if (since.Elapsed > Patience) return now;
                await Task.Delay(5, cancellationToken);
            }
        }

        /// <summary>Milliseconds from a task's acknowledgement to its run, by the events.</summary>
        public async Task<double> StartedAfterAsync(SimulatedTask task, CancellationToken cancellationToken)
        {
            var accepted = await EventAsync(task, "stored on disk", cancellationToken) ?? throw new InvalidOperationException("A task was not stored.");
            while (true)
            {
                if (await EventAsync(task, " started on node ", cancellationToken) is { } started) return (started - accepted).TotalMilliseconds;
                await Task.Delay(10, cancellationToken);
            }
        }

        /// <summary>When the first event of these words happened, or null.</summary>
        public async Task<DateTimeOffset?> EventAsync(SimulatedTask task, string words, CancellationToken cancellationToken)
        {
            var shown = await http.GetFromJsonAsync<JsonElement>(new Uri(nodes[^1].Process.Webhook, $"/api/tasks/{task.TaskNumber}"), cancellationToken);
            foreach (var e in shown.GetProperty("events").EnumerateArray())
                if (e.GetProperty("what").GetString()!.Contains(words, StringComparison.Ordinal)) return e.GetProperty("at").GetDateTimeOffset();
            return null;
        }

        /// <summary>Kills the node that runs the task; a node that is alone is started again.</summary>
        public async Task KillRunnerAsync(SimulatedTask task, CancellationToken cancellationToken)
        {
            var shown = await http.GetFromJsonAsync<JsonElement>(new Uri(Web, $"/api/tasks/{task.TaskNumber}"), cancellationToken);
            // A node's name has its process's number.
            var runner = nodes.Single(n => shown.GetProperty("node").GetString()!.Contains($"-{n.Process.Id}-", StringComparison.Ordinal));
            nodes.Remove(runner);
            await runner.Process.DisposeAsync();
            if (nodes.Count == 0) await AddAsync(runner.Role, cancellationToken);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var node in nodes) await node.Process.DisposeAsync();
            await Platform.DisposeAsync();
            http.Dispose();
            Directory.Delete(folder, recursive: true);
        }
    }
}
