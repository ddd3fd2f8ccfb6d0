using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Settings;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Tests.Staging;

/// <summary>Tasks that wait for longer than their URLs live, on a whole bridge with the platform's stand-in.</summary>
public sealed class EarlyStagingTests
{
    // One is classified, eight have their slides open; the others wait.
    const int InHand = 9, Waiting = 3;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Waits for the test; looks at no pixel, for the slides that were opened from URLs cannot be read once these have expired.</summary>
    sealed class Held(Held.Gate gate) : IClassifier
    {
        public sealed record Gate(TaskCompletionSource Open);

        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            await gate.Open.Task.WaitAsync(cancellationToken);
            var results = new ResultsBuilder();
            foreach (var scan in task.Scans) results.Scan(scan.Id).Summary("waited");
            return results.Build();
        }
    }

    [Fact]
    public async Task A_task_that_waits_for_longer_than_its_urls_live_runs_from_its_copy()
    {
        var gate = new Held.Gate(new());
        await using var bridge = await StartAsync(gate, "1GB");
        var tasks = await RequestAsync(bridge, expiresIn: 8);
        var waiting = await WaitingAsync(bridge, tasks, withEvent: "slides staged early");
        await ExpireAsync(bridge, tasks);
        gate.Open.SetResult();
        foreach (var task in tasks) await bridge.CompleteAsync(task);
        Assert.All(waiting, events => Assert.Contains("their URLs expire at", events, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_task_whose_urls_expired_before_its_turn_fails_at_once_and_says_what_to_do()
    {
        var gate = new Held.Gate(new());
        await using var bridge = await StartAsync(gate, "0");
        var tasks = await RequestAsync(bridge, expiresIn: 3);
        await ExpireAsync(bridge, tasks);
        gate.Open.SetResult();
        var ended = new List<JsonElement>();
        foreach (var task in tasks) ended.Add(await bridge.EndAsync(task));
        var failed = ended.Where(t => t.GetProperty("state").GetString() == "failed").ToArray();
        Assert.Equal(Waiting, failed.Length);
        Assert.All(failed, t => Assert.Matches("^Its presigned URLs expired at .* UTC, before its turn came; the same webhook, sent again, gives the task fresh ones.$", t.GetProperty("lastError").GetString()));
    }

    static Task<TestBridge> StartAsync(Held.Gate gate, string budget) => TestBridge.StartAsync(
        [(ServeSettings.Concurrency, "1"), (ServeSettings.CacheSize, budget), (ServeSettings.MinFree, "0")],
        classifiers: bridge =>
        {
            bridge.Services.AddSingleton(gate);
            bridge.AddClassifier<Held>("held");
        });

    static Task<IReadOnlyList<SimulatedTask>> RequestAsync(TestBridge bridge, double expiresIn) => bridge.RequestAsync(new AiRequest
    {
        Slides = [TestBridge.RealSlide],
        Webhook = new Uri(bridge.Address, "/webhook").ToString(),
        Count = InHand + Waiting,
        ExpiresIn = expiresIn,
    });

    static async Task<string[]> WaitingAsync(TestBridge bridge, IReadOnlyList<SimulatedTask> tasks, string withEvent)
    {
        while (true)
        {
            var all = await Task.WhenAll(tasks.Select(task => bridge.GetJsonAsync($"/api/tasks/{task.TaskNumber}")));
            var found = all.Select(t => t.ToString()).Where(t => t.Contains(withEvent, StringComparison.Ordinal)).ToArray();
            if (found.Length >= Waiting) return found;
            await Task.Delay(50, Token);
        }
    }

    /// <summary>Waits until the stand-in refuses the last of the URLs.</summary>
    static async Task ExpireAsync(TestBridge bridge, IReadOnlyList<SimulatedTask> tasks)
    {
        var url = JsonDocument.Parse(tasks[^1].Body).RootElement.GetProperty("scans").EnumerateObject().First().Value.GetString()!;
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.Range = new(0, 0);
            using var answer = await bridge.Http.SendAsync(request, Token);
            if (!answer.IsSuccessStatusCode) return;
            await Task.Delay(100, Token);
        }
    }
}
