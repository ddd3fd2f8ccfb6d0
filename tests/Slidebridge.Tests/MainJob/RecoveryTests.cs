using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Faults;

namespace Slidebridge.Tests.MainJob;

/// <summary>What is told of a task after something went wrong and was over.</summary>
public sealed class RecoveryTests
{
    /// <summary>Fails once for the moment, then classifies.</summary>
    sealed class Unsteady : IClassifier
    {
        int runs;

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            if (runs++ == 0) throw new ClassifierException("The model server is away.") { IsTransient = true };
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).QcPass();
            return Task.FromResult(results.Build());
        }
    }

    [Theory]
    [InlineData(false, "The model server is away.")]
    [InlineData(true, "answered 429")]
    public async Task A_task_that_recovered_shows_no_error_and_its_events_keep_it(bool inDelivery, string error)
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => { if (!inDelivery) b.AddClassifier<Unsteady>("unsteady"); else b.DefaultClassifier = "boxes"; });
        if (inDelivery) bridge.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 429 });
        var task = await bridge.RequestAsync();
        var ended = await bridge.CompleteAsync(task);
        Assert.False(ended.TryGetProperty("lastError", out _), ended.ToString());
        Assert.False(ended.TryGetProperty("lastCause", out _), ended.ToString());
        Assert.Contains(ended.GetProperty("events").EnumerateArray(), e => e.GetProperty("what").GetString()!.Contains(error, StringComparison.Ordinal));
    }

    /// <summary>Marks a box far beyond the slide.</summary>
    sealed class Unscaled : IClassifier
    {
        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var results = new ResultsBuilder();
            results.Scan(task.Scans[0].Id).Box(0, 0, 10, 10, "corner").Box(90000, 80000, 10, 10, "far");
            return Task.FromResult(results.Build());
        }
    }

    [Fact]
    public async Task A_result_outside_its_slide_is_delivered_and_warned_of()
    {
        await using var bridge = await TestBridge.StartAsync(classifiers: b => b.AddClassifier<Unscaled>("unscaled"));
        var task = await bridge.RequestAsync();
        var ended = await bridge.CompleteAsync(task);
        var warning = Assert.Single(ended.GetProperty("scans")[0].GetProperty("warnings").EnumerateArray());
        Assert.Equal("result-outside-slide", warning.GetProperty("code").GetString());
        Assert.Equal("1 of 2 shapes in the result lies outside the slide, which has 2220 × 2967 pixels; the first is at x 90000, y 80000. Coordinates of a result must be level-0 pixels.", warning.GetProperty("message").GetString());
        Assert.Single(bridge.EvaluationsOf(task));
    }
}
