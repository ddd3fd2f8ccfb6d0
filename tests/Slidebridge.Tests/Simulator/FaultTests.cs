using System.Diagnostics;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Simulation;

/// <summary>What goes wrong on demand, and what was done all the same.</summary>
public sealed class FaultTests
{
    /// <summary>A call of an endpoint, and whether its work was done.</summary>
    static async Task<Answer> CallAsync(StandIn platform, SimulatedTask task, string endpoint) => endpoint switch
    {
        "token" => await platform.AskTokenAsync(),
        "results" => await platform.PostResultsAsync(task),
        "evaluations" => await platform.EvaluationsAsync(task),
        "case" => await platform.PatchCaseAsync(task, """{"triage_score":0.5}"""),
        "graphql" => await platform.PostAsync("/api/graphql", """{"query":"{ objects(sample_id: 1, filter: {evaluation_id: 1}) { x y } }"}""", task.Token),
        _ => await platform.GetAsync(StandIn.UrlOf(task)),
    };

    public static TheoryData<string> Endpoints => ["token", "results", "evaluations", "case", "graphql", "slides"];

    [Theory, MemberData(nameof(Endpoints))]
    public async Task Every_endpoint_fails_once_on_demand_and_then_answers(string endpoint)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.FaultAsync($$"""{"endpoint":"{{endpoint}}","action":"status","status":503,"retry_after":7}""");
        var failed = await CallAsync(platform, task, endpoint);
        Assert.Equal((503, "7"), (failed.Status, failed.Headers["Retry-After"]));
        Assert.InRange((await CallAsync(platform, task, endpoint)).Status, 200, 299);
        Assert.Equal("[]", (await platform.GetAsync("/simulator/faults")).Text);
    }

    [Theory]
    [InlineData("status", "before", 0)]
    [InlineData("status", "after", 1)]
    [InlineData("reset", "before", 0)]
    [InlineData("reset", "after", 1)]
    [InlineData("cut", "before", 1)] // A cut is always after.
    [InlineData("cut", "after", 1)]
    public async Task The_results_are_committed_or_not_by_the_moment_of_the_fault(string action, string when, int evaluations)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.FaultAsync($$"""{"endpoint":"results","action":"{{action}}","when":"{{when}}"}""");
        if (action == "status") Assert.Equal(500, (await platform.PostResultsAsync(task)).Status);
        else await Assert.ThrowsAnyAsync<Exception>(() => platform.PostResultsAsync(task));
        Assert.Equal(evaluations, platform.Simulator.State.Evaluations.Count);
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_delay_waits_and_answers(string when)
    {
        await using var platform = await StandIn.StartAsync();
        var task = await platform.TaskAsync();
        await platform.FaultAsync($$"""{"endpoint":"results","action":"delay","when":"{{when}}","delay_ms":300}""");
        var watch = Stopwatch.StartNew();
        Assert.Equal(201, (await platform.PostResultsAsync(task)).Status);
        Assert.True(watch.Elapsed > TimeSpan.FromMilliseconds(280));
    }

    [Fact]
    public async Task A_cut_slide_ends_before_its_end()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint":"slides","action":"cut"}""");
        await Assert.ThrowsAnyAsync<Exception>(async () => await platform.GetAsync(StandIn.UrlOf(await platform.TaskAsync())));
    }

    [Fact]
    public async Task Times_every_and_skip_choose_the_calls()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint":"token","action":"status","skip":1,"every":2,"times":2}""");
        Assert.Equal("200, 200, 500, 200, 500, 200, 200", string.Join(", ", await StatusesAsync(platform, 7)));
    }

    [Fact]
    public async Task A_fault_without_times_happens_once_and_with_null_always()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint":"token","action":"status"}""");
        Assert.Equal("500, 200, 200", string.Join(", ", await StatusesAsync(platform, 3)));
        await platform.FaultAsync("""{"endpoint":"token","action":"status","times":null}""");
        Assert.Equal("500, 500, 500", string.Join(", ", await StatusesAsync(platform, 3)));
    }

    [Fact]
    public async Task The_same_seed_draws_the_same_calls()
    {
        await using var platform = await StandIn.StartAsync();
        const string Fault = """{"endpoint":"token","action":"status","times":null,"probability":0.5,"seed":11}""";
        await platform.FaultAsync(Fault);
        var first = await StatusesAsync(platform, 20);
        await platform.FaultAsync(Fault);
        Assert.Equal(first, await StatusesAsync(platform, 20));
        Assert.Contains(200, first);
        Assert.Contains(500, first);
    }

    [Fact]
    public async Task Faults_are_replaced_added_to_and_cleared()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""[{"endpoint":"token","action":"status"},{"endpoint":"case","action":"reset"}]""");
        Assert.Equal(3, (await platform.PostAsync("/simulator/faults", """{"endpoint":"slides","action":"cut"}""")).List.Count);
        await platform.FaultAsync("""{"endpoint":"slides","action":"delay"}""");
        Assert.Equal(FaultAction.Delay, Assert.Single(platform.Simulator.Faults.Waiting).Action);
        Assert.Equal(204, (await platform.CallAsync(HttpMethod.Delete, "/simulator/faults")).Status);
        Assert.Empty(platform.Simulator.Faults.Waiting);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"explode\"}")]
    [InlineData("{\"endpoint\":\"moon\",\"action\":\"reset\"}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"status\",\"status\":99}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"status\",\"times\":0}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"delay\",\"delay_ms\":-1}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"status\",\"probability\":2}")]
    [InlineData("{\"endpoint\":\"token\",\"action\":\"status\",\"colour\":2}")]
    public async Task A_fault_that_cannot_be_is_400_and_changes_nothing(string json)
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint":"slides","action":"cut"}""");
        Assert.Equal(400, (await platform.CallAsync(HttpMethod.Put, "/simulator/faults", json)).Status);
        Assert.Single(platform.Simulator.Faults.Waiting);
    }

    static async Task<int[]> StatusesAsync(StandIn platform, int calls)
    {
        var statuses = new int[calls];
        for (var i = 0; i < calls; i++) statuses[i] = (await platform.AskTokenAsync()).Status;
        return statuses;
    }
}
