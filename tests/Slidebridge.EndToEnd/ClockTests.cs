using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.EndToEnd;

/// <summary>The wall clock of a node is set an hour ahead, or back, while its tasks wait for a moment. They wait no hour longer, and nothing is posted twice.</summary>
public sealed class ClockTests
{
    const int Tasks = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_steps_between_an_uncertain_post_and_the_look_after_it_costs_no_second_post(int hours)
    {
        SteppedClock clock = null!;
        await using var node = await LoneNode.StartAsync(n => clock = SteppedClock.Of(n), "--concurrency", "8", "--delivery-settle", "5s");
        node.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Reset, When = FaultMoment.After, Times = Tasks });
        var tasks = await node.RequestAsync(Tasks);
        await UntilPutOffAsync(node, tasks);
        clock.Set(TimeSpan.FromHours(hours));
        await node.UntilAsync("completed", Tasks);
        node.AssertOnce(tasks);
        foreach (var task in tasks) Assert.Equal(1, (await node.ShowAsync(task)).GetProperty("attempts").GetProperty("posts").GetInt32());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task A_clock_that_steps_while_tasks_wait_for_their_next_try_makes_none_wait_an_hour(int hours)
    {
        SteppedClock clock = null!;
        await using var node = await LoneNode.StartAsync(n => clock = SteppedClock.Of(n), "--concurrency", "8", "--retry-first", "5s", "--retry-longest", "5s");
        node.Platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Times = null });
        var tasks = await node.RequestAsync(Tasks);
        await UntilPutOffAsync(node, tasks);
        clock.Set(TimeSpan.FromHours(hours));
        node.Platform.Faults.Clear();
        await node.UntilAsync("completed", Tasks);
        node.AssertOnce(tasks);

        // And it goes on as before.
        var later = await node.RequestAsync(Tasks);
        await node.UntilAsync("completed", 2 * Tasks);
        node.AssertOnce(tasks.Concat(later));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task Tasks_that_ran_when_the_machine_died_go_on_at_once_though_it_comes_back_with_another_time(int hours)
    {
        SteppedClock clock = null!;
        await using var node = await LoneNode.StartAsync(n => clock = SteppedClock.Of(n), "--concurrency", "8", "--delivery-settle", "1s");
        node.HoldClassifier();
        var tasks = await node.RequestAsync(Tasks);
        await node.UntilAsync("running", Tasks);
        await node.Serve.KillAsync();
        clock.Set(TimeSpan.FromHours(hours));
        node.Free();
        await node.RestartAsync();
        await node.UntilAsync("completed", Tasks);
        node.AssertOnce(tasks);
    }

    static Task UntilPutOffAsync(LoneNode node, IReadOnlyList<SimulatedTask> tasks) => node.UntilAsync(
        async () => (await Task.WhenAll(tasks.Select(node.EventsAsync))).All(e => e.Any(w => w.StartsWith("rescheduled", StringComparison.Ordinal))),
        async () => $"not all are rescheduled: {await node.ShowAsync(tasks[0])}");
}
