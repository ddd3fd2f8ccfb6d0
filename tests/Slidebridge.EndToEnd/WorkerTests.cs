using System.Diagnostics;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>Real processes of <c>slidebridge work</c>, that are killed, frozen and stopped, and a bridge that is killed under them.</summary>
public sealed class WorkerTests : IDisposable
{
    const int LeaseSeconds = 3;

    /// <summary>In a storm, ten processes share the machine: one that waits for its turn must not look like one that is frozen.</summary>
    const int StormLeaseSeconds = 8;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly TemporaryFolder folder = Files.Temporary();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_bridge_that_is_killed_costs_no_work_of_its_workers()
    {
        await using var node = await StartAsync();
        node.HoldClassifier();
        await using var worker = new Worker(node, "--concurrency", "3", "--ahead", "0");
        var tasks = await node.RequestAsync(3);
        // A lease whose answer is still on its way when the bridge dies reaches nobody, and is given again.
        await node.UntilAsync(async () => (await Task.WhenAll(tasks.Select(node.ShowAsync))).All(task => task.GetProperty("scans")[0].GetProperty("progress").GetDouble() > 0), async () => $"{await node.ShowAsync(tasks[0])}");
        await node.Serve.KillAsync();
        node.Free(); // The worker finishes while its bridge is away.
        await Task.Delay(TimeSpan.FromSeconds(LeaseSeconds + 1), Token);
        await node.RestartAsync();
        await node.UntilAsync("completed", tasks.Count);
        node.AssertOnce(tasks);
        foreach (var task in tasks) Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", (await node.ShowAsync(task)).GetProperty("attempts").GetRawText());
    }

    [Fact]
    public async Task A_worker_that_is_terminated_releases_its_tasks_at_once_and_ends_with_0()
    {
        await using var node = await StartAsync();
        node.HoldClassifier();
        await using var worker = new Worker(node, "--concurrency", "2");
        var tasks = await node.RequestAsync(3);
        await node.UntilAsync("running", 3);
        await worker.SignalAsync("TERM");
        Assert.Equal(0, await worker.EndAsync(Token));
        await node.UntilAsync("accepted", 3);
        foreach (var task in tasks) Assert.Equal(0, (await node.ShowAsync(task)).GetProperty("attempts").GetProperty("crashes").GetInt32());
    }

    [Fact]
    public async Task A_task_that_kills_its_worker_is_set_aside_once_it_has_done_so_alone()
    {
        await using var node = await StartAsync("--crash-limit", "1");
        var poison = (await node.RequestAsync(1, "poison")).Single();
        var innocent = await node.RequestAsync(4);
        using var stop = new CancellationTokenSource();
        var supervisor = Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await using var worker = new Worker(node, "--name", "lab1", "--concurrency", "2");
                await worker.EndAsync(stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        }, Token);
        try
        {
            await node.UntilAsync("failed", 1);
            await node.UntilAsync("completed", innocent.Count);
        }
        finally
        {
            await stop.CancelAsync();
            await supervisor;
        }
        node.AssertOnce(innocent);
        Assert.StartsWith("The process ended 1 time while it worked on this task alone", (await node.ShowAsync(poison)).GetProperty("lastError").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tasks_in_a_storm_on_SQLite_have_one_evaluation_each()
    {
        await using var node = await StartAsync(StormLeaseSeconds);
        await using var proxy = new CuttingProxy(() => [node.Serve.Address], seed: 1);
        var tasks = await node.RequestAsync(Storm);
        var lost = await RageAsync(proxy, node.Hold, _ => node.RestartAsync(), async () => await node.Serve.CountAsync("completed") >= Storm);
        node.AssertOnce(tasks);
        var crashes = 0;
        foreach (var task in tasks) crashes += (await node.ShowAsync(task)).GetProperty("attempts").GetProperty("crashes").GetInt32();
        Assert.InRange(crashes, 0, 3 * lost);
    }

    [Fact]
    public async Task Tasks_in_a_storm_on_PostgreSQL_with_two_web_nodes_have_one_evaluation_each()
    {
        await using var cluster = await Cluster.StartAsync(web: 2, workers: 1, ["--config", Configuration(), "--lease-time", $"{StormLeaseSeconds}s", "--delivery-settle", "1s", "--check-in", "1s", "--check-in-limit", "3s"]);
        await using var proxy = new CuttingProxy(() => cluster.WebAddresses, seed: 2);
        var tasks = await cluster.PrepareAsync(Storm);
        var sending = Task.WhenAll(tasks.Select((task, i) => cluster.SendAsync(task, new Random(i))));
        var lost = await RageAsync(proxy, Path.Combine(folder.Path, "hold"), node => cluster.RestartAsync(node % 2), async () => await cluster.CountAsync("completed") >= Storm);
        await sending;
        Assert.Equal(tasks.Select(t => t.TaskNumber).Order(), cluster.Platform.State.Evaluations.Select(e => e.TaskNumber).Order());
        Assert.Equal(0, cluster.Platform.State.Duplicates);
        var crashes = 0;
        foreach (var task in tasks) crashes += (await cluster.ShowAsync(task)).GetProperty("attempts").GetProperty("crashes").GetInt32();
        Assert.InRange(crashes, 0, 3 * lost);
    }

    const int Storm = 200, StormWorkers = 6, StormSteps = 12;

    /// <summary>Six workers behind a proxy that cuts connections; one after the other is killed, frozen or told to end, and so is their bridge, until all tasks are completed.</summary>
    /// <returns>How many workers were lost while they worked: each of them had at most two tasks that it classified and one that it had opened.</returns>
    static async Task<int> RageAsync(CuttingProxy proxy, string hold, Func<int, Task> restartBridge, Func<Task<bool>> isDone)
    {
        var random = new Random(1);
        Worker New() => new(proxy.Address, hold, "--concurrency", "2");
        var workers = Enumerable.Range(0, StormWorkers).Select(_ => New()).ToList();
        var lost = 0;
        try
        {
            proxy.Cuts = true;
            for (var i = 0; i < StormSteps; i++)
            {
                await Task.Delay(random.Next(500, 1500), Token);
                var which = random.Next(workers.Count);
                switch (i % 4)
                {
                    case 0: // Killed.
                        lost++;
                        await workers[which].DisposeAsync();
                        workers[which] = New();
                        break;
                    case 1: // Frozen until its leases are gone.
                        lost++;
                        await workers[which].SignalAsync("STOP");
                        var frozen = workers[which];
                        _ = Task.Delay(TimeSpan.FromSeconds(2 * StormLeaseSeconds), Token).ContinueWith(_ => frozen.SignalAsync("CONT"), TaskScheduler.Default);
                        break;
                    case 2: // Told to end.
                        await workers[which].SignalAsync("TERM");
                        await workers[which].EndAsync(Token);
                        workers[which] = New();
                        break;
                    default: // A bridge.
                        await restartBridge(i / 4);
                        break;
                }
            }
            proxy.Cuts = false;
            var clock = Stopwatch.StartNew();
            while (!await isDone())
            {
                Assert.True(clock.Elapsed < Patience, "The storm's tasks do not end.");
                await Task.Delay(100, Token);
            }
            Assert.NotEqual(0, proxy.Count);
            return lost;
        }
        finally
        {
            foreach (var worker in workers) await worker.DisposeAsync();
        }
    }

    Task<LoneNode> StartAsync(params string[] more) => StartAsync(LeaseSeconds, more);

    Task<LoneNode> StartAsync(int leaseSeconds, params string[] more)
    {
        return LoneNode.StartAsync(null, ["--port", $"{Files.FreePort()}", "--config", Configuration(), "--lease-time", $"{leaseSeconds}s", "--delivery-settle", "1s", .. more]);
    }

    /// <summary>The bridge's file: all tasks are for workers.</summary>
    string Configuration()
    {
        var file = Path.Combine(folder.Path, "workers.json");
        File.WriteAllText(file, """{ "classifiers": { "held": { "kind": "worker", "group": "gpu" } }, "routes": [{ "classifier": "held" }] }""");
        return file;
    }

    /// <summary>A worker process of the bridge at this address.</summary>
    sealed class Worker(Uri bridge, string hold, params string[] more) : IAsyncDisposable
    {
        readonly Process process = Launch(bridge, hold, more);

        public Worker(LoneNode node, params string[] more) : this(node.Serve.Address, node.Hold, more)
        {
        }

        static Process Launch(Uri bridge, string hold, string[] more)
        {
            var process = ServeProcess.LaunchWorker(bridge, hold, more);
            process.OutputDataReceived += (_, _) => { };
            process.ErrorDataReceived += (_, _) => { };
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            return process;
        }

        public Task SignalAsync(string name) => Files.SignalAsync(process.Id, name);

        public async Task<int> EndAsync(CancellationToken cancellationToken)
        {
            await process.WaitForExitAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
            return process.ExitCode;
        }

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited) process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }
    }
}
