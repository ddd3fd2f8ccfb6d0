using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Slidebridge.Hosting;
using Slidebridge.Simulator.Faults;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Telemetry;

/// <summary>Counts are the process's: no other bridge may run beside these.</summary>
[CollectionDefinition(nameof(AloneInTheProcess), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>What a bridge tells of its work, as Prometheus and a collector get it.</summary>
[Collection(nameof(AloneInTheProcess))]
public sealed partial class TelemetryTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    static async Task<Dictionary<string, double>> ScrapeAsync(TestBridge bridge)
    {
        using var answer = await bridge.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var lines = (await answer.Content.ReadAsStringAsync(Token)).Split('\n').Where(l => l.Length > 0 && l[0] != '#');
        return lines.Select(l => Sample().Match(l)).ToDictionary(m => m.Groups[1].Value.Replace("{}", "", StringComparison.Ordinal), m => double.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task A_task_is_seen_in_every_metric()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429 });
        await bridge.CompleteAsync(await bridge.RequestAsync());
        var metrics = await ScrapeAsync(bridge);
        foreach (var stage in TaskStage.All.Where(s => s != TaskStage.Look)) Assert.True(metrics[$"slidebridge_stage_duration_seconds_count{{stage=\"{stage}\"}}"] >= 1, stage);
        Assert.True(metrics["slidebridge_slides_read_bytes_total"] > 1000);
        Assert.True(metrics["slidebridge_retries_total{stage=\"deliver\"}"] >= 1);
        Assert.True(metrics["slidebridge_deliveries_total{end=\"accepted\"}"] >= 1);
        Assert.True(metrics["slidebridge_tasks_ended_total{state=\"completed\"}"] >= 1);
        Assert.True(metrics["slidebridge_classifier_busy_seconds_total{classifier=\"boxes\"}"] > 0);
        Assert.Equal(0, metrics["slidebridge_classifier_slots_used{classifier=\"boxes\"}"]);
        Assert.True(metrics["slidebridge_classifier_slots"] >= 1);
        Assert.True(metrics["dotnet_process_memory_working_set_bytes"] > 10e6);
        Assert.True(metrics["dotnet_process_cpu_time_seconds_total{cpu_mode=\"user\"}"] > 0);
        Assert.True(metrics.ContainsKey("slidebridge_block_cache_bytes"));
        Assert.Equal(0, metrics["slidebridge_queue_age_seconds"]);
        Assert.Equal((0, 1), (metrics["slidebridge_tasks{state=\"accepted\"}"], metrics["slidebridge_tasks{state=\"completed\"}"]));
    }

    [Fact]
    public async Task A_scraper_brings_the_APIs_token()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, "scrape-me-as-you-like")]);
        using var refused = await bridge.GetAsync("/metrics");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        bridge.Http.DefaultRequestHeaders.Authorization = new("Bearer", "scrape-me-as-you-like");
        Assert.NotEmpty(await ScrapeAsync(bridge));
    }

    [Fact]
    public async Task A_task_is_one_trace_from_its_webhook_to_its_post_and_tells_no_secret()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TaskTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var bridge = await TestBridge.StartAsync();
        // The end of the first post is not known: a second run looks.
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After });
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        while (spans.Count(s => s.OperationName == "run") < 2) await Task.Delay(5, Token);

        var accepted = Assert.Single(spans, s => s.OperationName == "accept");
        Assert.All(spans, span => Assert.Equal(accepted.TraceId, span.TraceId));
        var runs = spans.Where(s => s.OperationName == "run").ToList();
        Assert.All(runs, run => Assert.Equal(accepted.SpanId, run.ParentSpanId));
        var stages = spans.Where(s => s.OperationName is not ("accept" or "run")).OrderBy(s => s.StartTimeUtc).ToList();
        Assert.Equal(["open", "wait", "classify", "validate", "save", "post", "look"], stages.Select(s => s.OperationName));
        Assert.All(stages, stage => Assert.Contains(stage.ParentSpanId, runs.Select(r => r.SpanId)));
        Assert.Contains(runs, run => run.Status is ActivityStatusCode.Error);
        Assert.Equal(["error.type", "slidebridge.node", "slidebridge.run", "slidebridge.task"], spans.SelectMany(s => s.TagObjects).Select(t => t.Key).Distinct().Order());
        Assert.DoesNotContain(spans.SelectMany(s => s.TagObjects), tag => $"{tag.Value}".Contains("http", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_dashboard_the_alerts_and_the_page_name_the_metrics_that_there_are()
    {
        await using var receiver = await EventReceiver.StartAsync();
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.EventsUrl, receiver.Address.ToString()), (ServeSettings.EventsSecret, EventReceiver.Secret)],
            json: """{ "fleet": [{ "group": "gpu", "engine": "command", "command": { "start": "true", "list": "true", "stop": "true" } }] }""");
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429 });
        await bridge.CompleteAsync(await bridge.RequestAsync());
        await receiver.UntilAsync(r => r.Accepted.Count == 2);
        using (await bridge.PostAsync("{}", "/webhook/wrong-key")) { }
        var names = (await ScrapeAsync(bridge)).Keys.Select(k => k.Split('{')[0]).Where(n => n.StartsWith("slidebridge_", StringComparison.Ordinal)).ToHashSet();

        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "grafana", "slidebridge.json"), Token));
        var queries = dashboard.RootElement.GetProperty("panels").EnumerateArray().SelectMany(p => p.GetProperty("targets").EnumerateArray()).Select(t => t.GetProperty("expr").GetString()!).ToList();
        Assert.All(queries, query => Assert.Matches("slidebridge_", query));
        var asked = queries.SelectMany(q => Metric().Matches(q)).Select(m => m.Value).ToHashSet();
        Assert.Subset(names, asked);

        var alerts = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "deploy", "prometheus", "slidebridge.rules.yml"), Token);
        var watched = Metric().Matches(alerts).Select(m => m.Value).ToHashSet();
        Assert.NotEmpty(watched);
        Assert.Subset(names, watched);

        var page = await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "operations.md"), Token);
        var series = names.Select(n => Regex.Replace(n, "_(bucket|sum|count)$", "")).ToHashSet();
        Assert.Equal(series.Order(), Row().Matches(page).Select(m => m.Groups[1].Value).Order());
    }

    [GeneratedRegex(@"^(\S+?(?:\{[^}]*\})?) (\S+)")]
    private static partial Regex Sample();

    [GeneratedRegex("slidebridge_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex(@"^\| `(slidebridge_[a-z_]+)`", RegexOptions.Multiline)]
    private static partial Regex Row();
}
