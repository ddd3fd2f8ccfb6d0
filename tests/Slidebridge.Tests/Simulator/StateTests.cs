using System.Collections.Concurrent;
using Slidebridge.Simulator;

namespace Slidebridge.Tests.Simulation;

/// <summary>The counts, the reset, the events, and the start.</summary>
public sealed class StateTests
{
    const string Empty = """{"requests":0,"acknowledged":0,"completed":0,"evaluations":0,"duplicates":0,"refused_posts":0,"slide_requests":0,"slide_bytes":0,"acknowledged_p50_ms":null,"acknowledged_p99_ms":null}""";

    [Fact]
    public async Task The_stats_count_what_happened()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Equal(Empty, (await platform.GetAsync("/simulator/stats")).Text);
        await using var webhook = await Webhook.StartAsync();
        await platform.PostAsync("/simulator/requests", $$"""{"slides": ["a.svs"], "webhook": "{{webhook.Url}}", "count": 2}""");
        var unasked = await platform.TaskAsync("a.svs", "b.tiff");
        var task = platform.Simulator.State.Tasks[0];
        await platform.PostResultsAsync(task, "{}");
        await platform.PostResultsAsync(task);
        await platform.PostResultsAsync(unasked);
        await platform.PostResultsAsync(unasked);
        await platform.CallAsync(HttpMethod.Get, StandIn.UrlOf(task), range: "bytes=0-99");
        await platform.GetAsync(StandIn.UrlOf(task));
        await platform.GetAsync(StandIn.UrlOf(task) + "x");

        var stats = (await platform.GetAsync("/simulator/stats")).Json.AsObject();
        Assert.Equal([3, 2, 2, 5, 1, 1, 2, 10_100], stats.Take(8).Select(s => (int)s.Value!));
        Assert.All(stats.Skip(8), s => Assert.True((double)s.Value! > 0));
    }

    [Fact]
    public async Task A_reset_forgets_everything_but_the_numbers()
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.PostResultsAsync(task);
        await platform.GetAsync(StandIn.UrlOf(task));
        Assert.Equal(204, (await platform.CallAsync(HttpMethod.Delete, "/simulator/state")).Status);
        Assert.Equal(Empty, (await platform.GetAsync("/simulator/stats")).Text);
        Assert.Equal("[]", (await platform.GetAsync("/simulator/requests")).Text);
        Assert.Equal(404, (await platform.PostResultsAsync(task)).Status);

        var next = await platform.TaskAsync();
        Assert.Equal((task.TaskNumber + 1, task.CaseNumber + 1), (next.TaskNumber, next.CaseNumber));
        await platform.PostResultsAsync(next);
        Assert.Equal(2, platform.Simulator.State.Evaluations[0].Id);
    }

    [Fact]
    public async Task What_happens_is_told_without_a_secret()
    {
        var events = new ConcurrentQueue<SimulatorEvent>();
        await using var platform = await StandIn.StartAsync(o => o with { OnEvent = events.Enqueue });
        await using var webhook = await Webhook.StartAsync();
        await platform.PostAsync("/simulator/requests", $$"""{"slides": ["a.svs"], "webhook": "{{webhook.Url}}"}""");
        var task = platform.Simulator.State.Tasks[0];
        var token = await platform.KeyTokenAsync();
        await platform.FaultAsync("""{"endpoint": "results", "action": "status"}""");
        await platform.PostResultsAsync(task);
        await platform.PostResultsAsync(task);
        Assert.Equal(
        [
            "called the webhook for task 185001: 200 {\"message\":\"Processing started\"}",
            "issued a token for the API key",
            "fault: results status before",
            "results of task 185001 posted: 201",
        ], events.Select(e => e.What));
        Assert.All(events, e => Assert.DoesNotContain(token, e.What));
    }

    [Fact]
    public async Task The_first_page_tells_the_addresses()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Contains("/simulator/requests", (await platform.GetAsync("/simulator")).Text);
        Assert.Equal(404, (await platform.GetAsync("/nothing")).Status);
    }

    [Fact]
    public async Task A_taken_port_and_a_missing_folder_are_told_at_the_start()
    {
        await using var platform = await StandIn.StartAsync();
        var options = platform.Simulator.Options;
        await Assert.ThrowsAnyAsync<IOException>(() => Slidebridge.Simulator.Simulator.StartAsync(options with { Port = platform.Simulator.Address.Port }, TestContext.Current.CancellationToken));
        await Assert.ThrowsAsync<DirectoryNotFoundException>(() => Slidebridge.Simulator.Simulator.StartAsync(options with { SlidesDirectory = options.SlidesDirectory + "-none" }, TestContext.Current.CancellationToken));
        Assert.DoesNotContain("local-secret", options.ToString());
    }
}
