using System.Text.Json;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd.Support;

/// <summary>One real bridge process on SQLite, whose classifier can be held, and the platform's stand-in.</summary>
sealed class LoneNode : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly string[] Quick = ["--retry-first", "50ms", "--retry-longest", "1s"];

    readonly TemporaryFolder folder = Support.Files.Temporary();
    readonly string[] settings;
    ServeProcess? serve;

    LoneNode(Platform platform, string[] settings) => (Platform, this.settings) = (platform, settings);

    public Platform Platform { get; }

    public ServeProcess Serve => serve ?? throw new InvalidOperationException("The node is down.");

    /// <summary>A folder of the test's own.</summary>
    public string Folder => folder.Path;

    public string Data { get; set; } = null!;

    /// <summary>The command that starts the process; null for the bridge whose classifier can be held.</summary>
    public string[]? Starter { get; set; }

    /// <summary>Further variables of the process's environment.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    public string Hold => Path.Combine(folder.Path, "hold");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="prepare">Before the process starts.</param>
    /// <param name="settings">Its settings, beside the test's own.</param>
    public static async Task<LoneNode> StartAsync(Action<LoneNode>? prepare, params string[] settings) => await StartAsync(Support.Files.SharedSlides, prepare, settings);

    public static async Task<LoneNode> StartAsync(string slides, Action<LoneNode>? prepare, params string[] settings)
    {
        var node = new LoneNode(await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = slides }, Token), settings);
        node.Data = Path.Combine(node.Folder, "data");
        try
        {
            prepare?.Invoke(node);
            await node.RestartAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    public void HoldClassifier() => File.WriteAllText(Hold, "");

    public void Free() => File.Delete(Hold);

    /// <summary>Kills the process, where it runs, and starts it again.</summary>
    public async Task RestartAsync()
    {
        if (serve is not null) await serve.DisposeAsync();
        serve = null;
        serve = await ServeProcess.StartAsync(Platform.Address, Data, Hold, [.. settings.Contains("--retry-first") ? [] : Quick, .. settings], environment: Environment, starter: Starter);
    }

    /// <summary>AI requests, as the platform makes them: the webhook is called for each.</summary>
    public async Task<IReadOnlyList<SimulatedTask>> RequestAsync(int count, string model = "model", TimeSpan? life = null, int connections = 32, params string[] slides) =>
        await Platform.RequestAsync(new AiRequest
        {
            Slides = slides.Length > 0 ? slides : [Support.Files.RealSlide],
            Webhook = new Uri(Serve.Address, "/webhook").ToString(),
            Model = model,
            Count = count,
            Connections = connections,
            ExpiresIn = life?.TotalSeconds,
        }, Token);

    /// <summary>Waits until this many tasks are in the state.</summary>
    public Task UntilAsync(string state, int count) =>
        UntilAsync(async () => await Serve.CountAsync(state) >= count, async () => $"{await Serve.CountAsync(state)} of {count} tasks are {state}: {await Serve.GetAsync("/api/tasks?limit=3")}");

    /// <summary>Waits until something holds; what is told when it does not in time.</summary>
    public async Task UntilAsync(Func<Task<bool>> holds, Func<Task<string>> told)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await holds())
        {
            if (patience.IsCancellationRequested) Assert.Fail($"{await told()}\n{Serve.Output}");
            await Task.Delay(50, Token);
        }
    }

    /// <summary>Waits until an event of a task says so.</summary>
    public Task UntilToldAsync(SimulatedTask task, string what) => UntilAsync(async () => (await EventsAsync(task)).Any(e => e.Contains(what, StringComparison.Ordinal)), async () => $"'{what}' is not in {await ShowAsync(task)}");

    public Task<JsonElement> ShowAsync(SimulatedTask task) => Serve.GetAsync($"/api/tasks/{task.TaskNumber}");

    public async Task<string[]> EventsAsync(SimulatedTask task) => [.. (await ShowAsync(task)).GetProperty("events").EnumerateArray().Select(e => e.GetProperty("what").GetString()!)];

    /// <summary>Every one of these tasks has exactly one evaluation a scan, and no other has.</summary>
    public void AssertOnce(IEnumerable<SimulatedTask> tasks)
    {
        Assert.Equal(tasks.Select(t => t.TaskNumber).Order(), Platform.State.Evaluations.Select(e => e.TaskNumber).Order());
        Assert.Equal(0, Platform.State.Duplicates);
    }

    public async ValueTask DisposeAsync()
    {
        Free();
        if (serve is not null) await serve.DisposeAsync();
        await Platform.DisposeAsync();
        folder.Dispose();
    }
}
