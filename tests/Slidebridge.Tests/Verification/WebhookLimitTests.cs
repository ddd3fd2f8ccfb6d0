using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Storage;
using Slidebridge.Tests.MainJob;
using Slidebridge.Verification;

namespace Slidebridge.Tests.Verification;

/// <summary>What the webhook takes at the most, and from whom.</summary>
public sealed class WebhookLimitTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_flood_of_webhooks_that_are_not_verified_is_429_and_the_platforms_own_is_taken_all_the_same()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.MostUnverified, "10"), (ServeSettings.RetryFirst, "30s"), (ServeSettings.RetryLongest, "30s")]);
        var task = await bridge.PrepareAsync();
        var statuses = new List<HttpStatusCode>();
        string? retryAfter = null;
        for (var i = 0; i < 30; i++)
        {
            using var answer = await bridge.PostAsync($$"""{"task_id":{{9000 + i}},"scans":{"1":"https://slides.example/a"},"jwt_token":"forged.token.{{i}}"}""");
            statuses.Add(answer.StatusCode);
            if (answer.StatusCode is HttpStatusCode.TooManyRequests) retryAfter = answer.Headers.RetryAfter?.ToString();
        }
        Assert.Equal(5, statuses.Count(s => s is HttpStatusCode.OK)); // One address has half of the places.
        Assert.Equal(25, statuses.Count(s => s is HttpStatusCode.TooManyRequests));
        Assert.Equal("10", retryAfter);

        await bridge.AssertTakenAsync(task.Body);
        await bridge.CompleteAsync(task);
    }

    [Fact]
    public async Task Places_are_free_again_once_the_platform_that_was_away_has_confirmed_what_waited()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.MostUnverified, "10")]);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        var tasks = new List<SimulatedTask>();
        for (var i = 0; i < 6; i++) tasks.Add(await bridge.PrepareAsync());
        foreach (var task in tasks[..5]) await bridge.AssertTakenAsync(task.Body);
        using (var answer = await bridge.PostAsync(tasks[5].Body)) Assert.Equal(HttpStatusCode.TooManyRequests, answer.StatusCode);
        foreach (var task in tasks[..5]) await bridge.UntilEventAsync(task, e => e.StartsWith("waits until the platform confirms the task", StringComparison.Ordinal));
        bridge.Platform.Faults.Clear();
        foreach (var task in tasks[..5]) await bridge.CompleteAsync(task);
        await bridge.AssertTakenAsync(tasks[5].Body);
        await bridge.CompleteAsync(tasks[5]);
    }

    [Fact]
    public async Task Webhooks_beyond_the_rate_are_429_and_say_when_to_come_again()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.WebhookRate, "5")]);
        var answers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => bridge.PostAsync("{}")));
        Assert.Contains(answers, a => a.StatusCode is HttpStatusCode.BadRequest);
        Assert.Contains(answers, a => a.StatusCode is HttpStatusCode.TooManyRequests && a.Headers.RetryAfter is not null);
        foreach (var answer in answers) answer.Dispose();
    }

    [Fact]
    public async Task What_one_address_sends_too_fast_takes_nothing_from_the_others()
    {
        using var limits = new WebhookLimits(new WebhookLimitOptions(Rate: 100, MostUnverified: 0, MostWaiting: 0), TimeProvider.System);
        Assert.Contains(true, Enumerable.Range(0, 10_000).Select(_ => limits.IsTooFast("203.0.113.1")).ToArray());
        Assert.False(limits.IsTooFast("203.0.113.2"));

        // Bodies that do not come to their end.
        for (long held = 0; limits.TryHold("203.0.113.1", 1 << 20); held++) Assert.True(held < 64);
        Assert.True(limits.TryHold("203.0.113.2", 1 << 20));

        // And questions to the platform that it does not answer.
        var silent = new TaskCompletionSource<bool>();
        var asked = Enumerable.Range(0, 200).Select(_ => limits.AskAsync("203.0.113.1", () => silent.Task, Token)).ToArray();
        Assert.True(await limits.AskAsync("203.0.113.2", () => Task.FromResult(true), Token).WaitAsync(TimeSpan.FromSeconds(10), Token));
        silent.SetResult(false);
        await Task.WhenAll(asked);
    }

    [Fact]
    public async Task A_database_that_is_away_is_told_by_what_stores_the_webhook_and_not_by_a_count_of_what_waits()
    {
        using var waiting = new WaitingTasks(new Away(), new WebhookLimitOptions(Rate: 0, MostUnverified: 0, MostWaiting: 1), TimeProvider.System);
        Assert.False(await waiting.IsFullAsync(Token));
    }

    sealed class Away : IDbContextFactory<TaskDatabase>
    {
        public TaskDatabase CreateDbContext() => throw new InvalidOperationException("it is away");
    }

    [Fact]
    public async Task A_body_of_escapes_is_kept_as_it_came()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.KeepUnknownFields, "yes")]);
        var task = await bridge.PrepareAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Evaluations, Action = FaultAction.Status, Status = 503, Times = null });
        await bridge.AssertTakenAsync(task.Bent(body => body["note"] = new string('<', 100_000)).Replace("\\u003C", "<", StringComparison.Ordinal));
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        await using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(bridge.Data, "tasks.db")};Mode=ReadOnly;Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT length(Secrets) FROM tasks";
        Assert.InRange((long)(await command.ExecuteScalarAsync(Token))!, 100_000, 110_000);
    }

    [Theory]
    [InlineData("company_id", 201)]
    [InlineData("model_id", 201)]
    [InlineData("jwt_token", 16_385)]
    public async Task A_field_that_is_too_long_is_400_with_its_name(string field, int length)
    {
        await using var bridge = await TestBridge.StartAsync();
        var body = new JsonObject { ["task_id"] = 5, ["scans"] = new JsonObject { ["1"] = "https://h/a" }, [field] = new string('x', length) };
        using var answer = await bridge.PostAsync(body.ToJsonString());
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"$.{field}", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_stalls_is_408_and_no_fault_of_the_bridge()
    {
        await using var bridge = await TestBridge.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(bridge.Address.Host, bridge.Address.Port, Token);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /webhook HTTP/1.1\r\nHost: {bridge.Address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{\"task_id\""), Token);
        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 408", await reader.ReadLineAsync(Token).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "https://elsewhere.example", HttpStatusCode.Forbidden)]
    [InlineData("Sec-Fetch-Site", "cross-site", HttpStatusCode.Forbidden)]
    [InlineData("Content-Type", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task A_page_of_another_site_sends_no_task(string header, string value, HttpStatusCode status)
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.PrepareAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/webhook", UriKind.Relative)) { Content = new StringContent(task.Body, Encoding.UTF8, header == "Content-Type" ? value : "application/json") };
        if (header != "Content-Type") request.Headers.Add(header, value);
        using var answer = await bridge.Http.SendAsync(request, Token);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(0, (await bridge.GetJsonAsync("/api/tasks")).GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Two_keys_are_valid_while_one_replaces_the_other_and_wrong_ones_are_slowed()
    {
        const string Old = "the-key-of-last-year", New = "the-key-of-this-year";
        await using var bridge = await TestBridge.StartAsync(json: $$"""{ "webhookKey": ["{{Old}}", "{{New}}"] }""");
        foreach (var key in (string[])[Old, New])
        {
            var task = await bridge.PrepareAsync();
            using var answer = await bridge.PostAsync(task.Body, "/webhook/" + key);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
        var guesses = Enumerable.Range(0, 12).Select(i => bridge.PostAsync("{}", $"/webhook/guess-{i}")).ToArray();
        // Ten are answered at once; the others wait, and who knows the key does not wait behind them.
        using (var answer = await bridge.PostAsync((await bridge.PrepareAsync()).Body, "/webhook/" + New)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var guess in guesses)
        {
            using var answer = await guess;
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_ended_task_can_be_deleted_and_is_not_made_again()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        using (var answer = await bridge.Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/delete", UriKind.Relative), null, Token)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var left = await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}");
        Assert.Equal("completed", left.GetProperty("state").GetString());
        Assert.Equal(["deleted"], left.GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()));
        Assert.Empty(left.GetProperty("scans").EnumerateArray());
        Assert.Equal(HttpStatusCode.NotFound, (await bridge.GetAsync($"/api/tasks/{task.TaskNumber}/result")).StatusCode);
        await bridge.AssertTakenAsync(task.Body);
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Equal("completed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task A_stranger_learns_from_health_whether_it_is_ready_and_nothing_else_and_every_answer_is_guarded()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.MinFree, "1000000GB")]);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/health/ready", UriKind.Relative));
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");
        using var told = await bridge.Http.SendAsync(request, Token);
        Assert.Equal("""{"status":"not ready"}""", await told.Content.ReadAsStringAsync(Token));
        using var own = await bridge.GetAsync("/health/ready");
        Assert.Contains("--min-free", await own.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        foreach (var path in (string[])["/api/tasks", "/api/tasks/77", "/health/live", "/nowhere"])
        {
            using var answer = await bridge.GetAsync(path);
            Assert.Equal("nosniff", answer.Headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("no-store", answer.Headers.GetValues("Cache-Control").Single(), StringComparison.Ordinal);
            Assert.Contains("default-src", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        }
    }
}
