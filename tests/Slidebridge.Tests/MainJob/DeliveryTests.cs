using Slidebridge.Hosting;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Tests.MainJob;

/// <summary>Whatever goes wrong between the bridge and the platform, a result is there once.</summary>
public sealed class DeliveryTests
{
    public static TheoryData<string> PassingFaults() => new(Faults.Keys.Where(name => Faults[name].Completes));

    public static TheoryData<string> FinalFaults() => new(Faults.Keys.Where(name => !Faults[name].Completes));

    static readonly Dictionary<string, (bool Completes, Fault[] Faults)> Faults = new()
    {
        ["results 500 before"] = (true, [Results(FaultAction.Status, FaultMoment.Before)]),
        ["results 500 after the commit"] = (true, [Results(FaultAction.Status, FaultMoment.After)]),
        ["results 503 thrice"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 503, Times = 3 }]),
        ["results 504 after the commit"] = (true, [Results(FaultAction.Status, FaultMoment.After) with { Status = 504 }]),
        ["results 408"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 408 }]),
        ["results 429 with Retry-After"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 429, RetryAfter = 1 }]),
        ["results 401"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 401 }]),
        ["results 401 for every token"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 401, Times = 4 }]),
        ["results 302"] = (true, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 302 }]),
        ["results reset before"] = (true, [Results(FaultAction.Reset, FaultMoment.Before)]),
        ["results reset after the commit"] = (true, [Results(FaultAction.Reset, FaultMoment.After)]),
        ["results cut off"] = (true, [Results(FaultAction.Cut, FaultMoment.After)]),
        ["results too slow before the commit"] = (true, [Results(FaultAction.Delay, FaultMoment.Before) with { DelayMilliseconds = 1500 }]),
        ["results too slow after the commit"] = (true, [Results(FaultAction.Delay, FaultMoment.After) with { DelayMilliseconds = 1500 }]),
        ["results slow"] = (true, [Results(FaultAction.Delay, FaultMoment.Before) with { DelayMilliseconds = 200 }]),
        ["results 500 after the commit, evaluations 500"] = (true, [Results(FaultAction.Status, FaultMoment.After), Of(FaultEndpoint.Evaluations, FaultAction.Status)]),
        ["results reset after the commit, evaluations reset"] = (true, [Results(FaultAction.Reset, FaultMoment.After), Of(FaultEndpoint.Evaluations, FaultAction.Reset)]),
        ["results 500 before, evaluations cut off"] = (true, [Results(FaultAction.Status, FaultMoment.Before), Of(FaultEndpoint.Evaluations, FaultAction.Cut)]),
        ["results reset after the commit, evaluations too slow"] = (true, [Results(FaultAction.Reset, FaultMoment.After), Of(FaultEndpoint.Evaluations, FaultAction.Delay) with { DelayMilliseconds = 1500 }]),
        ["results 500 after the commit, evaluations 401"] = (true, [Results(FaultAction.Status, FaultMoment.After), Of(FaultEndpoint.Evaluations, FaultAction.Status) with { Status = 401 }]),
        ["results 400"] = (false, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 400 }]),
        ["results 404"] = (false, [Results(FaultAction.Status, FaultMoment.Before) with { Status = 404 }]),
        ["slides 503 with Retry-After"] = (true, [Of(FaultEndpoint.Slides, FaultAction.Status) with { Status = 503, RetryAfter = 1 }]),
        ["slides 500 on the third read"] = (true, [Of(FaultEndpoint.Slides, FaultAction.Status) with { Skip = 2 }]),
        ["slides reset"] = (true, [Of(FaultEndpoint.Slides, FaultAction.Reset)]),
        ["slides cut off"] = (true, [Of(FaultEndpoint.Slides, FaultAction.Cut) with { Skip = 1 }]),
        ["slides slow"] = (true, [Of(FaultEndpoint.Slides, FaultAction.Delay) with { DelayMilliseconds = 300 }]),
        ["slides 404"] = (false, [Of(FaultEndpoint.Slides, FaultAction.Status) with { Status = 404, Times = null }]),
        ["slides 403"] = (false, [Of(FaultEndpoint.Slides, FaultAction.Status) with { Status = 403, Times = null }]),
    };

    static Fault Results(FaultAction action, FaultMoment when) => Of(FaultEndpoint.Results, action) with { When = when };

    static Fault Of(FaultEndpoint endpoint, FaultAction action) => new() { Endpoint = endpoint, Action = action };

    [Theory]
    [MemberData(nameof(PassingFaults))]
    public async Task A_fault_that_passes_leaves_exactly_one_evaluation(string name)
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.PlatformTimeout, "1s"), (ServeSettings.DeliverySettle, "800ms")]);
        foreach (var fault in Faults[name].Faults) bridge.Add(fault);
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Single(bridge.EvaluationsOf(task));
        Assert.Empty(bridge.Platform.Faults.Waiting);
    }

    [Theory]
    [MemberData(nameof(FinalFaults))]
    public async Task A_final_refusal_fails_the_task_with_nothing_posted(string name)
    {
        await using var bridge = await TestBridge.StartAsync();
        foreach (var fault in Faults[name].Faults) bridge.Add(fault);
        var task = await bridge.RequestAsync();
        Assert.NotEmpty(await bridge.FailAsync(task));
    }

    [Fact]
    public async Task The_platforms_words_are_kept_with_the_task_that_it_refused()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(Results(FaultAction.Status, FaultMoment.Before) with { Status = 422 });
        Assert.Contains("""answered 422: {"error":"a fault on demand"}""", await bridge.FailAsync(await bridge.RequestAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_429_is_not_posted_again_before_its_Retry_After()
    {
        await using var bridge = await TestBridge.StartAsync();
        bridge.Add(Results(FaultAction.Status, FaultMoment.Before) with { Status = 429, RetryAfter = 2 });
        var task = await bridge.RequestAsync();
        var ended = await bridge.CompleteAsync(task);
        var posts = ended.GetProperty("events").EnumerateArray().Where(e => e.GetProperty("what").GetString() == "post started").Select(e => e.GetProperty("at").GetDateTimeOffset()).ToArray();
        Assert.Equal(2, posts.Length);
        Assert.True(posts[1] - posts[0] >= TimeSpan.FromSeconds(2), $"{posts[1] - posts[0]}");
    }

    [Fact]
    public async Task Forty_tasks_through_a_storm_of_faults_are_there_once_each()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.PlatformTimeout, "1s"), (ServeSettings.DeliverySettle, "200ms")]);
        bridge.Add(Results(FaultAction.Status, FaultMoment.After) with { Times = null, Probability = 0.2, Seed = 1 });
        bridge.Add(Results(FaultAction.Reset, FaultMoment.Before) with { Times = null, Probability = 0.2, Seed = 2 });
        bridge.Add(Results(FaultAction.Reset, FaultMoment.After) with { Times = null, Probability = 0.2, Seed = 3 });
        bridge.Add(Results(FaultAction.Status, FaultMoment.Before) with { Times = null, Probability = 0.2, Seed = 4, Status = 503 });
        bridge.Add(Of(FaultEndpoint.Evaluations, FaultAction.Status) with { Times = null, Probability = 0.3, Seed = 5 });
        bridge.Add(Of(FaultEndpoint.Slides, FaultAction.Reset) with { Times = null, Probability = 0.05, Seed = 6 });
        var tasks = await bridge.RequestAsync(new AiRequest { Slides = [TestBridge.RealSlide], Webhook = new Uri(bridge.Address, "/webhook").ToString(), Count = 40 });
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(40, bridge.Platform.State.Evaluations.Count);
        Assert.Equal(0, bridge.Platform.State.Duplicates);
    }

    [Fact]
    public async Task A_wait_beyond_the_window_that_the_platform_asks_for_still_leaves_a_last_try()
    {
        await using var bridge = await TestBridge.StartAsync([(ServeSettings.DeliveryWindow, "1500ms")]);
        bridge.Add(Results(FaultAction.Status, FaultMoment.Before) with { Status = 429, RetryAfter = 172_800 });
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        Assert.Single(bridge.EvaluationsOf(task));
    }
}
