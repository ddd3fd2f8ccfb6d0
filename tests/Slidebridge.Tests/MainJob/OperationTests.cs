using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Slides;

namespace Slidebridge.Tests.MainJob;

/// <summary>What operators do with tasks, and what a webhook that is sent again does.</summary>
public sealed class OperationTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits until it is told to stop, or let go; says which.</summary>
    sealed class Held : IClassifier
    {
        public static TaskCompletionSource Started { get; set; } = new();

        public static TaskCompletionSource<bool> Ended { get; set; } = new();

        public static TaskCompletionSource LetGo { get; set; } = new();

        public static void Renew() => (Started, Ended, LetGo) = (new(), new(), new());

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            Started.TrySetResult();
            try
            {
                await LetGo.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                Ended.TrySetResult(true);
                throw;
            }
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return results.Build();
        }
    }

    /// <summary>Reads 512 × 512 pixels of every slide.</summary>
    sealed class Reader : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                await slide.ReadRegionAsync(new Region(0, 0, 0, 512, 512), cancellationToken: cancellationToken);
                results.Scan(scan.Id).QcPass();
            }
            return results.Build();
        }
    }

    static async Task<HttpStatusCode> OperateAsync(TestBridge bridge, SimulatedTask task, string operation, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/api/tasks/{task.TaskNumber}/{operation}");
        foreach (var (name, value) in headers) request.Headers.Add(name, value);
        using var response = await bridge.Http.SendAsync(request, Token);
        return response.StatusCode;
    }

    static async Task<(string What, string? Who)[]> EventsAsync(TestBridge bridge, SimulatedTask task) => [.. (await bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("events").EnumerateArray()
        .Select(e => (e.GetProperty("what").GetString()!, e.TryGetProperty("who", out var who) ? who.GetString() : null))];

    [Fact]
    public async Task A_cancelled_tasks_classifier_is_told_and_nothing_is_posted()
    {
        Held.Renew();
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Held>("held"));
        var task = await bridge.RequestAsync();
        await Held.Started.Task.WaitAsync(TimeSpan.FromSeconds(20), Token);
        Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "cancel", ("X-Operator", "Ada")));
        Assert.True(await Held.Ended.Task.WaitAsync(TimeSpan.FromSeconds(20), Token));
        Assert.Equal("cancelled", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Contains(("cancelled", "Ada via this machine"), await EventsAsync(bridge, task));
        Assert.Empty(bridge.EvaluationsOf(task));

        // Sent again it stays cancelled, for a person wanted it so; a person can have it begin anew.
        await bridge.PostAsync(task.Body);
        Assert.Equal("cancelled", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.Conflict, await OperateAsync(bridge, task, "cancel"));
        Held.LetGo.SetResult();
        Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "retry"));
        await bridge.CompleteAsync(task);
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_completed_task_delivered_again_is_found_on_the_platform_and_not_posted()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Equal(HttpStatusCode.Conflict, await OperateAsync(bridge, task, "retry"));
        Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "redeliver"));
        await bridge.CompleteAsync(task);
        Assert.Contains(await EventsAsync(bridge, task), e => e.What == "delivered: found on the platform");
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_refused_result_is_not_computed_again_when_its_task_is_retried()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400 });
        var task = await bridge.RequestAsync();
        await bridge.FailAsync(task);
        Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "retry"));
        var ended = await bridge.CompleteAsync(task);
        Assert.Equal("""{"runs":1,"posts":2,"crashes":0}""", ended.GetProperty("attempts").GetRawText());
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_failed_task_sent_again_with_fresh_URLs_is_tried_anew()
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], ExpiresIn = 0, Webhook = "" })).Single();
        await Task.Delay(1100, Token); // A presigned URL counts in whole seconds.
        await bridge.PostAsync(task.Body);
        Assert.Contains("new webhook", await bridge.FailAsync(task), StringComparison.Ordinal);

        var fresh = JsonNode.Parse((await bridge.PrepareAsync()).Body)!;
        var again = JsonNode.Parse(task.Body)!;
        var url = fresh["scans"]!.AsObject().First().Value!.GetValue<string>();
        again["scans"]![task.Scans[0].Id] = url;
        again["scan_urls"]![task.Scans[0].Id] = new JsonArray(url);
        Assert.Equal(HttpStatusCode.OK, (await bridge.PostAsync(again.ToJsonString())).StatusCode);
        await bridge.UntilAsync(task, "completed");
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Contains(await EventsAsync(bridge, task), e => e.What == "the webhook from 127.0.0.1 is verified: the task restarts");
    }

    [Fact]
    public async Task A_failure_is_reported_to_the_platform_in_plain_words_where_that_is_asked_for()
    {
        var root = Path.GetDirectoryName(Path.GetDirectoryName(Support.SharedFiles.CmuSmallRegion))!;
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.DeliveryReportFailures, "yes")], platform => platform with { SlidesDirectory = root });
        var task = await bridge.RequestAsync("README.md");
        Assert.Equal("failed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        var evaluation = Assert.Single(bridge.EvaluationsOf(task));
        Assert.Contains("The analysis failed", evaluation.Result.ToString(), StringComparison.Ordinal);
        Assert.Contains("do not belong to a known slide format", (await bridge.EndAsync(task)).GetProperty("lastError").GetString()!, StringComparison.Ordinal);

        // For the platform it has ended: a second evaluation beside that would be one too many.
        Assert.Equal(HttpStatusCode.Conflict, await OperateAsync(bridge, task, "retry"));
        await bridge.PostAsync(task.Body);
        Assert.Equal("failed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Single(bridge.EvaluationsOf(task));
    }

    [Fact]
    public async Task A_refused_result_is_reported_as_a_failure_where_that_is_asked_for()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.DeliveryReportFailures, "yes")]);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400 });
        var task = await bridge.RequestAsync();
        Assert.Equal("failed", (await bridge.EndAsync(task)).GetProperty("state").GetString());
        Assert.Contains("The analysis failed", Assert.Single(bridge.EvaluationsOf(task)).Result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_task_whose_failure_the_platform_refused_to_hear_of_can_be_tried_anew(bool byWebhook)
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.DeliveryReportFailures, "yes")]);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 400, Times = 2 });
        var task = await bridge.RequestAsync();
        await bridge.FailAsync(task);
        Assert.Empty(bridge.EvaluationsOf(task));

        if (byWebhook) using (await bridge.PostAsync(task.Body)) { }
        else Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "retry"));
        await bridge.UntilAsync(task, "completed");
        Assert.DoesNotContain("The analysis failed", Assert.Single(bridge.EvaluationsOf(task)).Result.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "https://elsewhere.example")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    public async Task A_page_of_another_site_can_do_nothing(string header, string value)
    {
        await using var bridge = await TestBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Equal(HttpStatusCode.Forbidden, await OperateAsync(bridge, task, "redeliver", (header, value)));
        Assert.Equal(HttpStatusCode.OK, await OperateAsync(bridge, task, "redeliver", ("Origin", bridge.Address.ToString().TrimEnd('/')), ("Sec-Fetch-Site", "same-origin")));
    }

    [Fact]
    public async Task Usage_counts_what_each_company_used_in_the_month()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Reader>("reader"));
        var tasks = (await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Count = 2, Company = "3", Webhook = new Uri(bridge.Address, "/webhook").ToString() }))
            .Concat(await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide, TestBridge.RealSlide], Company = "4", Webhook = new Uri(bridge.Address, "/webhook").ToString() }));
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        var usage = (await bridge.GetJsonAsync("/api/usage")).EnumerateArray().ToArray();
        Assert.Equal(["3", "4"], usage.Select(u => u.GetProperty("company").GetString()));
        Assert.Equal([(2, 2), (1, 2)], usage.Select(u => (u.GetProperty("tasks").GetInt32(), u.GetProperty("scans").GetInt32())));
        Assert.All(usage, u => Assert.True(u.GetProperty("classifierSeconds").GetDouble() > 0, u.ToString()));
        Assert.All(usage, u => Assert.Equal(2 * 0.262144, u.GetProperty("megapixels").GetDouble(), 6));
        Assert.Empty((await bridge.GetJsonAsync("/api/usage?from=2001-01&to=2001-12")).EnumerateArray());
        Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync("/api/usage?from=2026-13")).StatusCode);

        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var byDay = Assert.Single((await bridge.GetJsonAsync($"/api/usage?by=day,classifier&from={today}&to={today}")).EnumerateArray());
        Assert.Equal((today, "reader", 3), (byDay.GetProperty("day").GetString(), byDay.GetProperty("classifier").GetString(), byDay.GetProperty("tasks").GetInt32()));
        Assert.False(byDay.TryGetProperty("company", out _));
        Assert.InRange(byDay.GetProperty("medianSeconds").GetDouble(), 0.001, byDay.GetProperty("p95Seconds").GetDouble());
        Assert.Equal(3, Assert.Single((await bridge.GetJsonAsync($"/api/usage?by=classifier&from={today[..7]}-01")).EnumerateArray()).GetProperty("tasks").GetInt32()); // From a day to the end of the month.
        Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync("/api/usage?by=day,day")).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await bridge.GetAsync("/api/usage?by=stain")).StatusCode);
    }
}
