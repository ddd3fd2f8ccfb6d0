using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Slidebridge.Commands;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Settings;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.Commands;

namespace Slidebridge.Tests.MainJob;

/// <summary>Results that wait for an operator.</summary>
public sealed class HoldTests
{
    const string Held = """{ "routes": [ { "classifier": "numbering", "hold": true } ] }""";

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Numbers its results, so that a test sees which one was posted.</summary>
    sealed class Numbering : IClassifier
    {
        int times;

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Summary($"number {Interlocked.Increment(ref times)}");
            return Task.FromResult(results.Build());
        }
    }

    static Task<TestBridge> StartAsync(params (Setting, string)[] settings) => TestBridge.StartAsync(settings, classifiers: b => b.AddClassifier<Numbering>("numbering"), json: Held);

    static async Task<(HttpStatusCode Status, JsonElement Answer)> DecideAsync(TestBridge bridge, SimulatedTask task, string decision, string? reason = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/tasks/{task.TaskNumber}/{decision}") { Content = JsonContent.Create(new { reason }) };
        request.Headers.Add("X-Operator", "Ada");
        using var response = await bridge.Http.SendAsync(request, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    static async Task<JsonElement> HoldAsync(TestBridge bridge, SimulatedTask task)
    {
        var held = await bridge.UntilAsync(task, "held");
        Assert.Empty(bridge.EvaluationsOf(task));
        return held;
    }

    static string SummaryOf(TestBridge bridge, SimulatedTask task) => Assert.Single(bridge.EvaluationsOf(task)).Result.GetProperty("results").GetProperty("summary").GetString()!;

    static string[] EventsOf(JsonElement task) => [.. task.GetProperty("events").EnumerateArray().Select(e => $"{e.GetProperty("what").GetString()}{(e.TryGetProperty("who", out var who) ? $" ({who})" : "")}")];

    [Fact]
    public async Task A_held_result_is_posted_once_an_operator_releases_it_and_not_before()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        var held = await HoldAsync(bridge, task);
        Assert.InRange(held.GetProperty("heldUntil").GetDateTimeOffset() - DateTimeOffset.UtcNow, TimeSpan.FromHours(71), TimeSpan.FromHours(72));
        Assert.False(held.TryGetProperty("nextTryAt", out _));
        // It can be looked at, and nothing else makes it go.
        Assert.Equal("number 1", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/result")).GetProperty("scanResults")[0].GetProperty("results").GetProperty("summary").GetString());
        Assert.Equal((HttpStatusCode.Conflict, "The task's result is held. Release or reject it."), await RefusedAsync(bridge, task, "retry"));
        Assert.Equal((HttpStatusCode.Conflict, "The task's result was not released."), await RefusedAsync(bridge, task, "redeliver"));
        await bridge.PostAsync(task.Body);
        await Task.Delay(1500, Token);
        await HoldAsync(bridge, task);

        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(bridge, task, "release", "looked at")).Status);
        var done = await bridge.CompleteAsync(task);
        Assert.Equal("number 1", SummaryOf(bridge, task));
        Assert.Contains("released: looked at (Ada via this machine)", EventsOf(done));
        Assert.False(done.TryGetProperty("heldUntil", out _));
        var line = Assert.Single(await bridge.AuditAsync(1, l => l.Action == "task release"));
        Assert.Equal(($"task {task.TaskNumber}", "reason: looked at", "Ada via this machine"), (line.Subject, line.Outcome, line.Who));
        Assert.Equal((HttpStatusCode.Conflict, "The task's result is not held: the task is completed."), Problem(await DecideAsync(bridge, task, "release")));
    }

    [Fact]
    public async Task A_rejected_result_is_never_posted_and_a_retry_makes_a_new_one_that_is_held_again()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await HoldAsync(bridge, task);
        Assert.Equal((HttpStatusCode.Conflict, "A rejection needs a reason."), Problem(await DecideAsync(bridge, task, "reject", " ")));
        Assert.Equal((HttpStatusCode.Conflict, "The reason has more than 500 characters."), Problem(await DecideAsync(bridge, task, "reject", new string('x', 501))));
        Assert.Equal(HttpStatusCode.OK, (await DecideAsync(bridge, task, "reject", "out of focus")).Status);
        Assert.Equal("Rejected by Ada via this machine: out of focus", await bridge.FailAsync(task));
        Assert.Equal((HttpStatusCode.Conflict, "The task's result was rejected."), await RefusedAsync(bridge, task, "redeliver"));
        Assert.Equal((HttpStatusCode.Conflict, "The task's result is not held: the task is failed."), Problem(await DecideAsync(bridge, task, "release")));

        Assert.Equal(HttpStatusCode.OK, (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/retry", UriKind.Relative), null, Token)).StatusCode);
        await HoldAsync(bridge, task);
        await DecideAsync(bridge, task, "release");
        await bridge.CompleteAsync(task);
        Assert.Equal("number 2", SummaryOf(bridge, task));
    }

    [Fact]
    public async Task The_platforms_webhook_does_not_deliver_a_rejected_result()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await HoldAsync(bridge, task);
        await DecideAsync(bridge, task, "reject", "wrong stain");
        await bridge.FailAsync(task);
        // A request again: the webhook is verified, and restarts the task.
        await bridge.PostAsync(task.Body);
        await HoldAsync(bridge, task);
        Assert.Equal("number 2", (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}/result")).GetProperty("scanResults")[0].GetProperty("results").GetProperty("summary").GetString());
    }

    [Fact]
    public async Task A_result_that_nobody_releases_fails_its_task_and_can_be_held_again()
    {
        await using var bridge = await StartAsync((ServeSettings.HoldLimit, "500ms"));
        var task = await bridge.RequestAsync();
        Assert.Matches("^Nobody released the result until [-0-9: ]+ UTC \\(--hold-limit\\)\\.$", await bridge.FailAsync(task));
        await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/retry", UriKind.Relative), null, Token);
        await HoldAsync(bridge, task);
        await DecideAsync(bridge, task, "release");
        await bridge.CompleteAsync(task);
        // Its result was not computed again.
        Assert.Equal("number 1", SummaryOf(bridge, task));
    }

    [Fact]
    public async Task A_rejection_is_reported_to_the_platform_where_failures_are()
    {
        await using var bridge = await StartAsync((ServeSettings.DeliveryReportFailures, "yes"));
        var task = await bridge.RequestAsync();
        await HoldAsync(bridge, task);
        await DecideAsync(bridge, task, "reject", "a name is Smith");
        await bridge.UntilAsync(task, "failed");
        Assert.Equal("The analysis failed: there is no result. The result was rejected after a review.", SummaryOf(bridge, task));
    }

    [Fact]
    public async Task A_cancelled_task_does_not_get_round_the_operator()
    {
        await using var bridge = await StartAsync();
        var task = await bridge.RequestAsync();
        await HoldAsync(bridge, task);
        foreach (var operation in (string[])["cancel", "retry"]) Assert.Equal(HttpStatusCode.OK, (await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/{operation}", UriKind.Relative), null, Token)).StatusCode);
        await HoldAsync(bridge, task);
        // Nor does a further evaluation.
        await DecideAsync(bridge, task, "release");
        await bridge.CompleteAsync(task);
        await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/rerun?post=true", UriKind.Relative), null, Token);
        JsonElement rerun;
        do rerun = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("rerun");
        while (rerun.GetProperty("state").GetString() is not ("failed" or "done"));
        Assert.Contains("The route of this task holds results", rerun.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task Operators_decide_on_the_command_line()
    {
        await using var bridge = await StartAsync();
        SimulatedTask first = await bridge.RequestAsync(), second = await bridge.RequestAsync();
        await HoldAsync(bridge, first);
        await HoldAsync(bridge, second);
        Task<Ran> RunAsync(params string[] arguments) => Ran.AsAsync(TasksCommand.Create(), [.. arguments, "--url", bridge.Address.GetLeftPart(UriPartial.Authority)]);

        Assert.Contains("held since", (await RunAsync("show", $"{first.TaskNumber}")).Out, StringComparison.Ordinal);
        Assert.Contains("waits for an operator until", (await RunAsync("show", $"{first.TaskNumber}")).Out, StringComparison.Ordinal);
        Assert.Contains($"{first.TaskNumber}", (await RunAsync("list", "--state", "held")).Out, StringComparison.Ordinal);
        Assert.Equal((0, $"Task {first.TaskNumber}: released.\n"), await RunAsync("release", $"{first.TaskNumber}", "--reason", "seen", "--as", "Ada") is var released ? (released.Code, released.Out) : default);
        Assert.Equal("Give a --reason.", (await RunAsync("reject", $"{second.TaskNumber}").AsFailure()).Error);
        Assert.Equal(0, (await RunAsync("reject", $"{second.TaskNumber}", "--reason", "blurred")).Code);
        await bridge.CompleteAsync(first);
        Assert.EndsWith(": blurred", await bridge.FailAsync(second), StringComparison.Ordinal);
    }

    static (HttpStatusCode, string) Problem((HttpStatusCode Status, JsonElement Answer) answer) => (answer.Status, answer.Answer.GetProperty("detail").GetString()!);

    static async Task<(HttpStatusCode, string)> RefusedAsync(TestBridge bridge, SimulatedTask task, string operation)
    {
        using var response = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/{operation}", UriKind.Relative), null, Token);
        return (response.StatusCode, (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("detail").GetString()!);
    }
}
