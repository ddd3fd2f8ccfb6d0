using Slidebridge.Simulator.Faults;

namespace Slidebridge.Tests.Simulation;

/// <summary>Which calls a fault befalls, and how faults are set.</summary>
public sealed class FaultPlanTests
{
    const string Path = "/simulator/faults";

    [Theory]
    [InlineData("", "x.........")] // absent: once
    [InlineData(", \"times\": 3", "xxx.......")]
    [InlineData(", \"times\": null", "xxxxxxxxxx")]
    [InlineData(", \"times\": null, \"every\": 3", "..x..x..x.")]
    [InlineData(", \"times\": 2, \"every\": 3", "..x..x....")]
    [InlineData(", \"times\": null, \"skip\": 7", ".......xxx")]
    [InlineData(", \"skip\": 2", "..x.......")]
    [InlineData(", \"times\": 2, \"every\": 2, \"skip\": 3", "....x.x...")]
    [InlineData(", \"times\": null, \"probability\": 0", "..........")]
    [InlineData(", \"times\": null, \"probability\": 1", "xxxxxxxxxx")]
    public async Task A_fault_befalls_the_calls_it_is_set_for(string members, string expected)
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync($$"""{"endpoint": "token", "action": "status"{{members}}}""");
        Assert.Equal(expected, await CallsAsync(platform, 10));
    }

    [Fact]
    public async Task The_same_seed_draws_the_same()
    {
        var draws = new List<string>();
        foreach (var seed in new[] { 4, 4, 5 })
        {
            await using var platform = await StandIn.StartAsync();
            await platform.FaultAsync($$"""{"endpoint": "token", "action": "status", "times": null, "probability": 0.3, "seed": {{seed}} }""");
            draws.Add(await CallsAsync(platform, 60));
        }
        Assert.Equal(draws[0], draws[1]);
        Assert.NotEqual(draws[0], draws[2]);
        Assert.All(draws, d => Assert.InRange(d.Count(c => c == 'x'), 8, 30));
    }

    [Fact]
    public async Task The_first_of_several_faults_is_taken_and_the_next_waits()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""[{"endpoint": "token", "action": "status", "status": 503}, {"endpoint": "token", "action": "status", "status": 429}]""");
        foreach (var status in new[] { 503, 429, 200 }) Assert.Equal(status, (await platform.AskTokenAsync()).Status);
    }

    [Fact]
    public async Task Absent_members_have_their_defaults()
    {
        await using var platform = await StandIn.StartAsync();
        var told = await platform.CallAsync(HttpMethod.Put, Path, """{"endpoint": "results", "action": "cut"}""");
        Assert.Equal("""[{"endpoint":"results","action":"cut","when":"before","status":500,"retry_after":null,"delay_ms":1000,"times":1,"every":1,"skip":0,"probability":1,"seed":0}]""", told.Text);
        Assert.Equal(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Cut }, Assert.Single(platform.Simulator.Faults.Waiting));
    }

    [Fact]
    public async Task PUT_replaces_POST_adds_DELETE_clears()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""[{"endpoint": "token", "action": "reset"}, {"endpoint": "slides", "action": "reset"}]""");
        Assert.Equal([FaultEndpoint.Token, FaultEndpoint.Slides], Waiting());
        var told = await platform.PostAsync(Path, """{"endpoint": "case", "action": "reset"}""");
        Assert.Equal((200, 3), (told.Status, told.List.Count));
        Assert.Equal([FaultEndpoint.Token, FaultEndpoint.Slides, FaultEndpoint.Case], Waiting());
        await platform.FaultAsync("""{"endpoint": "graphql", "action": "reset"}""");
        Assert.Equal([FaultEndpoint.GraphQl], Waiting());
        Assert.Equal("graphql", (string?)Assert.Single((await platform.GetAsync(Path)).List)!["endpoint"]);
        await platform.FaultAsync("[]");
        Assert.Empty(Waiting());
        await platform.FaultAsync("""{"endpoint": "graphql", "action": "reset"}""");
        Assert.Equal(204, (await platform.CallAsync(HttpMethod.Delete, Path)).Status);
        Assert.Equal("[]", (await platform.GetAsync(Path)).Text);

        IEnumerable<FaultEndpoint> Waiting() => platform.Simulator.Faults.Waiting.Select(f => f.Endpoint);
    }

    [Fact]
    public async Task A_fault_that_has_happened_waits_no_more()
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint": "token", "action": "status", "times": 2}""");
        await platform.AskTokenAsync();
        Assert.Single((await platform.GetAsync(Path)).List);
        await platform.AskTokenAsync();
        Assert.Empty((await platform.GetAsync(Path)).List);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("5")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("{\"endpoint\": \"token\"}")]
    [InlineData("{\"action\": \"reset\"}")]
    [InlineData("{\"endpoint\": \"webhook\", \"action\": \"reset\"}")]
    [InlineData("{\"endpoint\": 99, \"action\": \"reset\"}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"explode\"}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": 4}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"when\": \"during\"}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"when\": -1}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"often\": true}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"status\", \"status\": 199}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"status\", \"status\": 600}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"status\", \"retry_after\": -1}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"delay\", \"delay_ms\": -1}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"delay\", \"delay_ms\": 600001}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"times\": 0}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"every\": 0}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"skip\": -1}")]
    [InlineData("{\"endpoint\": \"token\", \"action\": \"reset\", \"probability\": 1.5}")]
    [InlineData("[{\"endpoint\": \"token\", \"action\": \"reset\"}, {\"endpoint\": \"token\", \"action\": \"reset\", \"every\": 0}]")]
    public async Task A_wrong_fault_is_400_and_the_others_stay(string json)
    {
        await using var platform = await StandIn.StartAsync();
        await platform.FaultAsync("""{"endpoint": "slides", "action": "cut"}""");
        foreach (var method in new[] { HttpMethod.Put, HttpMethod.Post })
        {
            var answer = await platform.CallAsync(method, Path, json);
            Assert.Equal((400, "application/problem+json"), (answer.Status, answer.Headers["Content-Type"]));
        }
        Assert.Equal(FaultEndpoint.Slides, Assert.Single(platform.Simulator.Faults.Waiting).Endpoint);
    }

    [Fact]
    public async Task In_code_a_wrong_fault_is_an_exception()
    {
        await using var platform = await StandIn.StartAsync();
        Assert.Throws<ArgumentException>(() => platform.Simulator.Faults.Add(new Fault { Endpoint = FaultEndpoint.Token, Action = FaultAction.Reset, Every = 0 }));
    }

    /// <summary>An x for each call that the fault befell.</summary>
    static async Task<string> CallsAsync(StandIn platform, int count)
    {
        var calls = new char[count];
        for (var i = 0; i < count; i++) calls[i] = (await platform.AskTokenAsync()).Status == 200 ? '.' : 'x';
        return new string(calls);
    }
}
