using System.Net;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.EndToEnd;

/// <summary>Several nodes on one real PostgreSQL, and what becomes of tasks when one of them freezes, stops, or loses its database.</summary>
public sealed class ClusterTests
{
    static readonly string[] Quick = ["--check-in", "500ms", "--check-in-limit", "2s", "--delivery-settle", "2s"];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Workers_share_the_tasks_that_web_nodes_take_in()
    {
        await using var cluster = await Cluster.StartAsync(web: 2, workers: 2, "--concurrency", "2");
        var tasks = await SendAsync(cluster, 30);
        await cluster.UntilAsync("completed", 30);
        AssertOnce(cluster, tasks);
        var nodes = new HashSet<string>();
        foreach (var task in tasks) nodes.Add((await cluster.ShowAsync(task)).GetProperty("node").GetString()!);
        Assert.Equal(2, nodes.Count);
    }

    [Fact]
    public async Task A_web_node_shows_how_far_a_task_is_that_another_node_runs()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1);
        cluster.HoldClassifiers();
        var task = (await SendAsync(cluster, 1)).Single();
        await cluster.UntilAsync("running", 1);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await cluster.ShowAsync(task)).GetProperty("scans")[0].GetProperty("progress").GetDouble() != 0.5)
        {
            Assert.False(patience.IsCancellationRequested, await cluster.ToldAsync());
            await Task.Delay(100, Token);
        }
        cluster.Free();
        await cluster.UntilAsync("completed", 1);
        Assert.Equal(1, (await cluster.ShowAsync(task)).GetProperty("scans")[0].GetProperty("progress").GetDouble());
    }

    [Fact]
    public async Task A_node_that_stopped_in_order_is_not_taken_for_failed()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 2, Quick);
        await cluster.Worker(1).SignalAsync("TERM");
        Assert.Equal(0, await cluster.Worker(1).EndAsync(TimeSpan.FromSeconds(40)));
        await Task.Delay(TimeSpan.FromSeconds(6), Token); // Its heartbeat would be late by now.
        Assert.DoesNotContain("failed or restarted", cluster.Worker(0).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_frozen_workers_late_result_is_fenced_off()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, Quick);
        cluster.HoldClassifiers();
        var tasks = await SendAsync(cluster, 3);
        await cluster.UntilAsync("running", 2);
        await cluster.Worker(0).SignalAsync("STOP");
        var frozen = cluster.Worker(0);

        cluster.Free();
        await cluster.AddWorkerAsync();
        await cluster.UntilAsync("completed", 3);
        await frozen.SignalAsync("CONT");
        // The thawed worker ends its classifications, and is told that they are not its own any more.
        await UntilAsync(() => frozen.Output.Contains("The result of this run is dropped", StringComparison.Ordinal), frozen);
        await Task.Delay(1000, Token);
        AssertOnce(cluster, tasks);
        Assert.Contains(await EventsAsync(cluster, tasks), e => e.Contains("taken over by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_frozen_while_it_posts_does_not_post_twice()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, Quick);
        cluster.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Delay, DelayMilliseconds = 1500, Times = null });
        var tasks = await SendAsync(cluster, 4);
        await cluster.UntilAsync("delivering", 2);
        var frozen = cluster.Worker(0);
        await frozen.SignalAsync("STOP");
        await cluster.AddWorkerAsync();
        await cluster.UntilAsync("completed", 4);
        await frozen.SignalAsync("CONT");
        await Task.Delay(2500, Token);
        AssertOnce(cluster, tasks);
    }

    [Fact]
    public async Task A_database_that_is_away_for_ten_seconds_loses_nothing_that_was_acknowledged()
    {
        await using var cluster = await Cluster.StartAsync(await Postgres.CreateAsync(ownServer: true), web: 1, workers: 1, Quick);
        var tasks = (await SendAsync(cluster, 20)).ToList();
        await cluster.Postgres.Server.StopAsync();

        var refused = await cluster.PrepareAsync(5);
        foreach (var task in refused) Assert.Equal(HttpStatusCode.ServiceUnavailable, await cluster.TrySendAsync(task, 0));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await cluster.Node(0).Http.GetAsync(new Uri("/health/ready", UriKind.Relative), Token)).StatusCode);
        await Task.Delay(10_000, Token);
        await cluster.Postgres.Server.GoAsync();

        foreach (var task in refused) await cluster.SendAsync(task, new Random(1));
        tasks.AddRange(refused);
        await cluster.UntilAsync("completed", 25);
        AssertOnce(cluster, tasks);
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_ends_what_it_can_and_hands_the_rest_back_at_once()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, [.. Quick, "--drain", "1s"]);
        cluster.HoldClassifiers();
        var tasks = await SendAsync(cluster, 6);
        await cluster.UntilAsync("running", 2);
        var stopped = cluster.Worker(0);
        await stopped.SignalAsync("TERM");
        Assert.Equal(0, await stopped.EndAsync(TimeSpan.FromSeconds(20)));
        // Nobody has them in hand: nothing waits for a time-out.
        Assert.Equal(6, await cluster.CountAsync("accepted"));

        cluster.Free();
        await cluster.AddWorkerAsync();
        await cluster.UntilAsync("completed", 6);
        AssertOnce(cluster, tasks);
        var events = await EventsAsync(cluster, tasks);
        Assert.Contains(events, e => e.Contains("released: node ", StringComparison.Ordinal));
        Assert.DoesNotContain(events, e => e.Contains("did not finish its run", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_worker_that_is_told_to_stop_does_not_cut_a_post_off()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, Quick);
        cluster.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Delay, DelayMilliseconds = 2000, Times = null });
        var tasks = await SendAsync(cluster, 3);
        await cluster.UntilAsync("delivering", 3);
        await cluster.Worker(0).SignalAsync("TERM");
        Assert.Equal(0, await cluster.Worker(0).EndAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal(3, await cluster.CountAsync("completed"));
        AssertOnce(cluster, tasks);
        foreach (var task in tasks) Assert.Equal(1, (await cluster.ShowAsync(task)).GetProperty("attempts").GetProperty("posts").GetInt32());
    }

    [Fact]
    public async Task Workers_that_serve_a_group_take_over_the_tasks_of_one_that_died()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, [.. Quick, "--group", "gpu", "--serve", "gpu"]);
        cluster.HoldClassifiers();
        var tasks = await SendAsync(cluster, 3);
        await cluster.UntilAsync("running", 2);
        await cluster.KillAsync(1);

        cluster.Free();
        await cluster.AddWorkerAsync();
        await cluster.UntilAsync("completed", 3);
        AssertOnce(cluster, tasks);
    }

    [Fact]
    public async Task Text_that_PostgreSQL_cannot_hold_keeps_no_task_out()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, Quick);
        var task = (await cluster.PrepareAsync(1, company: "se\0ven")).Single();
        Assert.Contains("\\u0000", task.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await cluster.TrySendAsync(task, 0));
        await cluster.UntilAsync("completed", 1);
        AssertOnce(cluster, [task]);
    }

    static async Task<IReadOnlyList<SimulatedTask>> SendAsync(Cluster cluster, int count)
    {
        var tasks = await cluster.PrepareAsync(count);
        await Task.WhenAll(tasks.Select(task => cluster.SendAsync(task, new Random((int)task.TaskNumber))));
        return tasks;
    }

    static void AssertOnce(Cluster cluster, IReadOnlyCollection<SimulatedTask> tasks)
    {
        Assert.Equal(tasks.Select(t => t.TaskNumber).Order(), cluster.Platform.State.Evaluations.Select(e => e.TaskNumber).Order());
        Assert.Equal(0, cluster.Platform.State.Duplicates);
    }

    static async Task<string[]> EventsAsync(Cluster cluster, IEnumerable<SimulatedTask> tasks)
    {
        var all = new List<string>();
        foreach (var task in tasks) all.AddRange((await cluster.ShowAsync(task)).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()!));
        return [.. all];
    }

    static async Task UntilAsync(Func<bool> holds, ServeProcess node)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!holds())
        {
            Assert.False(patience.IsCancellationRequested, node.Output);
            await Task.Delay(50, Token);
        }
    }
}
