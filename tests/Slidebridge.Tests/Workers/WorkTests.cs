using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Slidebridge.Classifiers;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;
using Slidebridge.Workers;
using Slidebridge.Workers.Remote;

namespace Slidebridge.Tests.Workers;

/// <summary>Workers that fetch their work from the bridge over HTTP.</summary>
public sealed class WorkTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static (Setting, string)[] ShortLeases => [(ServeSettings.LeaseTime, "1s")];

    [Fact]
    public async Task A_worker_classifies_and_the_bridge_delivers_once_and_the_record_names_the_worker()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        await using var worker = await TestWorker.StartAsync(bridge, await TestWorker.TokenAsync(bridge, "lab1", "gpu"), options => options with { Name = "lab1" });

        var ended = await bridge.EndAsync(task);
        Assert.Equal("completed", ended.GetProperty("state").GetString());
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Equal("lab1", ended.GetProperty("provenance").GetProperty("worker").GetString());
        Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", ended.GetProperty("attempts").GetRawText());
        Assert.Contains(ended.GetProperty("events").EnumerateArray(), e => e.GetProperty("what").GetString()!.StartsWith("classifier boxes started on worker lab1", StringComparison.Ordinal));
        using var picture = await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}/overlay.png");
        Assert.Equal(HttpStatusCode.OK, picture.StatusCode);

        var listed = (await bridge.GetJsonAsync("/api/workers"))[0];
        Assert.Equal(("lab1", "waiting", "gpu"), (listed.GetProperty("name").GetString(), listed.GetProperty("state").GetString(), listed.GetProperty("groups")[0].GetString()));
    }

    [Fact]
    public async Task A_worker_without_a_way_to_the_store_reads_slides_through_the_bridge_and_gets_the_bridges_settings()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.RelayingBridge);
        var task = await bridge.RequestAsync();
        var seen = new Seen();
        await using var worker = await TestWorker.StartAsync(bridge, await TestWorker.TokenAsync(bridge, "lab1", "gpu"), reachesStore: false, classifiers: builder =>
        {
            builder.Services.AddSingleton(seen);
            builder.AddClassifier<SeeingClassifier>("seeing");
        }, change: options => options with { Classifiers = new ClassifierOptions([new ClassifierDefinition("boxes", "seeing", new ClassifierLimits())], [new ClassifierRoute("boxes")], 1) });
        Assert.Equal("completed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Equal("""{"shade":3}""", seen.Settings);
        Assert.True(seen.Pixels > 0);
    }

    [Fact]
    public async Task A_task_is_released_at_once_when_its_worker_stops_and_that_is_no_crash()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var hold = new Hold();
        var task = await bridge.RequestAsync();
        var worker = await TestWorker.StartAsync(bridge, change: Holding, classifiers: hold.AddTo);
        await hold.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await worker.DisposeAsync();
        var now = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        Assert.Equal(("accepted", 0), (now.GetProperty("state").GetString(), now.GetProperty("attempts").GetProperty("crashes").GetInt32()));

        await using var other = await TestWorker.StartAsync(bridge);
        Assert.Equal("completed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_task_that_an_operator_cancels_ends_on_its_worker_too()
    {
        await using var bridge = await TestBridge.StartAsync(ShortLeases, json: TestWorker.Bridge);
        var hold = new Hold();
        var task = await bridge.RequestAsync();
        await using var worker = await TestWorker.StartAsync(bridge, change: Holding, classifiers: hold.AddTo);
        await hold.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        using var cancelled = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token);
        Assert.True(cancelled.IsSuccessStatusCode);
        await hold.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.Empty(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task What_a_classifier_writes_on_a_worker_can_be_read_while_it_works()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var hold = new Hold();
        var task = await bridge.RequestAsync();
        await using var worker = await TestWorker.StartAsync(bridge, change: Holding, classifiers: hold.AddTo);
        var log = "";
        while (!log.Contains("held", StringComparison.Ordinal))
        {
            await Task.Delay(100, Token);
            using var answer = await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/log");
            log = await answer.Content.ReadAsStringAsync(Token);
        }
        Assert.False(hold.Stopped.Task.IsCompleted);
        Assert.Equal("running", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_classifier_that_fails_on_a_worker_fails_the_task_with_its_own_words()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        await using var worker = await TestWorker.StartAsync(bridge, change: Using<FailingClassifier>, classifiers: builder => builder.AddClassifier<FailingClassifier>(nameof(FailingClassifier)));
        var ended = await bridge.EndAsync(task);
        Assert.Equal(("failed", "The stain is too weak."), (ended.GetProperty("state").GetString(), ended.GetProperty("lastError").GetString()));
    }

    [Fact]
    public async Task A_worker_ends_by_itself_after_its_tasks_or_without_work()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var tasks = (await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => bridge.RequestAsync()))).ToList();
        await using (var one = await TestWorker.StartAsync(bridge, change: options => options with { Tasks = 2 })) await one.EndAsync();
        Assert.Single(tasks, task => bridge.Platform.State.Evaluations.All(e => e.TaskNumber != task.TaskNumber) && StateOf(task) == "accepted");
        await using (var rest = await TestWorker.StartAsync(bridge, change: options => options with { Tasks = 1 })) await rest.EndAsync();
        foreach (var task in tasks) Assert.Equal("completed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        await using var idle = await TestWorker.StartAsync(bridge, change: options => options with { UntilIdle = TimeSpan.FromMilliseconds(1) });
        await idle.EndAsync();

        string? StateOf(SimulatedTask task) => bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}").GetAwaiter().GetResult().GetProperty("state").GetString();
    }

    [Fact]
    public async Task A_lease_that_is_not_renewed_goes_to_another_worker_and_the_late_result_is_refused()
    {
        await using var bridge = await TestBridge.StartAsync(ShortLeases, json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var frozen = new RawWorker(bridge, "frozen");
        var lease = (await frozen.AskAsync())!;
        await using var other = await TestWorker.StartAsync(bridge);
        var ended = await bridge.EndAsync(task);
        Assert.Equal(("completed", 1), (ended.GetProperty("state").GetString(), ended.GetProperty("attempts").GetProperty("crashes").GetInt32()));
        Assert.Single(bridge.EvaluationsOf(task));

        Assert.Equal(HttpStatusCode.Gone, await frozen.SendPartAsync(lease, 0, "{}"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Gone, await frozen.CompleteAsync(lease, "{}"u8.ToArray()));
        Assert.Equal(HttpStatusCode.Gone, await frozen.PostAsync(lease, "release", new ReleasedRun("late"), WorkJson.Default.ReleasedRun));
        Assert.Equal([lease.Id], await frozen.RenewAsync(lease));
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_result_in_parts_that_come_twice_is_taken_once()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var worker = new RawWorker(bridge, "raw");
        var lease = (await worker.AskAsync())!;
        var result = Results(lease);
        // Not what was announced.
        Assert.Equal(HttpStatusCode.NoContent, await worker.SendPartAsync(lease, 0, result[..^1]));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await worker.CompleteAsync(lease, result));
        for (var i = 0; i < 2; i++) Assert.Equal(HttpStatusCode.NoContent, await worker.SendAsync(lease, result));
        for (var i = 0; i < 3; i++) Assert.Equal(HttpStatusCode.NoContent, await worker.CompleteAsync(lease, result));
        Assert.Equal("completed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.NoContent, await worker.CompleteAsync(lease, result));
        Assert.Single(bridge.EvaluationsOf(task));
        await using var database = await bridge.DatabaseAsync();
        Assert.Empty(database.Parts);
    }

    [Fact]
    public async Task An_invalid_result_fails_the_task_and_is_not_posted()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var worker = new RawWorker(bridge, "raw");
        var lease = (await worker.AskAsync())!;
        var result = """{"scanResults":[{"scanId":"999"}]}"""u8.ToArray();
        await worker.SendAsync(lease, result);
        Assert.Equal(HttpStatusCode.NoContent, await worker.CompleteAsync(lease, result));
        var ended = await bridge.EndAsync(task);
        Assert.Equal("failed", ended.GetProperty("state").GetString());
        Assert.StartsWith("The worker sent an invalid result:", ended.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.Empty(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_lease_that_never_reached_its_worker_is_taken_back_and_is_no_crash()
    {
        await using var bridge = await TestBridge.StartAsync(ShortLeases, json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var worker = new RawWorker(bridge, "raw");
        Assert.NotNull(await worker.AskAsync());
        JsonElement now;
        do
        {
            await Task.Delay(50, Token);
            Assert.Empty(await worker.RenewAsync());
            now = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        }
        while (now.GetProperty("state").GetString() != "accepted");
        Assert.Equal(0, now.GetProperty("attempts").GetProperty("crashes").GetInt32());
        Assert.NotNull(await worker.AskAsync());
    }

    [Fact]
    public async Task Who_does_not_fit_is_told_why_in_a_sentence()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var token = await TestWorker.TokenAsync(bridge, "lab1", "gpu");
        var worker = new RawWorker(bridge, "raw", token);
        await AssertRefusedAsync(worker, w => w with { Protocol = 99 }, HttpStatusCode.Conflict, "speaks version 99 of the protocol");
        await AssertRefusedAsync(worker, w => w with { Name = "a b" }, HttpStatusCode.BadRequest, "A worker's name has");
        await AssertRefusedAsync(worker, w => w with { Groups = ["other"] }, HttpStatusCode.Forbidden, "is for the group gpu, not for other");
        await AssertRefusedAsync(worker, w => w with { Classifiers = ["mitosis"] }, HttpStatusCode.Conflict, "The bridge's classifiers for workers are: boxes (group gpu)");
        await AssertRefusedAsync(new RawWorker(bridge, "raw", "sbt_wrong"), w => w, HttpStatusCode.Unauthorized, "token");

        Assert.Null(await worker.AskAsync(0));
        await AssertRefusedAsync(worker, w => w with { Instance = "another" }, HttpStatusCode.Conflict, "A worker named raw is at work on");
        // Another token's owner takes no steps under its name.
        var other = new RawWorker(bridge, "raw", await TestWorker.TokenAsync(bridge, "lab2", "gpu"));
        var task = await bridge.RequestAsync();
        var lease = (await worker.AskAsync())!;
        Assert.Equal(HttpStatusCode.Gone, await other.SendPartAsync(lease, 0, "{}"u8.ToArray()));
        using var tasks = await bridge.SendAsync(HttpMethod.Get, "/api/tasks", token);
        Assert.Equal(HttpStatusCode.Forbidden, tasks.StatusCode);
        Assert.Equal("running", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_worker_gets_no_tasks_of_the_bridges_own_classifiers_whatever_it_says_it_has()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "1")], json: """
            { "classifiers": { "boxes": { "kind": "worker", "group": "gpu" } }, "routes": [{ "model": "remote", "classifier": "boxes" }, { "classifier": "tissue" }] }
            """);
        var worker = new RawWorker(bridge, "greedy", await TestWorker.TokenAsync(bridge, "greedy"));
        var greedy = worker.Description with { Groups = ["gpu", "default"], Classifiers = ["boxes", "tissue"] };
        var asked = worker.AskRawAsync(greedy, 20);
        var own = await bridge.RequestAsync();
        Assert.Equal("completed", (await bridge.EndAsync(own)).GetProperty("state").GetString());
        Assert.False(asked.IsCompleted);
        var remote = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Model = "remote", Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        using var answer = await asked;
        Assert.Equal(remote.TaskNumber, (await answer.Content.ReadFromJsonAsync(WorkJson.Default.LeaseJson, Token))!.Number);
    }

    [Fact]
    public async Task A_worker_that_waits_does_not_delay_the_stop_of_its_bridge_and_a_revoked_one_gets_no_task()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var revoked = new RawWorker(bridge, "revoked", await TestWorker.TokenAsync(bridge, "revoked", "gpu"));
        var asked = revoked.AskRawAsync(revoked.Description, 25);
        while ((await bridge.GetJsonAsync("/api/workers")).GetArrayLength() == 0) await Task.Delay(20, Token);
        await bridge.Services.GetRequiredService<global::Slidebridge.Identity.AccessTokens>().RevokeAsync("revoked", new Caller("test", Role.Admin, [], null));
        var task = await bridge.RequestAsync();
        using (var answer = await asked) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);

        var other = new RawWorker(bridge, "other");
        Assert.Equal(task.TaskNumber, (await other.AskAsync())!.Number);
        var waits = other.AskRawAsync(other.Description, 25);
        var began = Stopwatch.GetTimestamp();
        bridge.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using (var answer = await waits) Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(began), TimeSpan.Zero, TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Parts_of_a_result_go_when_its_run_ends_without_it()
    {
        await using var bridge = await TestBridge.StartAsync(ShortLeases, json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var worker = new RawWorker(bridge, "raw");
        var lease = (await worker.AskAsync())!;
        await worker.SendPartAsync(lease, 0, [1, 2, 3]);
        using var cancelled = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token);
        Assert.True(cancelled.IsSuccessStatusCode);
        int left;
        do
        {
            await using var database = await bridge.DatabaseAsync();
            left = database.Parts.Count();
            await Task.Delay(50, Token);
        }
        while (left > 0);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_notice_that_the_machine_is_taken_away_releases_the_tasks_and_ends_the_worker(bool byUrl)
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        using var folder = new TemporaryFolder();
        await using var metadata = await MetadataService.StartAsync();
        var hold = new Hold();
        var task = await bridge.RequestAsync();
        await using var worker = await TestWorker.StartAsync(bridge, change: options => Holding(options) with { Notice = byUrl ? metadata.Notice.ToString() : folder.File("notice") }, classifiers: hold.AddTo);
        await hold.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        if (byUrl) metadata.IsTaken = true;
        else await File.WriteAllTextAsync(folder.File("notice"), "", Token);
        await worker.EndAsync();
        await worker.Host.StopAsync(Token);
        var now = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        Assert.Equal(("accepted", 0), (now.GetProperty("state").GetString(), now.GetProperty("attempts").GetProperty("crashes").GetInt32()));
    }

    [Fact]
    public async Task A_result_that_a_killed_worker_left_is_sent_by_its_next_start()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        using var folder = new TemporaryFolder();
        var task = await bridge.RequestAsync();
        var killed = new RawWorker(bridge, "lab1");
        var lease = (await killed.AskAsync())!;
        var (result, record) = (Results(lease), RawWorker.Provenance(lease, Results(lease)));
        byte[] all = [.. result, .. record];
        Directory.CreateDirectory(folder.File("results"));
        await File.WriteAllBytesAsync(Path.Combine(folder.File("results"), lease.Id + ".bin"), all, Token);
        var kept = new KeptResult("lab1", new ResultEnd(1, result.Length, record.Length, 0, Convert.ToHexStringLower(SHA256.HashData(all)), new CostJson(0, 0)));
        await File.WriteAllBytesAsync(Path.Combine(folder.File("results"), lease.Id + ".json"), JsonSerializer.SerializeToUtf8Bytes(kept, KeptJson.Default.KeptResult), Token);

        await using var worker = await TestWorker.StartAsync(bridge, change: options => options with { Name = "lab1", Data = folder.Path });
        var ended = await bridge.EndAsync(task);
        Assert.Equal("""{"runs":1,"posts":1,"crashes":0}""", ended.GetProperty("attempts").GetRawText());
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Empty(Directory.GetFiles(folder.File("results")));
    }

    [Fact]
    public async Task A_lease_contains_no_token_of_the_platform()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        var task = await bridge.RequestAsync();
        var text = JsonSerializer.Serialize((await new RawWorker(bridge, "raw").AskAsync())!, WorkJson.Default.LeaseJson);
        Assert.Contains($"\"number\":{task.TaskNumber}", text, StringComparison.Ordinal);
        Assert.DoesNotContain(task.Token, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bridge_that_cannot_be_reached_or_refuses_ends_the_worker_with_its_sentence()
    {
        await using var bridge = await TestBridge.StartAsync(json: TestWorker.Bridge);
        await using var wrong = await TestWorker.StartAsync(bridge, "sbt_wrong");
        await wrong.EndAsync();
        Assert.StartsWith("The bridge does not accept the worker's token", Assert.IsType<WorkerRefusedException>(wrong.Loop.Failure).Message, StringComparison.Ordinal);
        Assert.False(wrong.Loop.WasAccepted);
    }

    static async Task AssertRefusedAsync(RawWorker worker, Func<WorkerDescription, WorkerDescription> change, HttpStatusCode status, string why)
    {
        using var response = await worker.AskRawAsync(change(worker.Description), 0);
        Assert.Equal(status, response.StatusCode);
        Assert.Contains(why, await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    static byte[] Results(LeaseJson lease)
    {
        var results = new ResultsBuilder();
        foreach (var scan in lease.Scans) results.Scan(scan.ScanId).Box(0, 0, 10, 10, "raw");
        return ResultsValidator.SerializeValid(results.Build(), [.. lease.Scans.Select(s => s.ScanId)]);
    }

    static WorkerOptions Using<T>(WorkerOptions options) => options with { Classifiers = new ClassifierOptions([new ClassifierDefinition("boxes", typeof(T).Name, new ClassifierLimits())], [new ClassifierRoute("boxes")], 1) };

    static WorkerOptions Holding(WorkerOptions options) => Using<HoldingClassifier>(options);

    /// <summary>Answers as AWS's instance metadata service does, to those who show its token.</summary>
    sealed class MetadataService(WebApplication app) : IAsyncDisposable
    {
        const string Secret = "metadata-token";

        public volatile bool IsTaken;

        public Uri Notice => new(new Uri(app.Urls.First()), "/latest/meta-data/spot/instance-action");

        public static async Task<MetadataService> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var service = new MetadataService(builder.Build());
            service.Map();
            await service.StartAppAsync();
            return service;
        }

        void Map()
        {
            app.MapPut("/latest/api/token", (HttpRequest request) => request.Headers.ContainsKey("X-aws-ec2-metadata-token-ttl-seconds") ? Microsoft.AspNetCore.Http.Results.Text(Secret) : Microsoft.AspNetCore.Http.Results.BadRequest());
            app.MapGet("/latest/meta-data/spot/instance-action", (HttpRequest request) =>
                request.Headers["X-aws-ec2-metadata-token"] != Secret ? Microsoft.AspNetCore.Http.Results.Unauthorized() : IsTaken ? Microsoft.AspNetCore.Http.Results.Text("{}") : Microsoft.AspNetCore.Http.Results.NotFound());
        }

        Task StartAppAsync() => app.StartAsync(Token);

        public ValueTask DisposeAsync() => app.DisposeAsync();
    }

    sealed class Seen
    {
        public string? Settings { get; set; }

        public int Pixels { get; set; }
    }

    sealed class SeeingClassifier(Seen seen) : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                var tile = await slide.ReadTileAsync(0, 0, 0, cancellationToken: cancellationToken);
                seen.Pixels += tile.Width * tile.Height;
                results.Scan(scan.Id).Box(0, 0, slide.Width, slide.Height, "seen");
            }
            seen.Settings = task.Settings?.ToJsonString();
            return results.Build();
        }
    }

    sealed class FailingClassifier : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => throw new ClassifierException("The stain is too weak.");
    }

    sealed class Hold
    {
        public TaskCompletionSource Begun { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void AddTo(BridgeBuilder builder)
        {
            builder.Services.AddSingleton(this);
            builder.AddClassifier<HoldingClassifier>(nameof(HoldingClassifier));
        }
    }

    sealed class HoldingClassifier(Hold hold) : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            context.Logger.LogInformation("held");
            hold.Begun.TrySetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
            }
            finally
            {
                hold.Stopped.TrySetResult();
            }
            return new ResultsBuilder().Build();
        }
    }
}
