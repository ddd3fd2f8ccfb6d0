using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Hosting;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Telemetry;
using Slidebridge.Tests.MainJob;
using Slidebridge.Tests.Support;
using Slidebridge.Workers;
using Slidebridge.Workers.Remote;

namespace Slidebridge.Tests.Workers;

/// <summary>A worker of a <see cref="TestBridge"/>, over real HTTP, with its own files.</summary>
sealed class TestWorker : IAsyncDisposable
{
    /// <summary>A bridge whose only classifier runs on workers of the group <c>gpu</c>.</summary>
    public const string Bridge = """{ "classifiers": { "boxes": { "kind": "worker", "group": "gpu" } }, "routes": [{ "classifier": "boxes" }] }""";

    /// <summary>The same; the workers read slides through the bridge.</summary>
    public const string RelayingBridge = """{ "classifiers": { "boxes": { "kind": "worker", "group": "gpu", "relaySlides": "always", "settings": { "shade": 3 } } }, "routes": [{ "classifier": "boxes" }] }""";

    readonly TemporaryFolder folder = new();
    readonly HttpClient http;

    TestWorker(IHost host, HttpClient http) => (Host, this.http) = (host, http);

    public IHost Host { get; }

    public WorkLoop Loop => Host.Services.GetRequiredService<WorkLoop>();

    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A worker's token of a bridge.</summary>
    public static async Task<string> TokenAsync(TestBridge bridge, string name, params string[] groups)
    {
        var (_, text, refused) = await bridge.Services.GetRequiredService<AccessTokens>().AddAsync(name, Role.Worker, [], null, new Caller("test", Role.Admin, [], null), groups);
        Assert.Null(refused);
        return text;
    }

    /// <param name="bridge">The bridge.</param>
    /// <param name="token">Its token; null: the bridge trusts this machine.</param>
    /// <param name="change">Changes the options.</param>
    /// <param name="classifiers">Adds classifiers.</param>
    /// <param name="reachesStore">The worker may read slides from the store.</param>
    public static async Task<TestWorker> StartAsync(TestBridge bridge, string? token = null, Func<WorkerOptions, WorkerOptions>? change = null, Action<BridgeBuilder>? classifiers = null, bool reachesStore = true)
    {
        var http = new HttpClient { BaseAddress = bridge.Address, Timeout = Timeout.InfiniteTimeSpan };
        if (token is not null) http.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var folder = new TemporaryFolder();
        string[] hosts = reachesStore ? [bridge.Address.Authority, bridge.Platform.Address.Authority] : [bridge.Address.Authority];
        var options = new WorkerOptions(
            $"test-{Guid.NewGuid().ToString("N")[..6]}", [], new ClassifierOptions("boxes", 2), folder.File("work"), 1, null, null, TimeSpan.FromSeconds(20), TimeSpan.Zero, OutboundOptions.Of(hosts), new OpeningOptions(), null);
        options = change?.Invoke(options) ?? options;
        var builder = global::Slidebridge.Bridge.CreateBuilder([]);
        classifiers?.Invoke(builder);
        var relay = new SlideRelay(bridge.Address, token, new Dictionary<string, string> { [WorkerNames.Header] = options.Name });
        var host = WorkerHost.Create(options, http, relay, new LogOptions(LogLevel.Error, false), builder.AddTo);
        await host.StartAsync(Token);
        return new TestWorker(host, http);
    }

    /// <summary>Waits until the worker has ended by itself.</summary>
    public Task EndAsync() => Host.WaitForShutdownAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync(CancellationToken.None);
        if (Host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        http.Dispose();
        folder.Dispose();
    }
}
