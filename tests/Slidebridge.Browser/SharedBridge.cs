using Slidebridge.Hosting;
using Slidebridge.Settings;
using Slidebridge.SimulatorPages;
using Slidebridge.Tests.MainJob;

[assembly: AssemblyFixture(typeof(Slidebridge.Browser.SharedBridge))]

namespace Slidebridge.Browser;

/// <summary>The bridge of the tests that need nothing special: each looks at its own tasks.</summary>
public sealed class SharedBridge : IAsyncDisposable
{
    /// <summary>The browser is a child of the bridge's process, like a classifier's program, so the bridge does not take it for somebody on this machine.</summary>
    internal static readonly string Token = Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(24));

    static Lazy<Task<TestBridge>> started = new(() => StartAsync());

    /// <summary>A bridge that the browser may use.</summary>
    internal static async Task<TestBridge> StartAsync(Action<BridgeBuilder>? classifiers = null, string? json = null, params (Setting Setting, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("slidebridge-browser-");
        var bridge = await TestBridge.StartAsync([(ServeSettings.ApiToken, Token), .. settings], options => SimulatorPages.SimulatorPages.With(options, new SimulatorPageOptions(new Uri("http://127.0.0.1:9/webhook")), folder.FullName), classifiers, json);
        bridge.Http.DefaultRequestHeaders.Authorization = new("Bearer", Token);
        return bridge;
    }

    internal static Task<TestBridge> BridgeAsync() => started.Value;

    /// <summary>A completed task with four boxes on a real slide.</summary>
    internal static async Task<(TestBridge Bridge, long Task, string Scan)> CompletedAsync()
    {
        var bridge = await BridgeAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        return (bridge, task.TaskNumber, task.Scans.Single().Id);
    }

    public async ValueTask DisposeAsync()
    {
        var last = started;
        started = new(() => StartAsync());
        if (last.IsValueCreated && last.Value.IsCompletedSuccessfully) await (await last.Value).DisposeAsync();
    }
}
