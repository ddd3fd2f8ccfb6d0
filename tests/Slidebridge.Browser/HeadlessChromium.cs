using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>Starts this machine's Chromium; nothing is downloaded.</summary>
static class HeadlessChromium
{
    /// <summary>What to do if there is none.</summary>
    public const string Missing = "Chromium is not installed (apt-get install chromium).";

    static readonly string[] Places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

    /// <summary>The program, or null.</summary>
    public static string? Find() => Array.Find(Places, File.Exists);

    /// <summary>Starts it without a window.</summary>
    /// <param name="program">The program.</param>
    public static async Task<(IPlaywright Driver, IBrowser Browser)> StartAsync(string program)
    {
        var driver = await Playwright.CreateAsync();
        // In a container, and as root, its own sandbox cannot work; it sees this machine's pages alone.
        return (driver, await driver.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-dev-shm-usage"] }));
    }
}
