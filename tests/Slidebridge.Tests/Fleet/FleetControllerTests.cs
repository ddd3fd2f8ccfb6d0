using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Slidebridge.Events;
using Slidebridge.Fleet;
using Slidebridge.Fleet.Engines;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Workers;
using Slidebridge.Workers;

namespace Slidebridge.Tests.Fleet;

/// <summary>The controller on a real database with real tasks; its engine and the clock are the test's.</summary>
public sealed class FleetControllerTests : IAsyncLifetime
{
    TestBridge bridge = null!;
    readonly ScriptedEngine engine = new();
    readonly FakeTimeProvider time = new(DateTimeOffset.UtcNow);
    FleetGroup group = null!;

    /// <summary>The bridge itself reports no events, and runs no controller.</summary>
    EventOutbox Events => new(new EventOptions(new EventUrl(new Uri("http://127.0.0.1:9/"), []), null, TimeSpan.FromHours(1), new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))), time);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        group = new FleetGroup("gpu", new ScriptedOptions(engine)) { Most = 8, TasksPerWorker = 4, Price = 2 };
    }

    public ValueTask DisposeAsync() => bridge.DisposeAsync();

    [Fact]
    public async Task Workers_are_asked_for_once_while_tasks_wait()
    {
        await WaitingAsync(8);
        await LookAsync();
        Assert.Equal(2, engine.Jobs.Count);
        Assert.All(engine.Jobs, job => Assert.True(FleetNames.IsOf("gpu", job.Name)));
        await LookAsync();
        await LookAsync();
        Assert.Equal(2, engine.Jobs.Count);
        Assert.Equal((2, 0, 0), await CountsAsync());
        engine.Change(1, job => job with { Phase = WorkerPhase.Running });
        await LookAsync();
        var listed = (await bridge.GetJsonAsync("/api/workers")).EnumerateArray().Select(w => (w.GetProperty("name").GetString(), w.GetProperty("state").GetString(), w.GetProperty("groups")[0].GetString()));
        Assert.Equal([(engine.Jobs[0].Name, "queued", "gpu"), (engine.Jobs[1].Name, "starting", "gpu")], listed.OrderBy(w => w.Item2, StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_request_whose_answer_was_lost_is_not_repeated()
    {
        await WaitingAsync(4);
        engine.LosesAnswers = true;
        await LookAsync();
        engine.LosesAnswers = false;
        Assert.Contains("no answer", (await StateAsync()).Trouble, StringComparison.Ordinal);
        time.Advance(TimeSpan.FromMinutes(15));
        await LookAsync();
        Assert.Single(engine.Jobs);
        Assert.Equal((1, 0, 0), await CountsAsync());
    }

    [Fact]
    public async Task A_controller_that_died_after_it_had_asked_is_not_followed_by_a_second_request()
    {
        await WaitingAsync(4);
        var books = Books();
        var pass = (await books.BeginAsync("gpu"))!.Value;
        Assert.True(await books.AskAsync(group, pass, ["gpu-aaaaaaaaaa"]));
        await engine.StartAsync(new WorkerRequest("gpu-aaaaaaaaaa", new Dictionary<string, string>()), Token);
        await LookAsync();
        time.Advance(TimeSpan.FromMinutes(5));
        await LookAsync();
        Assert.Equal(["gpu-aaaaaaaaaa"], engine.Jobs.Select(job => job.Name));
    }

    [Fact]
    public async Task A_controller_that_died_before_it_had_asked_is_followed_by_one_request_once_it_cannot_arrive_any_more()
    {
        await WaitingAsync(4);
        var books = Books();
        Assert.True(await books.AskAsync(group, (await books.BeginAsync("gpu"))!.Value, ["gpu-aaaaaaaaaa"]));
        await LookAsync();
        Assert.Empty(engine.Jobs);
        time.Advance(TimeSpan.FromSeconds(31));
        await LookAsync();
        await LookAsync();
        Assert.Single(engine.Jobs);
        Assert.Equal(0, (await StateAsync()).Failures);
    }

    [Fact]
    public async Task A_controller_that_was_frozen_during_its_pass_asks_for_nothing_afterwards()
    {
        await WaitingAsync(8);
        var gate = engine.Gate = new TaskCompletionSource();
        var frozen = Controller().LookAsync(Token);
        await engine.Waits.Task.WaitAsync(Token);
        await LookAsync();
        Assert.Equal(2, engine.Jobs.Count);
        gate.SetResult();
        await frozen;
        Assert.Equal(2, engine.Jobs.Count);
    }

    [Fact]
    public async Task While_the_engine_is_away_nothing_is_started_and_it_is_told()
    {
        await WaitingAsync(4);
        engine.Away = "squeue: Unable to contact slurm controller";
        await LookAsync();
        await LookAsync();
        Assert.Contains("Unable to contact", (await StateAsync()).Trouble, StringComparison.Ordinal);
        engine.Away = null;
        await LookAsync();
        Assert.Single(engine.Jobs);
        Assert.Null((await StateAsync()).Trouble);
        engine.Away = "squeue: Unable to contact slurm controller";
        time.Advance(TimeSpan.FromMinutes(10));
        await LookAsync();
        engine.Away = null;
        await LookAsync();
        Assert.Single(engine.Jobs);
    }

    [Fact]
    public async Task A_second_job_of_one_name_is_withdrawn()
    {
        await WaitingAsync(4);
        await LookAsync();
        engine.Change(0, job => job with { Phase = WorkerPhase.Running });
        engine.Jobs.Add(engine.Jobs[0] with { Id = "9", Phase = WorkerPhase.Queued });
        await LookAsync();
        Assert.Equal(["9"], engine.Stopped);
        Assert.Equal((0, 1, 0), await CountsAsync());
    }

    [Fact]
    public async Task A_worker_that_ends_before_it_asks_for_work_is_tried_again_after_growing_waits()
    {
        await WaitingAsync(4);
        var waits = new List<TimeSpan>();
        for (var failures = 1; failures <= 4; failures++)
        {
            await LookAsync();
            Assert.Equal(failures, engine.Jobs.Count);
            engine.Change(failures - 1, job => job with { Phase = WorkerPhase.Ended, End = WorkerEnd.Failed, Why = "the image does not exist" });
            await LookAsync();
            var state = await StateAsync();
            Assert.Equal((failures, true), (state.Failures, state.Trouble!.Contains("the image does not exist", StringComparison.Ordinal)));
            waits.Add(state.NotBefore!.Value - time.GetUtcNow());
            await LookAsync();
            Assert.Equal(failures, engine.Jobs.Count);
            time.Advance(waits[^1]);
        }
        Assert.True(waits[3] > waits[0], string.Join(", ", waits));
        await LookAsync();
        await WorksAsync(engine.Jobs[4].Name);
        engine.Change(4, job => job with { Phase = WorkerPhase.Running });
        await LookAsync();
        Assert.Equal((0, null), ((await StateAsync()).Failures, (await StateAsync()).Trouble));
    }

    [Fact]
    public async Task A_refusal_stops_the_pass_and_is_told()
    {
        await WaitingAsync(32);
        engine.Refuses = "sbatch: invalid partition specified: gpuu";
        await LookAsync();
        Assert.Empty(engine.Jobs);
        var state = await StateAsync();
        Assert.Equal((1, true), (state.Failures, state.Trouble!.Contains("invalid partition", StringComparison.Ordinal)));
        Assert.Contains("invalid partition", await Status().TroubleAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_that_waits_for_long_is_told_and_not_multiplied()
    {
        await WaitingAsync(4);
        await LookAsync();
        engine.Change(0, job => job with { Why = "Slurm says QOSMaxJobsPerUserLimit" });
        await WaitingAsync(28);
        time.Advance(TimeSpan.FromMinutes(21));
        await LookAsync();
        Assert.Single(engine.Jobs);
        Assert.Empty(engine.Stopped);
        Assert.Contains("QOSMaxJobsPerUserLimit", (await StateAsync()).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_a_worker_is_ended_and_counts_as_a_failed_start()
    {
        await WaitingAsync(4);
        await LookAsync();
        engine.Change(0, job => job with { Phase = WorkerPhase.Starting, Why = "the image cannot be pulled" });
        await LookAsync();
        time.Advance(TimeSpan.FromMinutes(21));
        await LookAsync();
        Assert.Equal(["1"], engine.Stopped);
        var state = await StateAsync();
        Assert.Equal((1, true), (state.Failures, state.Trouble!.Contains("cannot be pulled", StringComparison.Ordinal)));
        Assert.Empty(engine.Jobs);
    }

    [Fact]
    public async Task The_task_of_a_worker_that_its_engine_took_away_goes_on_at_once_and_is_not_blamed()
    {
        var task = await bridge.RequestAsync();
        await WaitingAsync(1);
        await LookAsync();
        var name = engine.Jobs[0].Name;
        Assert.NotNull(await new RawWorker(bridge, name).AskAsync());
        engine.Change(0, job => job with { Phase = WorkerPhase.Running });
        await LookAsync();
        engine.Change(0, job => job with { Phase = WorkerPhase.Ended, End = WorkerEnd.Taken, Why = "Slurm says PREEMPTED" });
        await LookAsync();
        var told = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        Assert.Equal(("accepted", 0), (told.GetProperty("state").GetString(), told.GetProperty("attempts").GetProperty("crashes").GetInt32()));
        Assert.Contains("PREEMPTED", told.GetProperty("events").ToString(), StringComparison.Ordinal);
        Assert.Equal(0, (await StateAsync()).Failures);
    }

    [Fact]
    public async Task A_worker_that_the_database_does_not_know_counts()
    {
        await WaitingAsync(4);
        engine.Jobs.Add(new EngineWorker("gpu-bbbbbbbbbb", "1", WorkerPhase.Running));
        engine.Jobs.Add(new EngineWorker("gpu-other-cccccccccc", "2", WorkerPhase.Running)); // Of another group.
        await LookAsync();
        Assert.Equal(2, engine.Jobs.Count);
        Assert.Equal((0, 1, 0), await CountsAsync());
    }

    [Fact]
    public async Task Requests_are_withdrawn_once_their_tasks_are_gone()
    {
        await WaitingAsync(8);
        await LookAsync();
        await using (var database = await bridge.DatabaseAsync()) await database.Tasks.ExecuteUpdateAsync(set => set.SetProperty(t => t.State, TaskState.Cancelled), Token);
        await LookAsync();
        Assert.Equal(2, engine.Stopped.Count);
        Assert.Empty(engine.Jobs);
        time.Advance(TimeSpan.FromMinutes(1));
        await LookAsync();
        Assert.Equal((0, null), ((await StateAsync()).Failures, (await StateAsync()).Trouble));
    }

    [Fact]
    public async Task A_worker_that_runs_and_never_asks_for_work_is_ended_and_one_of_another_bridge_is_not()
    {
        await WaitingAsync(4);
        await LookAsync();
        engine.Change(0, job => job with { Phase = WorkerPhase.Running });
        engine.Jobs.Add(new EngineWorker("gpu-bbbbbbbbbb", "9", WorkerPhase.Running));
        await LookAsync();
        time.Advance(TimeSpan.FromMinutes(21));
        await LookAsync();
        Assert.Equal(["1"], engine.Stopped);
        Assert.Contains("did not ask for work", (await StateAsync()).Trouble, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lease_that_ended_before_the_engine_says_that_the_machine_was_taken_is_forgiven()
    {
        var task = await bridge.RequestAsync();
        await WaitingAsync(1);
        await LookAsync();
        var name = engine.Jobs[0].Name;
        Assert.NotNull(await new RawWorker(bridge, name).AskAsync());
        engine.Change(0, job => job with { Phase = WorkerPhase.Running });
        await LookAsync();
        await bridge.Services.GetRequiredService<CommitQueue>().CommitAsync(async database =>
        {
            bridge.Services.GetRequiredService<TaskStore>().TakeBack((await database.FindTaskAsync(task.TaskNumber))!, "the lease ended", TimeSpan.FromMinutes(5), isCrash: true);
            return true;
        });
        Assert.Equal(1, (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("attempts").GetProperty("crashes").GetInt32());
        engine.Change(0, job => job with { Phase = WorkerPhase.Ended, End = WorkerEnd.Taken, Why = "Slurm says NODE_FAIL" });
        await LookAsync();
        Assert.Equal(0, (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("attempts").GetProperty("crashes").GetInt32());
    }

    [Fact]
    public async Task The_need_of_a_group_is_reported_once_and_again_if_nobody_comes()
    {
        await WaitingAsync(3);
        var watching = Controller(new FleetOptions([], ["gpu"]));
        await watching.LookAsync(Token);
        await watching.LookAsync(Token);
        Assert.Equal(1, await NeedsAsync());
        time.Advance(TimeSpan.FromMinutes(11));
        await watching.LookAsync(Token);
        Assert.Equal(2, await NeedsAsync());
        await WorksAsync("box1");
        time.Advance(TimeSpan.FromSeconds(1));
        await watching.LookAsync(Token);
        await using (var database = await bridge.DatabaseAsync()) await database.Workers.ExecuteDeleteAsync(Token);
        await watching.LookAsync(Token);
        Assert.Equal(3, await NeedsAsync());
    }

    [Fact]
    public async Task The_first_workers_of_a_group_are_told_to_stay_without_work()
    {
        var kept = new KeptWorkers(new FleetOptions([group with { Least = 1 }], []), bridge.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>(), bridge.Services.GetRequiredService<LeaseOptions>(), time);
        await WorksAsync("gpu-aaaaaaaaaa");
        await WorksAsync("gpu-bbbbbbbbbb");
        await WorksAsync("box1");
        Assert.True(await kept.IsKeptAsync("gpu-aaaaaaaaaa", Token));
        Assert.False(await kept.IsKeptAsync("gpu-bbbbbbbbbb", Token));
        Assert.False(await kept.IsKeptAsync("box1", Token));
    }

    async Task WaitingAsync(int count)
    {
        for (var i = 0; i < count; i++) await bridge.RequestAsync();
        while (true)
        {
            await using var database = await bridge.DatabaseAsync();
            if (await database.Tasks.CountAsync(t => t.VerifiedAt != null, Token) >= count) return;
            await Task.Delay(10, Token);
        }
    }

    /// <summary>A pass, and the time until the next one.</summary>
    async Task LookAsync()
    {
        await Controller().LookAsync(Token);
        time.Advance(TimeSpan.FromSeconds(5));
    }

    FleetController Controller(FleetOptions? options = null)
    {
        options ??= new FleetOptions([group], []);
        return new(options, new FleetEngines(options, new EngineServices(time, NullLogger.Instance)), Books(options), bridge.Services.GetRequiredService<TaskSignal>(), time, NullLogger<FleetController>.Instance);
    }

    FleetBooks Books(FleetOptions? options = null) => new(
        bridge.Services.GetRequiredService<CommitQueue>(), bridge.Services.GetRequiredService<TaskStore>(), Events, options ?? new FleetOptions([group], []), bridge.Services.GetRequiredService<LeaseOptions>(), bridge.Services.GetRequiredService<NodeOptions>(), time);

    async Task WorksAsync(string name)
    {
        await using var database = await bridge.DatabaseAsync();
        database.Workers.Add(new StoredWorker { Name = name, Instance = "i", Token = "t", Groups = ["gpu"], Classifiers = ["boxes"], Version = "1", Machine = "m", Since = time.GetUtcNow(), SeenAt = time.GetUtcNow() });
        await database.SaveChangesAsync(Token);
    }

    async Task<FleetState> StateAsync()
    {
        await using var database = await bridge.DatabaseAsync();
        return await database.Fleets.AsNoTracking().SingleAsync(Token);
    }

    async Task<int> NeedsAsync()
    {
        await using var database = await bridge.DatabaseAsync();
        return await database.Outbox.CountAsync(e => e.Type == "fleet.needed", Token);
    }

    FleetStatus Status() => new(new FleetOptions([group], []), bridge.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>());

    async Task<(int Queued, int Starting, int There)> CountsAsync()
    {
        var status = (await Status().ReadAsync(Token)).Single();
        return (status.Queued, status.Starting, status.There);
    }
}
