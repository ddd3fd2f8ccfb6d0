using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.EndToEnd;

/// <summary>An operator cancels, at one node, a task that another node classifies.</summary>
public sealed class CancelTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_task_that_another_node_classifies_is_told_to_stop_and_its_slot_is_free()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, "--concurrency", "1");
        cluster.HoldClassifiers();
        var first = await SendAsync(cluster, "model");
        await ClassifiedAsync(cluster, first);
        var second = await SendAsync(cluster, "model");

        await CancelAsync(cluster, first);
        // The only slot is the second task's now, though the classifier is held still.
        await ClassifiedAsync(cluster, second);
        cluster.Free();
        await cluster.UntilAsync("completed", 1);
        Assert.Equal("cancelled", (await cluster.ShowAsync(first)).GetProperty("state").GetString());
        Assert.Equal([second.TaskNumber], cluster.Platform.State.Evaluations.Select(e => e.TaskNumber));
    }

    [Fact]
    public async Task A_classifier_that_does_not_hear_is_left_behind_and_the_node_still_stops_cleanly()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 1, "--concurrency", "2", "--drain", "1s");
        cluster.HoldClassifiers();
        var stubborn = await SendAsync(cluster, "stubborn");
        await ClassifiedAsync(cluster, stubborn);
        await CancelAsync(cluster, stubborn);
        var worker = cluster.Worker(0);
        await UntilAsync(cluster, () => Task.FromResult(worker.Output.Contains("ignored cancellation", StringComparison.Ordinal)));

        var other = await SendAsync(cluster, "model");
        await ClassifiedAsync(cluster, other);
        await worker.SignalAsync("TERM");
        Assert.Equal(0, await worker.EndAsync(TimeSpan.FromSeconds(30)));
        Assert.Equal("accepted", (await cluster.ShowAsync(other)).GetProperty("state").GetString());
        Assert.Empty(cluster.Platform.State.Evaluations);
    }

    static async Task<SimulatedTask> SendAsync(Cluster cluster, string model)
    {
        var task = (await cluster.Platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Model = model }, Token)).Single();
        await cluster.SendAsync(task, new Random(1));
        return task;
    }

    static async Task CancelAsync(Cluster cluster, SimulatedTask task)
    {
        using var answer = await cluster.Node(0).Http.PostAsync(new Uri($"/api/tasks/{task.TaskNumber}/cancel", UriKind.Relative), null, Token);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
    }

    /// <summary>Waits until the worker's classifier has the task: it tells its progress.</summary>
    static Task ClassifiedAsync(Cluster cluster, SimulatedTask task) => UntilAsync(cluster, async () =>
        (await cluster.Worker(0).GetAsync($"/api/tasks/{task.TaskNumber}")).GetProperty("scans")[0].GetProperty("progress").GetDouble() is 0.5);

    static async Task UntilAsync(Cluster cluster, Func<Task<bool>> holds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!await holds())
        {
            if (patience.IsCancellationRequested) Assert.Fail(await cluster.ToldAsync());
            await Task.Delay(50, Token);
        }
    }
}
