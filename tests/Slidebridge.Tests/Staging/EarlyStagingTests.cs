using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Hosting;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Staging;

/// <summary>Tasks that wait, or are worked on, for longer than their URLs live, on a whole bridge with the platform's stand-in.</summary>
public sealed class EarlyStagingTests
{
    // One is classified, eight have their slides open; the others wait.
    const int InHand = 9, Waiting = 3;

    static readonly TimeSpan Life = TimeSpan.FromMinutes(5), Patience = TimeSpan.FromSeconds(60);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits for the test, then reads what no picture of the bridge's own has read: no cached block has it.</summary>
    sealed class Held(Held.Gate gate) : IClassifier
    {
        public sealed record Gate(TaskCompletionSource Open);

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await gate.Open.Task.WaitAsync(cancellationToken);
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans)
            {
                var slide = await scan.OpenSlideAsync(cancellationToken);
                var last = await slide.ReadTileAsync(0, slide.Levels[0].Columns - 1, slide.Levels[0].Rows - 1, cancellationToken: cancellationToken);
                results.Scan(scan.Id).Summary($"waited; the last tile is {last.Width} wide");
            }
            return results.Build();
        }
    }

    [Fact]
    public async Task Tasks_that_wait_or_run_for_longer_than_their_urls_live_go_on_from_their_copies()
    {
        var (gate, time) = (new Held.Gate(new()), new LeapingTime());
        await using var bridge = await StartAsync(gate, time, "1GB");
        var tasks = await RequestAsync(bridge);
        await UntilOpenAsync(bridge, tasks);
        await UntilAsync(async () => await CountAsync(bridge, tasks, "slides staged early") == tasks.Count, "all slides are copied");

        time.Leap(2 * Life);
        gate.Open.SetResult();
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.Equal(tasks.Count, await CountAsync(bridge, tasks, "their URLs expire at"));
    }

    [Fact]
    public async Task A_task_whose_urls_expired_without_a_copy_fails_at_once_and_says_what_to_do()
    {
        var (gate, time) = (new Held.Gate(new()), new LeapingTime());
        await using var bridge = await StartAsync(gate, time, "0");
        var tasks = await RequestAsync(bridge);
        await UntilOpenAsync(bridge, tasks);

        time.Leap(2 * Life);
        gate.Open.SetResult();
        var why = new List<string>();
        foreach (var task in tasks) why.Add(await bridge.FailAsync(task));
        const string Words = "^The slide's presigned URLs expired at .* UTC, {0}. Request the analysis on the platform again: the new webhook brings fresh URLs.$";
        Assert.Equal(InHand, why.Count(w => System.Text.RegularExpressions.Regex.IsMatch(w, string.Format(null, Words, "before the slides were read completely"))));
        Assert.Equal(Waiting, why.Count(w => System.Text.RegularExpressions.Regex.IsMatch(w, string.Format(null, Words, "before the task ran"))));
    }

    /// <summary>The bridge and the platform have one clock, so that no URL's life is waited for.</summary>
    static Task<TestBridge> StartAsync(Held.Gate gate, LeapingTime time, string budget) => TestBridge.StartAsync(
        [(ServeSettings.Concurrency, "1"), (ServeSettings.StagingSize, budget), (ServeSettings.MinFree, "0")],
        platform => platform with { Time = time },
        bridge =>
        {
            bridge.Services.AddSingleton(gate).AddSingleton<TimeProvider>(time);
            bridge.AddClassifier<Held>("held");
        });

    static Task<IReadOnlyList<SimulatedTask>> RequestAsync(TestBridge bridge) => bridge.RequestAsync(new AiRequest
    {
        Slides = [TestBridge.RealSlide],
        Webhook = new Uri(bridge.Address, "/webhook").ToString(),
        Count = InHand + Waiting,
        ExpiresIn = Life.TotalSeconds,
    });

    /// <summary>Waits until the slides of all that are in hand are open: then the bridge has taken its pictures of them.</summary>
    static Task UntilOpenAsync(TestBridge bridge, IReadOnlyList<SimulatedTask> tasks)
    {
        var store = bridge.Services.GetRequiredService<TaskStore>();
        return UntilAsync(async () => (await Task.WhenAll(tasks.Select(t => store.FindPictureAsync(t.TaskNumber, t.Scans[0].Id, Token)))).OfType<ScanPicture>().Count() >= InHand, "the slides are open");
    }

    static async Task<int> CountAsync(TestBridge bridge, IReadOnlyList<SimulatedTask> tasks, string withEvent)
    {
        var all = await Task.WhenAll(tasks.Select(task => bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")));
        return all.Count(task => task.ToString().Contains(withEvent, StringComparison.Ordinal));
    }

    static async Task UntilAsync(Func<Task<bool>> holds, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            Assert.False(patience.IsCancellationRequested, $"Not within {Patience}: {what}.");
            await Task.Delay(50, Token);
        }
    }
}
