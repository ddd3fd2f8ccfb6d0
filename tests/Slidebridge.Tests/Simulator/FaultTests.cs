using System.Diagnostics;
using Slidebridge.Simulator.Faults;

namespace Slidebridge.Tests.Simulation;

/// <summary>Each fault at each endpoint: what the caller sees of it, and whether the work was done.</summary>
public sealed class FaultTests
{
    static readonly string[] Endpoints = ["token", "results", "evaluations", "case", "graphql", "slides"];

    public static MatrixTheoryData<string, string> AtEveryEndpoint => new(Endpoints, ["before", "after"]);

    public static TheoryData<string> EveryEndpoint => [.. Endpoints];

    [Theory, MemberData(nameof(AtEveryEndpoint))]
    public async Task A_status_is_answered_before_or_after_the_work(string endpoint, string when)
    {
        await using var call = await Call.PrepareAsync(endpoint);
        await call.Platform.FaultAsync($$"""{"endpoint": "{{endpoint}}", "action": "status", "status": 503, "retry_after": 7, "when": "{{when}}"}""");
        var answer = await call.MakeAsync();
        Assert.Equal((503, "7", """{"error":"a fault on demand"}"""), (answer.Status, answer.Headers["Retry-After"], answer.Text));
        call.AssertDone(when == "after");
        await call.AssertWellAsync();
    }

    [Theory, MemberData(nameof(AtEveryEndpoint))]
    public async Task A_reset_leaves_the_caller_without_an_answer(string endpoint, string when)
    {
        await using var call = await Call.PrepareAsync(endpoint);
        await call.Platform.FaultAsync($$"""{"endpoint": "{{endpoint}}", "action": "reset", "when": "{{when}}"}""");
        await Assert.ThrowsAsync<HttpRequestException>(call.MakeAsync);
        call.AssertDone(when == "after");
        await call.AssertWellAsync();
    }

    [Theory, MemberData(nameof(AtEveryEndpoint))]
    public async Task A_delay_is_all_that_happens(string endpoint, string when)
    {
        await using var call = await Call.PrepareAsync(endpoint);
        var well = await call.MakeAsync();
        await call.Platform.FaultAsync($$"""{"endpoint": "{{endpoint}}", "action": "delay", "delay_ms": 150, "when": "{{when}}"}""");
        var start = Stopwatch.GetTimestamp();
        var answer = await call.MakeAsync();
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 145, 5000);
        Assert.Equal((well.Status, well.Bytes.Length), (answer.Status, answer.Bytes.Length));
        call.AssertDone(true);
    }

    [Theory, MemberData(nameof(AtEveryEndpoint))]
    public async Task A_cut_is_half_of_the_answer_after_the_work(string endpoint, string when)
    {
        await using var call = await Call.PrepareAsync(endpoint);
        await call.Platform.FaultAsync($$"""{"endpoint": "{{endpoint}}", "action": "cut", "when": "{{when}}"}""");
        if (endpoint == "case") await Assert.ThrowsAsync<HttpRequestException>(call.MakeAsync); // 204 has no body to cut
        else
        {
            var (status, promised, came) = await call.MakeUntilTheCutAsync();
            Assert.InRange(status, 200, 201);
            Assert.Equal(promised / 2, came);
        }
        call.AssertDone(true);
        await call.AssertWellAsync();
    }

    [Theory, MemberData(nameof(EveryEndpoint))]
    public async Task A_fault_befalls_no_other_endpoint(string endpoint)
    {
        await using var call = await Call.PrepareAsync(endpoint);
        foreach (var other in Enum.GetValues<FaultEndpoint>().Where(e => !e.ToString().Equals(endpoint, StringComparison.OrdinalIgnoreCase)))
            call.Platform.Simulator.Faults.Add(new Fault { Endpoint = other, Action = FaultAction.Reset, Times = null });
        await call.AssertWellAsync();
    }

    [Theory]
    [InlineData("before", false)]
    [InlineData("after", true)]
    public async Task A_caller_that_gives_up_in_a_delay_has_posted_only_if_it_is_after_the_work(string when, bool posted)
    {
        await using var call = await Call.PrepareAsync("results");
        await call.Platform.FaultAsync($$"""{"endpoint": "results", "action": "delay", "delay_ms": 60000, "when": "{{when}}"}""");
        await Assert.ThrowsAsync<TaskCanceledException>(() => call.MakeAsync(TimeSpan.FromMilliseconds(200)));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        call.AssertDone(posted);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(200)]
    public async Task Any_status_can_be_answered(int status)
    {
        await using var call = await Call.PrepareAsync("results");
        await call.Platform.FaultAsync($$"""{"endpoint": "results", "action": "status", "status": {{status}} }""");
        var answer = await call.MakeAsync();
        Assert.Equal((status, false), (answer.Status, answer.Headers.ContainsKey("Retry-After")));
        Assert.Equal(status is 204 or 304, answer.Bytes.Length == 0);
        call.AssertDone(false);
    }
}
