using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Slidebridge.Browser.Chromium))]

namespace Slidebridge.Browser;

/// <summary>The one browser of the assembly, started by the first test that needs it. Where there is none, the tests are skipped by name.</summary>
public sealed class Chromium : IAsyncDisposable
{
    static Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> started = new(StartAsync);

    internal static async Task<IBrowser> BrowserAsync() => (await started.Value).Browser;

    static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        if (HeadlessChromium.Find() is { } program) return await HeadlessChromium.StartAsync(program);
        Assert.Skip(HeadlessChromium.Missing);
        throw new InvalidOperationException();
    }

    public async ValueTask DisposeAsync()
    {
        var last = started;
        started = new(StartAsync);
        if (!last.IsValueCreated || !last.Value.IsCompletedSuccessfully) return;
        await (await last.Value).Browser.DisposeAsync();
        (await last.Value).Driver.Dispose();
    }
}
