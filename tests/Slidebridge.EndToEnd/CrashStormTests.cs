using System.Text.Json;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tasks;

namespace Slidebridge.EndToEnd;

/// <summary>
/// Two web nodes and three workers on one PostgreSQL; for twenty seconds, every two seconds one of them gets <c>kill -9</c> and is started again, while the
/// platform errs, resets and stalls. <c>SLIDEBRIDGE_STORM_SECONDS=60</c> makes a longer storm; the seed is <c>SLIDEBRIDGE_STORM_SEED</c>, or 1.
/// </summary>
public sealed class CrashStormTests
{
    const double TasksASecond = 200 / 60d;
    static readonly TimeSpan Storm = TimeSpan.FromSeconds(Given("SLIDEBRIDGE_STORM_SECONDS") ?? 20);
    static readonly int Tasks = (int)Math.Ceiling(Storm.TotalSeconds * TasksASecond);
    static readonly TimeSpan BetweenKills = TimeSpan.FromSeconds(2);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Tasks_in_a_storm_of_kills_and_faults_have_one_evaluation_each()
    {
        var seed = Given("SLIDEBRIDGE_STORM_SEED") ?? 1;
        // With the default --crash-limit: kills are not the tasks' fault. The settle time is longer than the platform stalls.
        await using var cluster = await Cluster.StartAsync(web: 2, workers: 3, "--concurrency", "4", "--delivery-settle", "4s", "--check-in", "1s", "--check-in-limit", "3s");
        var tasks = await cluster.PrepareAsync(Tasks);
        Rain(cluster.Platform.Faults, seed);

        await Task.WhenAll(SendAsync(cluster, tasks, new Random(seed)), KillAsync(cluster, new Random(seed + 1)));
        cluster.Platform.Faults.Clear();
        await cluster.UntilAsync("completed", Tasks);

        var evaluations = cluster.Platform.State.Evaluations.GroupBy(e => e.TaskNumber).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(tasks, task => Assert.Equal(1, evaluations.GetValueOrDefault(task.TaskNumber)));
        Assert.Equal(0, cluster.Platform.State.Duplicates);
        foreach (var task in tasks) AssertExplained(await cluster.ShowAsync(task));
    }

    static int? Given(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), out var given) ? given : null;

    static void Rain(FaultPlan faults, int seed)
    {
        Fault Some(FaultEndpoint endpoint, FaultAction action, FaultMoment when, double probability) => new()
        {
            Endpoint = endpoint,
            Action = action,
            When = when,
            Probability = probability,
            Times = null,
            DelayMilliseconds = 2000,
            Seed = ++seed,
        };
        foreach (var moment in (FaultMoment[])[FaultMoment.Before, FaultMoment.After])
        {
            faults.Add(Some(FaultEndpoint.Results, FaultAction.Status, moment, 0.08));
            faults.Add(Some(FaultEndpoint.Results, FaultAction.Reset, moment, 0.08));
            faults.Add(Some(FaultEndpoint.Results, FaultAction.Delay, moment, 0.08));
        }
        foreach (var endpoint in (FaultEndpoint[])[FaultEndpoint.Evaluations, FaultEndpoint.Token, FaultEndpoint.Slides])
        {
            faults.Add(Some(endpoint, FaultAction.Status, FaultMoment.Before, 0.03));
            faults.Add(Some(endpoint, FaultAction.Reset, FaultMoment.Before, 0.03));
            faults.Add(Some(endpoint, FaultAction.Delay, FaultMoment.Before, 0.03));
        }
    }

    /// <summary>Spread over the storm, so that tasks are under way at every kill.</summary>
    static async Task SendAsync(Cluster cluster, IReadOnlyList<SimulatedTask> tasks, Random random)
    {
        var sends = new List<Task>();
        foreach (var task in tasks)
        {
            sends.Add(cluster.SendAsync(task, new Random(random.Next())));
            await Task.Delay(Storm / tasks.Count, Token);
        }
        await Task.WhenAll(sends);
    }

    static async Task KillAsync(Cluster cluster, Random random)
    {
        using var storm = new CancellationTokenSource(Storm);
        var restarts = new Task[cluster.Web + cluster.Workers];
        Array.Fill(restarts, Task.CompletedTask);
        while (!storm.IsCancellationRequested)
        {
            var node = random.Next(restarts.Length);
            // One that is being started is left to it.
            if (restarts[node].IsCompleted) restarts[node] = cluster.RestartAsync(node);
            await Task.Delay(BetweenKills, Token);
        }
        await Task.WhenAll(restarts);
    }

    /// <summary>The event log tells of each run how it began, and how the task went from its first state to its last.</summary>
    static void AssertExplained(JsonElement task)
    {
        var events = task.GetProperty("events").EnumerateArray().Select(e => (State: e.GetProperty("state").GetString()!, What: e.GetProperty("what").GetString()!)).ToArray();
        var log = string.Join('\n', events);
        Assert.True(events[0].State == "accepted" && events[^1].State == "completed", log);
        Assert.True(events.Count(e => e.State == "completed") == 1, log);
        // Whoever classified it again after a result was saved would show here.
        Assert.True(events.Count(e => e.What.StartsWith("result saved", StringComparison.Ordinal)) == 1, log);
        Assert.True(events.Count(e => e.What == "post started") == task.GetProperty("attempts").GetProperty("posts").GetInt32(), log);
        Assert.True(events.Count(e => e.What.Contains("classifier", StringComparison.Ordinal)) == task.GetProperty("attempts").GetProperty("runs").GetInt32(), log);
        Assert.DoesNotContain(events, e => e.State is "failed" or "cancelled");
        foreach (var (before, after) in events.Zip(events.Skip(1)))
            Assert.True(StateOf(before.State).MayBecome(StateOf(after.State)), $"{before.State} to {after.State}:\n{log}");

        static TaskState StateOf(string name) => Enum.Parse<TaskState>(name, ignoreCase: true);
    }
}
