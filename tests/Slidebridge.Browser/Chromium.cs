using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Slidebridge.Browser.Chromium))]

namespace Slidebridge.Browser;

/// <summary>The one browser of the assembly, started by the first test that needs it. Where there is none, the tests are skipped by name.</summary>
public sealed class Chromium : IAsyncDisposable
{
    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    static Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> started = new(StartAsync);

    internal static async Task<IBrowser> BrowserAsync() => (await started.Value).Browser;

    static async Task<(IPlaywright, IBrowser)> StartAsync()
    {
        if (Array.Find(Places, File.Exists) is not { } program)
        {
            Assert.Skip("Chromium is not installed (apt-get install chromium).");
            throw new InvalidOperationException();
        }
        var driver = await Playwright.CreateAsync();
        // In a container, and as root, its own sandbox cannot work; it sees this machine's pages alone.
        return (driver, await driver.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] }));
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
