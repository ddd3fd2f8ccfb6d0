using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Storage;

namespace Slidebridge.Tests.MainJob;

/// <summary>Tasks that have ended and that an operator has classified again.</summary>
public sealed class RerunTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Says how often it has classified the task's scan, and fails where it is told to.</summary>
    sealed class Improving : IClassifier
    {
        int times;

        public static bool Fails { get; set; }

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            if (Fails) throw new ClassifierException("The new version has a fault.");
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary($"version {++times}");
            return Task.FromResult(results.Build());
        }
    }

    static Task<TestBridge> StartAsync()
    {
        Improving.Fails = false;
        return TestBridge.StartAsync(classifiers: b => b.AddClassifier<Improving>("improving"));
    }

    static async Task<(HttpStatusCode Status, string Detail)> RerunAsync(TestBridge bridge, SimulatedTask task, string query = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/tasks/{task.TaskNumber}/rerun{query}");
        request.Headers.Add("X-Operator", "Ada");
        using var response = await bridge.Http.SendAsync(request, Token);
        var answer = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token)).RootElement;
        return (response.StatusCode, answer.TryGetProperty("detail", out var detail) ? detail.GetString()! : "");
    }

    /// <summary>The rerun once it has ended.</summary>
    static async Task<JsonElement> EndAsync(TestBridge bridge, SimulatedTask task)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        patience.CancelAfter(TimeSpan.FromSeconds(30));
        while (true)
        {
            var seen = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
            Assert.Equal("completed", seen.GetProperty("state").GetString());
            if (seen.GetProperty("rerun").GetProperty("state").GetString() is "done" or "failed") return seen.GetProperty("rerun");
            Assert.False(patience.IsCancellationRequested, seen.ToString());
            await Task.Delay(20, Token);
        }
    }

    static async Task<string?> SummaryAsync(TestBridge bridge, SimulatedTask task, string path) =>
        (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/{path}")).GetProperty("scanResults")[0].GetProperty("results").GetProperty("summary").GetString();

    static async Task<string[]> EventsAsync(TestBridge bridge, SimulatedTask task) =>
        [.. (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()!)];

    [Fact]
    public async Task A_completed_task_is_classified_again_and_the_platform_gets_nothing()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Equal(HttpStatusCode.OK, (await RerunAsync(bridge, task)).Status);
        var rerun = await EndAsync(bridge, task);

        Assert.Equal(("done", "Ada via this machine", false, true), (rerun.GetProperty("state").GetString(), rerun.GetProperty("who").GetString(), rerun.GetProperty("posts").GetBoolean(), rerun.GetProperty("hasResult").GetBoolean()));
        Assert.Equal("version 1", await SummaryAsync(bridge, task, "result"));
        Assert.Equal("version 2", await SummaryAsync(bridge, task, "rerun/result"));
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Contains(await EventsAsync(bridge, task), what => what.StartsWith("classified again: result saved beside the posted one", StringComparison.Ordinal));

        // Again, in place of the first rerun; what is delivered stays the task's own result.
        Assert.Equal(HttpStatusCode.OK, (await RerunAsync(bridge, task)).Status);
        await EndAsync(bridge, task);
        Assert.Equal("version 3", await SummaryAsync(bridge, task, "rerun/result"));
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_new_result_is_posted_once_where_that_is_asked_for()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Equal(HttpStatusCode.OK, (await RerunAsync(bridge, task, "?post=true")).Status);
        Assert.Equal("done", (await EndAsync(bridge, task)).GetProperty("state").GetString());
        Assert.Equal(["version 1", "version 2"], bridge.EvaluationsOf(task).Select(e => e.Result.GetProperty("results").GetProperty("summary").GetString()));
        Assert.Contains(await EventsAsync(bridge, task), what => what == "the new result is posted as a further evaluation: answered 201");
    }

    [Fact]
    public async Task A_post_of_a_new_result_whose_end_is_not_known_is_not_made_again()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After });
        await RerunAsync(bridge, task, "?post=true");
        var rerun = await EndAsync(bridge, task);
        Assert.Equal("failed", rerun.GetProperty("state").GetString());
        Assert.Contains("It is not known whether the platform has the new result", rerun.GetProperty("error").GetString(), StringComparison.Ordinal);
        await Task.Delay(1500, Token); // Longer than the bridge's look for reruns.
        Assert.Equal(2, bridge.EvaluationsOf(task).Length);
    }

    [Fact]
    public async Task A_rerun_that_fails_leaves_the_task_and_its_result_as_they_are()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Improving.Fails = true;
        await RerunAsync(bridge, task);
        Assert.Equal("The new version has a fault.", (await EndAsync(bridge, task)).GetProperty("error").GetString());
        Assert.False((await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).TryGetProperty("lastError", out _));
        Assert.Equal("version 1", await SummaryAsync(bridge, task, "result"));
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/rerun/result")).StatusCode);
    }

    [Fact]
    public async Task A_task_whose_URLs_have_expired_or_were_erased_says_what_to_do()
    {
        await using var bridge = await StartAsync();
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], ExpiresIn = 3, Webhook = new Uri(bridge.Address, "/webhook").ToString() })).Single();
        await bridge.CompleteAsync(task);
        await Task.Delay(3500, Token); // A presigned URL counts in whole seconds.
        var (status, detail) = await RerunAsync(bridge, task);
        Assert.Equal(HttpStatusCode.Conflict, status);
        Assert.Contains("The URLs of the task's slides expired at", detail, StringComparison.Ordinal);
        Assert.Contains("slidebridge send --run FILE", detail, StringComparison.Ordinal);

        await bridge.Services.GetRequiredService<Retention>().SweepAsync(Token);
        Assert.Contains("The URLs of the task's slides were deleted", (await RerunAsync(bridge, task)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_completed_task_keeps_its_URLs_without_its_token_until_they_expire()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        var row = bridge.Services.GetRequiredService<TaskVault>().Unlock((await bridge.Services.GetRequiredService<TaskStore>().FindAsync(task.TaskNumber, Token))!);
        Assert.NotEmpty(row.Scans[0].Urls);
        Assert.Null(row.Token);
    }

    [Fact]
    public async Task A_deleted_tasks_new_result_goes_with_it_and_it_cannot_be_classified_again()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await RerunAsync(bridge, task);
        await EndAsync(bridge, task);
        using (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) { }
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/rerun/result")).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await RerunAsync(bridge, task)).Status);
    }

    [Fact]
    public async Task A_failed_task_whose_new_result_is_to_be_posted_begins_anew_without_its_refused_result()
    {
        await using var bridge = await StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400 });
        var task = await bridge.RequestAsync();
        await bridge.FailAsync(task);
        Assert.Equal(HttpStatusCode.OK, (await RerunAsync(bridge, task, "?post=true")).Status);
        await bridge.UntilAsync(task, "completed");
        Assert.Equal("version 2", Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results").GetProperty("summary").GetString());
    }

    [Fact]
    public async Task The_API_describes_reruns()
    {
        await using var bridge = await StartAsync();
        var paths = (await bridge.GetJsonAsync("/openapi/v1.json")).GetProperty("paths");
        Assert.True(paths.TryGetProperty("/api/tasks/{id}/rerun", out var rerun));
        Assert.Contains(rerun.GetProperty("post").GetProperty("parameters").EnumerateArray(), p => p.GetProperty("name").GetString() == "post");
        Assert.True(paths.TryGetProperty("/api/tasks/{id}/rerun/result", out _));
    }
}
