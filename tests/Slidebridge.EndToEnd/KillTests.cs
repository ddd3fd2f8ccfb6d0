using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd;

/// <summary>
/// <c>kill -9</c> of a real <c>serve</c> process between each two states of its tasks, with twenty-five in flight:
/// the next start goes on from each task's last recorded state, and every task has exactly one evaluation.
/// </summary>
public sealed class KillTests
{
    const int Tasks = 25;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Accepted_tasks_survive_a_kill_before_they_run() => KillAsync(async held =>
    {
        held.Platform.Faults.Add(Stall(FaultEndpoint.Slides));
        await held.RequestAsync();
        await held.UntilAsync("accepted", Tasks);
    });

    [Fact]
    public Task Running_tasks_survive_a_kill_before_their_result_is_saved() => KillAsync(async held =>
    {
        held.HoldClassifier();
        await held.RequestAsync();
        await held.UntilAsync("running", Tasks);
    });

    [Fact]
    public Task Classified_tasks_survive_a_kill_before_they_are_posted() => KillAsync(async held =>
    {
        held.Platform.Faults.Add(NotNow);
        await held.RequestAsync();
        await held.UntilAsync("classified", Tasks);
    });

    [Fact]
    public async Task The_job_store_may_be_lost_for_jobs_are_derived_from_rows()
    {
        await using var held = await HeldAsync();
        held.HoldClassifier();
        await held.RequestAsync();
        await held.UntilAsync("running", Tasks);
        await held.Serve.KillAsync();
        foreach (var file in Directory.GetFiles(held.Data, "quartz.db*")) File.Delete(file);
        held.Free();
        await held.RestartAsync();
        await held.UntilAsync("completed", Tasks);
        Assert.Equal(Tasks, held.Platform.State.Evaluations.Count);
        Assert.Equal(0, held.Platform.State.Duplicates);
    }

    [Fact]
    public async Task A_result_is_delivered_though_the_bridge_was_off_for_longer_than_its_window()
    {
        await using var held = await HeldAsync("--delivery-window", "3s");
        held.Platform.Faults.Add(NotNow);
        await held.RequestAsync(count: 5);
        await held.UntilAsync("classified", 5);
        await held.Serve.KillAsync();
        await Task.Delay(4000, Token);
        held.Free();
        await held.RestartAsync();
        await held.UntilAsync("completed", 5);
        Assert.Equal(5, held.Platform.State.Evaluations.Count);
    }

    [Fact]
    public Task Posts_survive_a_kill_before_the_platform_has_them() => KillAsync(async held =>
    {
        held.Platform.Faults.Add(Stall(FaultEndpoint.Results));
        await held.RequestAsync();
        await held.UntilAsync("delivering", Tasks);
        Assert.Empty(held.Platform.State.Evaluations);
    });

    [Fact]
    public Task Posts_survive_a_kill_after_the_platform_has_them() => KillAsync(async held =>
    {
        held.Platform.Faults.Add(Stall(FaultEndpoint.Results) with { When = FaultMoment.After });
        await held.RequestAsync();
        await held.UntilAsync("delivering", Tasks);
        while (held.Platform.State.Evaluations.Count < Tasks) await Task.Delay(10, Token);
    });

    [Fact]
    public Task Completed_tasks_are_left_alone_after_a_kill() => KillAsync(async held =>
    {
        await held.RequestAsync();
        await held.UntilAsync("completed", Tasks);
    });

    [Fact]
    public async Task Every_webhook_that_was_answered_is_worked_on_though_the_process_dies_in_the_middle()
    {
        await using var held = await HeldAsync();
        var calls = held.RequestAsync(count: 400, connections: 8);
        while (held.Platform.State.Tasks.Count(t => t.Webhook?.Status == 200) < Tasks) await Task.Delay(1, Token);
        await held.Serve.KillAsync();
        await calls;
        var answered = held.Platform.State.Tasks.Where(t => t.Webhook?.Status == 200).Select(t => t.TaskNumber).ToHashSet();
        Assert.InRange(answered.Count, Tasks, 399);

        await held.RestartAsync();
        await held.SettleAsync();
        var evaluations = held.Platform.State.Evaluations.GroupBy(e => e.TaskNumber).ToDictionary(g => g.Key, g => g.Count());
        Assert.All(answered, task => Assert.Equal(1, evaluations.GetValueOrDefault(task)));
        Assert.All(evaluations, e => Assert.Equal(1, e.Value));
    }

    [Fact]
    public async Task Kill_after_kill_while_faults_rain_leaves_one_evaluation_a_task()
    {
        // Five kills are not the tasks' fault: none is set aside for them.
        await using var held = await HeldAsync();
        var random = new Random(7);
        held.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, When = FaultMoment.After, Times = null, Probability = 0.2, Seed = 1 });
        held.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.Before, Times = null, Probability = 0.2, Seed = 2 });
        held.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Reset, Times = null, Probability = 0.2, Seed = 3 });
        await held.RequestAsync();
        for (var kill = 0; kill < 5; kill++)
        {
            await Task.Delay(random.Next(100, 900), Token);
            await held.Serve.KillAsync();
            await held.RestartAsync();
        }
        await held.UntilAsync("completed", Tasks);
        Assert.Equal(Tasks, held.Platform.State.Evaluations.Count);
        Assert.Equal(0, held.Platform.State.Duplicates);
    }

    /// <summary>Brings twenty-five tasks into a state and holds them there, kills the bridge, frees them, starts it again and counts.</summary>
    static async Task KillAsync(Func<HeldBridge, Task> hold)
    {
        await using var held = await HeldAsync();
        await hold(held);
        await held.Serve.KillAsync();

        held.Free();
        await held.RestartAsync();
        await held.UntilAsync("completed", Tasks);
        Assert.Equal(Tasks, held.Platform.State.Evaluations.Count);
        Assert.Equal(0, held.Platform.State.Duplicates);
    }

    static Fault Stall(FaultEndpoint endpoint) => new() { Endpoint = endpoint, Action = FaultAction.Delay, DelayMilliseconds = 60_000, Times = null };

    /// <summary>The platform takes no result for now, and says so: what is classified stays so for some seconds.</summary>
    static readonly Fault NotNow = new() { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429, RetryAfter = 15, Times = null };

    static async Task<HeldBridge> HeldAsync(params string[] more)
    {
        var held = new HeldBridge(await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Files.SharedSlides }, Token), more);
        await held.RestartAsync();
        return held;
    }

    /// <summary>A bridge process whose tasks can be held in a state, and its platform.</summary>
    sealed class HeldBridge(Platform platform, string[] more) : IAsyncDisposable
    {
        readonly TemporaryFolder folder = Files.Temporary();

        string Hold => Path.Combine(folder.Path, "hold");

        public string Data => Path.Combine(folder.Path, "data");

        public Platform Platform { get; } = platform;

        public ServeProcess Serve { get; private set; } = null!;

        public void HoldClassifier() => File.WriteAllText(Hold, "");

        public void Free()
        {
            Platform.Faults.Clear();
            File.Delete(Hold);
        }

        public async Task RestartAsync()
        {
            if (Serve is not null) await Serve.DisposeAsync();
            // The settle time is longer than this platform needs for a post whose caller has died.
            Serve = await ServeProcess.StartAsync(Platform.Address, Data, Hold,
                ["--concurrency", $"{Tasks}", "--delivery-settle", "2s", "--retry-first", "50ms", "--retry-longest", "500ms", "--platform-timeout", "30s", .. more]);
        }

        public async Task RequestAsync(int count = Tasks, int connections = 32) => await Platform.RequestAsync(
            new AiRequest { Slides = [Files.RealSlide], Webhook = new Uri(Serve.Address, "/webhook").ToString(), Count = count, Connections = connections }, Token);

        public async Task UntilAsync(string state, int count)
        {
            using var patience = new CancellationTokenSource(Patience);
            while (await Serve.CountAsync(state) < count)
            {
                Assert.False(patience.IsCancellationRequested, $"{await Serve.CountAsync(state)} of {count} tasks are {state}: {await Serve.GetAsync("/api/tasks?limit=2")}\n{Serve.Output}");
                await Task.Delay(20, Token);
            }
        }

        /// <summary>Waits until no task is unfinished.</summary>
        public async Task SettleAsync()
        {
            var all = (await Serve.GetAsync("/api/tasks?limit=1")).GetProperty("total").GetInt32();
            await UntilAsync("completed", all);
        }

        public async ValueTask DisposeAsync()
        {
            await Serve.DisposeAsync();
            await Platform.DisposeAsync();
            folder.Dispose();
        }
    }
}
