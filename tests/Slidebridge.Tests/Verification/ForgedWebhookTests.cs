using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Settings;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;
using Slidebridge.Storage;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Verification;

/// <summary>A task is the platform's, or it is nothing: attacks of somebody who has learned the webhook's address.</summary>
public sealed class ForgedWebhookTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static readonly (Setting, string)[] NoKey = [(ServeSettings.ApiKeyId, ""), (ServeSettings.ApiKeySecret, "")];

    [Theory]
    [InlineData("wrong")]
    [InlineData("another task's")]
    public async Task A_webhook_whose_token_is_not_the_tasks_fetches_nothing_and_posts_nothing_and_the_real_one_is_done(string kind)
    {
        await using var bridge = await TestBridge.StartAsync();
        await using var store = new Webhooks.Store();
        var (task, other) = (await bridge.PrepareAsync(), await bridge.PrepareAsync());
        await bridge.AssertTakenAsync(task.WithSlideOf(store.Slide, kind == "wrong" ? "not.a.token" : other.Token));

        var failed = await bridge.UntilAsync(task, "failed");
        Assert.Contains("Not a task of the platform", failed.GetProperty("lastError").GetString(), StringComparison.Ordinal);
        Assert.False(failed.TryGetProperty("verifiedAt", out _));
        Assert.Equal(0, store.Requests);
        Assert.Empty(task.Posts);

        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilAsync(task, "completed");
        Assert.Equal(4, Assert.Single(bridge.EvaluationsOf(task)).CaseResults.GetProperty("mitosisCount").GetInt32());
        Assert.Equal(0, store.Requests);
    }

    [Theory]
    [InlineData("X-Forwarded-For")]
    [InlineData("True-Client-IP")]
    [InlineData("CF-Connecting-IP")]
    [InlineData("X-Client-IP")]
    [InlineData("Via")]
    [InlineData("Ngrok-Trace-Id")]
    public async Task A_webhook_without_a_token_that_came_through_a_proxy_is_refused_in_a_sentence(string header)
    {
        await using var bridge = await TestBridge.StartAsync();
        await using var store = new Webhooks.Store();
        var task = await bridge.PrepareAsync();
        using (var answer = await bridge.PostFromElsewhereAsync(task.WithSlideOf(store.Slide, token: null), header))
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains("--allow-tokenless-tasks", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        }
        await bridge.AssertTakenAsync(task.Body);
        await bridge.CompleteAsync(task);
        Assert.Equal(0, store.Requests);

        // Of a task that is known, a refused webhook is recorded.
        using (await bridge.PostFromElsewhereAsync(task.WithSlideOf(store.Slide, token: null), header)) { }
        Assert.Contains("a webhook was not accepted: it has no token", await bridge.EventsAsync(task));
    }

    [Fact]
    public async Task A_webhook_without_a_token_is_taken_from_this_machine_and_says_so_and_the_platform_is_asked_whether_the_task_exists()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.PrepareAsync();
        await bridge.AssertTakenAsync(task.Bent(body => body.Remove("jwt_token")));
        var ended = await bridge.CompleteAsync(task);
        Assert.Equal(("key", true), (ended.GetProperty("verifiedBy").GetString(), ended.GetProperty("withoutToken").GetBoolean()));
        Assert.Contains(await bridge.EventsAsync(task), e => e.Contains("its webhook had no token", StringComparison.Ordinal));

        await using var store = new Webhooks.Store();
        await bridge.AssertTakenAsync($$"""{"task_id":4711,"scans":{"1":"{{store.Slide}}"} }""");
        JsonElement unknown;
        do unknown = await bridge.GetJsonAsync("/api/tasks/4711");
        while (unknown.GetProperty("state").GetString() == "accepted");
        Assert.Equal("failed", unknown.GetProperty("state").GetString());
        Assert.Equal(0, store.Requests);
    }

    [Fact]
    public async Task With_allow_tokenless_tasks_they_are_taken_from_elsewhere_but_never_replace_what_its_own_token_confirmed()
    {
        Held.Renew();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.AllowTokenlessTasks, "yes")], classifiers: b => b.AddClassifier<Held>("held"));
        await using var store = new Webhooks.Store();
        var task = await bridge.RequestAsync();
        await bridge.UntilAsync(task, "running");
        using (var answer = await bridge.PostFromElsewhereAsync(task.WithSlideOf(store.Slide, token: null))) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await bridge.UntilEventAsync(task, e => e.StartsWith("a webhook without a token was not accepted", StringComparison.Ordinal));
        Held.LetGo.SetResult();
        await bridge.CompleteAsync(task);
        Assert.Equal(0, store.Requests);
    }

    [Fact]
    public async Task A_forged_webhook_changes_nothing_of_a_task_that_waits()
    {
        Held.Renew();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.Concurrency, "1"), .. NoKey], classifiers: b => b.AddClassifier<Held>("held"));
        await using var store = new Webhooks.Store();
        var tasks = await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Count = 12, Webhook = new Uri(bridge.Address, "/webhook").ToString() });
        foreach (var task in tasks) await bridge.UntilVerifiedAsync(task);
        foreach (var task in tasks) await bridge.AssertTakenAsync(task.WithSlideOf(store.Slide, "not.a.token"));
        foreach (var task in tasks) await bridge.UntilEventAsync(task, e => e.Contains("was not accepted", StringComparison.Ordinal));
        Held.LetGo.SetResult();
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(0, store.Requests);
        Assert.Equal(0, bridge.Platform.State.Duplicates);
    }

    [Theory]
    [InlineData("task:{0}")]
    [InlineData("0{0}")]
    [InlineData("url-safe")]
    public async Task Nobody_reserves_a_number_by_being_first_or_by_another_spelling(string spelling)
    {
        await using var bridge = await TestBridge.StartAsync();
        await using var store = new Webhooks.Store();
        var task = await bridge.PrepareAsync();
        // The platform is slow, so that all of them wait at the same time.
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Delay, DelayMilliseconds = 300, Times = null });
        for (var i = 0; i < 5; i++)
            await bridge.AssertTakenAsync(JsonNode.Parse(task.WithSlideOf(new Uri(store.Slide, $"/{i}"), $"forged.token.{i}"))!.AsObject() is var forged
                && (forged["task_id"] = spelling == "url-safe" ? task.TaskId.TrimEnd('=') : string.Format(null, spelling, task.TaskNumber)) is not null ? forged.ToJsonString() : "");
        await bridge.AssertTakenAsync(task.Body);
        var ended = await bridge.UntilAsync(task, "completed");
        Assert.Equal(task.TaskId, ended.GetProperty("taskId").GetString());
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Equal(0, store.Requests);
    }

    [Fact]
    public async Task Claims_on_one_number_that_are_refused_in_the_same_moment_leave_no_row_that_waits_for_ever()
    {
        await using var bridge = await TestBridge.StartAsync();
        var numbers = Enumerable.Range(9000, 50).ToArray();
        await Task.WhenAll(numbers.SelectMany(n => Enumerable.Range(0, 2).Select(i => bridge.AssertTakenAsync($$"""{"task_id":{{n}},"scans":{"1":"http://127.0.0.1:9/{{i}}"},"jwt_token":"forged.token.{{i}}"}"""))));
        foreach (var number in numbers)
            for (var tries = 0; (await bridge.GetJsonAsync($"/api/tasks/{number}")).GetProperty("state").GetString() != "failed"; tries++)
            {
                Assert.True(tries < 1500, $"{number} waits for ever");
                await Task.Delay(10, Token);
            }
    }

    [Fact]
    public async Task A_task_that_was_cancelled_before_it_was_verified_keeps_no_real_one_out()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.PrepareAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        await bridge.AssertTakenAsync(task.WithSlideOf(new Uri("http://127.0.0.1:9/x"), "not.a.token"));
        using (var answer = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        bridge.Platform.Faults.Clear();
        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilAsync(task, "completed");
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_task_whose_result_was_erased_and_may_be_on_the_platform_is_looked_for_before_it_is_posted_again()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.DeliveryWindow, "1s"), (ServeSettings.DeliverySettle, "100ms"), (ServeSettings.RetryFirst, "200ms")]);
        // It arrives, and nobody hears of it: neither by an answer nor by a look.
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After });
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null, Skip = 1 });
        var task = await bridge.RequestAsync();
        await bridge.UntilAsync(task, "failed");
        using (var answer = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        bridge.Platform.Faults.Clear();
        await bridge.AssertTakenAsync(task.Body);
        await bridge.UntilAsync(task, "completed");
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_claim_whose_key_is_away_is_not_thrown_away()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        var task = await bridge.RequestAsync();
        await bridge.UntilEventAsync(task, e => e.StartsWith("waits until the platform confirms the task", StringComparison.Ordinal));
        await using var database = await bridge.Services.GetRequiredService<IDbContextFactory<TaskDatabase>>().CreateDbContextAsync(Token);
        var row = database.Tasks.Where(t => t.Number == task.TaskNumber);
        var secrets = (await row.AsNoTracking().SingleAsync(Token)).Secrets;
        await row.ExecuteUpdateAsync(set => set.SetProperty(t => t.Secrets, new byte[] { 1, 2, 3 }).SetProperty(t => t.VerifyAt, DateTimeOffset.UnixEpoch), Token);
        await bridge.UntilEventAsync(task, e => e.StartsWith("waits until the task's token and URLs can be decrypted", StringComparison.Ordinal));
        bridge.Platform.Faults.Clear();
        await row.ExecuteUpdateAsync(set => set.SetProperty(t => t.Secrets, secrets).SetProperty(t => t.VerifyAt, DateTimeOffset.UnixEpoch), Token);
        await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task While_the_platform_is_away_a_task_waits_and_nothing_is_fetched()
    {
        await using var bridge = await TestBridge.StartAsync(NoKey);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = 5 });
        var task = await bridge.RequestAsync();
        await bridge.UntilEventAsync(task, e => e.StartsWith("waits until the platform confirms the task", StringComparison.Ordinal));
        Assert.Equal(0, bridge.Platform.State.SlideRequests);
        await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task A_task_that_a_platform_out_of_order_refused_can_be_verified_again_by_an_operator()
    {
        await using var bridge = await TestBridge.StartAsync(NoKey);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 401, Times = 2 });
        var task = await bridge.RequestAsync();
        Assert.Contains("Not a task of the platform", await bridge.FailAsync(task), StringComparison.Ordinal);
        Assert.Equal(0, bridge.Platform.State.SlideRequests);
        using (var retried = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/retry", UriKind.Relative), null, Token)) Assert.Equal(HttpStatusCode.OK, retried.StatusCode);
        await bridge.UntilAsync(task, "completed");
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task An_expired_token_fails_the_task_and_the_API_key_does_not_stand_in()
    {
        await using var bridge = await TestBridge.StartAsync(platform: options => options with { TaskTokenLifetime = TimeSpan.FromSeconds(-1) });
        var task = await bridge.RequestAsync();
        Assert.Contains("expired at", await bridge.FailAsync(task), StringComparison.Ordinal);
        Assert.Equal(0, bridge.Platform.State.SlideRequests);
    }

    [Fact]
    public async Task A_result_is_posted_only_for_the_slides_it_was_made_from()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Sized>("sized"));
        // The platform takes no result for now, and the first result waits.
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429, RetryAfter = 3, Times = 1 });
        var task = await bridge.RequestAsync();
        await bridge.UntilEventAsync(task, e => e.StartsWith("rescheduled", StringComparison.Ordinal));

        // The same task, by its own token, of another slide.
        var other = await bridge.PrepareAsync();
        var url = JsonNode.Parse(other.Body)!["scans"]!.AsObject().First().Value!.GetValue<string>();
        await bridge.AssertTakenAsync(task.Bent(body =>
        {
            body["scans"]![task.Scans[0].Id] = url;
            body["scan_urls"]![task.Scans[0].Id] = new JsonArray(url);
        }));
        var ended = await bridge.UntilAsync(task, "completed");
        Assert.Contains(await bridge.EventsAsync(task), e => e.Contains("the task has other slides and restarts", StringComparison.Ordinal));
        Assert.Equal(2, ended.GetProperty("attempts").GetProperty("runs").GetInt32());
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task Every_webhook_leaves_where_it_came_from_and_what_became_of_it()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.TrustedProxy, "127.0.0.0/8")]);
        var task = await bridge.PrepareAsync();
        using (await bridge.PostFromElsewhereAsync(task.Body)) { }
        await bridge.UntilAsync(task, "completed");
        using (await bridge.PostFromElsewhereAsync(task.Body)) { }
        var calls = (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("events").EnumerateArray().Where(e => e.TryGetProperty("webhook", out _)).ToArray();
        Assert.Equal(2, calls.Length);
        Assert.All(calls, call =>
        {
            var webhook = call.GetProperty("webhook");
            Assert.Equal("203.0.113.9", webhook.GetProperty("from").GetString());
            Assert.Equal(task.Body.Length, webhook.GetProperty("bytes").GetInt32());
            Assert.Equal(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(task.Body))), webhook.GetProperty("sha256").GetString());
        });
        Assert.Contains("webhook received again: the task is already completed", calls[1].GetProperty("what").GetString());
    }

    /// <summary>Holds every task until it is let go.</summary>
    sealed class Held : IClassifier
    {
        public static TaskCompletionSource LetGo { get; private set; } = new();

        public static void Renew() => LetGo = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await LetGo.Task.WaitAsync(cancellationToken);
            return Boxed(task);
        }
    }

    sealed class Sized : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken) => Task.FromResult(Boxed(task));
    }

    static TaskResults Boxed(ClassificationTask task)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans) results.Scan(scan.Id).Box(0, 0, 1, 1, "box");
        return results.Build();
    }
}
