using System.Globalization;
using System.Text.Json.Nodes;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>Workers that a real bridge starts by itself: as jobs of a real Slurm, and as processes of this machine.</summary>
public sealed class FleetTests(Slurm slurm) : IClassFixture<Slurm>, IDisposable
{
    readonly TemporaryFolder folder = Files.Temporary();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Twenty_tasks_bring_workers_up_to_the_most_are_delivered_once_and_leave_no_job()
    {
        await using var node = await OnSlurmAsync("twenty", most: 3, tasksPerWorker: 4);
        var tasks = await node.RequestAsync(20);
        await node.UntilAsync("completed", tasks.Count);
        node.AssertOnce(tasks);
        await node.UntilAsync(async () => (await slurm.JobsAsync("twenty")).All(job => job.State is "COMPLETED"), async () => $"{string.Join(", ", await slurm.JobsAsync("twenty"))}");
        // Five are wanted for twenty tasks, and three are the most. A worker that had ended before the last tasks may be replaced.
        Assert.InRange((await slurm.JobsAsync("twenty")).Count, 3, 5);
        foreach (var task in tasks) Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", (await node.ShowAsync(task)).GetProperty("attempts").GetRawText());
        await node.UntilAsync(async () => await CountAsync(node, "there") == 0, async () => $"{await node.Serve.GetAsync("/api/fleet")}");
        var usage = (await node.Serve.GetAsync("/api/usage?by=group")).EnumerateArray().Single();
        Assert.Equal("twenty", usage.GetProperty("group").GetString());
        Assert.True(usage.GetProperty("paidSeconds").GetDouble() > usage.GetProperty("classifierSeconds").GetDouble(), $"{usage}");
        Assert.Equal(usage.GetProperty("paidSeconds").GetDouble() / 3600 * 3.06, usage.GetProperty("cost").GetDouble(), 0.01);
    }

    [Fact]
    public async Task The_task_of_a_job_that_is_cancelled_goes_on_elsewhere_and_is_not_blamed()
    {
        await using var node = await OnSlurmAsync("cancelled", most: 2, tasksPerWorker: 1);
        node.HoldClassifier();
        var tasks = await node.RequestAsync(2);
        await node.UntilAsync("running", 2);
        // The one as a job whose machine fails, the other as one that is cancelled.
        var jobs = await slurm.JobsAsync("cancelled");
        await slurm.RunAsync("scancel", "--signal=KILL", "--full", jobs[0].Id);
        await slurm.RunAsync("scancel", jobs[1].Id);
        node.Free();
        await node.UntilAsync("completed", 2);
        node.AssertOnce(tasks);
        var crashes = 0;
        foreach (var task in tasks) crashes += (await node.ShowAsync(task)).GetProperty("attempts").GetProperty("crashes").GetInt32();
        Assert.InRange(crashes, 0, 1);
    }

    [Fact]
    public async Task While_slurmctld_is_away_no_worker_is_started_twice_and_the_bridge_says_so()
    {
        await using var node = await OnSlurmAsync("away", most: 2, tasksPerWorker: 1);
        await slurm.StopControllerAsync();
        IReadOnlyList<Simulator.Platform.SimulatedTask> tasks;
        try
        {
            tasks = await node.RequestAsync(2);
            await node.UntilAsync(async () => (await node.Serve.GetAsync("/health/ready")).ToString().Contains("Unable to contact slurm controller", StringComparison.Ordinal), async () => $"{await node.Serve.GetAsync("/health/ready")}");
            await Task.Delay(TimeSpan.FromSeconds(20), Token);
        }
        finally
        {
            slurm.StartController();
        }
        await node.UntilAsync("completed", 2);
        node.AssertOnce(tasks);
        Assert.Equal(2, (await slurm.JobsAsync("away")).Count);
    }

    [Fact]
    public async Task A_bridge_that_is_killed_between_asking_and_noting_starts_no_worker_twice()
    {
        await using var node = await OnSlurmAsync("killed", most: 1, tasksPerWorker: 1);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "die"), "", Token);
        var tasks = await node.RequestAsync(1);
        await node.UntilAsync(() => Task.FromResult(node.Serve.HasEnded), () => Task.FromResult("The bridge was not killed."));
        node.HoldClassifier();
        await node.RestartAsync();
        await node.UntilAsync(async () => await CountAsync(node, "there") == 1, async () => $"{await node.Serve.GetAsync("/api/fleet")}");
        node.Free();
        await node.UntilAsync("completed", 1);
        node.AssertOnce(tasks);
        Assert.Single(await slurm.JobsAsync("killed"));
    }

    [Fact]
    public async Task A_command_that_slurm_cannot_run_is_told_and_not_repeated_at_once()
    {
        await using var node = await OnSlurmAsync("missing", most: 4, tasksPerWorker: 1, command: "no-such-program-here");
        await node.RequestAsync(4);
        await node.UntilAsync(async () => (await node.Serve.GetAsync("/health/ready")).ToString().Contains("ended before it asked the bridge for work: Slurm says FAILED (NonZeroExitCode)", StringComparison.Ordinal), async () => $"{await node.Serve.GetAsync("/health/ready")}");
        var asked = (await slurm.JobsAsync("missing")).Count;
        await Task.Delay(TimeSpan.FromSeconds(6), Token);
        Assert.Equal((4, asked), (asked, (await slurm.JobsAsync("missing")).Count));
        Assert.Contains("slidebridge_fleet_trouble{", await node.Serve.Http.GetStringAsync(new Uri("/metrics", UriKind.Relative), Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_that_are_processes_of_this_machine_survive_their_bridge()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Processes are found in /proc.");
        await using var node = await StartAsync("local", new JsonObject { ["group"] = "local", ["engine"] = "process", ["most"] = 1, ["idle"] = "2s", ["process"] = new JsonObject { ["command"] = Command } }, new Dictionary<string, string>());
        node.HoldClassifier();
        var tasks = await node.RequestAsync(1);
        await node.UntilAsync("running", 1);
        await node.Serve.KillAsync();
        node.Free();
        await node.RestartAsync();
        await node.UntilAsync("completed", 1);
        node.AssertOnce(tasks);
        Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", (await node.ShowAsync(tasks[0])).GetProperty("attempts").GetRawText());
        await node.UntilAsync(async () => await CountAsync(node, "there") == 0, async () => $"{await node.Serve.GetAsync("/api/fleet")}");
    }

    /// <summary>A line of a shell; the bridge's address and the file that holds the classifier are read when the worker starts.</summary>
    string Command => $"env SLIDEBRIDGE_TEST_HOLD=\"$(cat '{folder.Path}/hold')\" DOTNET_EnableWriteXorExecute=0 dotnet '{Path.Combine(AppContext.BaseDirectory, "Slidebridge.HeldBridge.dll")}' work --bridge \"$(cat '{folder.Path}/bridge')\" --classifier held --allow-host 127.0.0.1";

    async Task<LoneNode> OnSlurmAsync(string group, int most, int tasksPerWorker, string? command = null)
    {
        if (slurm.Missing is { } why) Assert.Skip(why);
        // Kills the bridge, which has started it, once Slurm has accepted a job and before the bridge can know.
        var prefix = Path.Combine(folder.Path, "prefix");
        await File.WriteAllTextAsync(prefix, $"#!/bin/sh\n\"$@\"\ncode=$?\nif [ \"$1\" = sbatch ] && [ -e '{folder.Path}/die' ]; then rm '{folder.Path}/die'; kill -9 $PPID; fi\nexit $code\n", Token);
        if (OperatingSystem.IsLinux()) File.SetUnixFileMode(prefix, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return await StartAsync(group, new JsonObject
        {
            ["group"] = group,
            ["engine"] = "slurm",
            ["most"] = most,
            ["tasksPerWorker"] = tasksPerWorker,
            ["idle"] = "3s",
            ["price"] = 3.06,
            ["slurm"] = new JsonObject { ["partition"] = "gpu", ["options"] = new JsonArray($"--output={folder.Path}/%x.log", "--ntasks=1"), ["prefix"] = new JsonArray(prefix), ["command"] = command ?? Command },
        }, slurm.Environment);
    }

    async Task<LoneNode> StartAsync(string group, JsonObject fleet, IReadOnlyDictionary<string, string> environment)
    {
        var file = Path.Combine(folder.Path, "fleet.json");
        var json = new JsonObject { ["classifiers"] = new JsonObject { ["held"] = new JsonObject { ["kind"] = "worker", ["group"] = group } }, ["routes"] = new JsonArray(new JsonObject { ["classifier"] = "held" }), ["fleet"] = new JsonArray(fleet) };
        await File.WriteAllTextAsync(file, json.ToJsonString(), Token);
        var node = await LoneNode.StartAsync(started =>
        {
            foreach (var (name, value) in environment) started.Environment[name] = value;
        }, "--port", Files.FreePort().ToString(CultureInfo.InvariantCulture), "--config", file, "--lease-time", "10s", "--delivery-settle", "1s");
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "bridge"), node.Serve.Address.ToString(), Token);
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "hold"), node.Hold, Token);
        return node;
    }

    static async Task<int> CountAsync(LoneNode node, string stage) => (await node.Serve.GetAsync("/api/fleet")).EnumerateArray().Single().GetProperty(stage).GetInt32();
}
