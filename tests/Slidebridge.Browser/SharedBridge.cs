using Slidebridge.Tests.MainJob;

[assembly: AssemblyFixture(typeof(Slidebridge.Browser.SharedBridge))]

namespace Slidebridge.Browser;

/// <summary>The bridge of the tests that need nothing special: each looks at its own tasks.</summary>
public sealed class SharedBridge : IAsyncDisposable
{
    static Lazy<Task<TestBridge>> started = new(() => TestBridge.StartAsync());

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
        started = new(() => TestBridge.StartAsync());
        if (last.IsValueCreated && last.Value.IsCompletedSuccessfully) await (await last.Value).DisposeAsync();
    }
}
