using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>Every page by axe-core, in both colour schemes, and at the width of a small telephone.</summary>
public sealed class AccessibilityTests
{
    [Theory]
    [InlineData("/")]
    [InlineData("/tasks")]
    [InlineData("/usage")]
    [InlineData("/setup")]
    [InlineData("/tasks/{task}")]
    [InlineData("/tasks/{task}/scans/{scan}")]
    public async Task A_page_keeps_nobody_out_and_fits_a_narrow_screen(string path)
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.OpenAsync(path.Replace("{task}", $"{task}", StringComparison.Ordinal).Replace("{scan}", scan, StringComparison.Ordinal));
        if (path == "/setup") await Assertions.Expect(page.Locator("#checks")).ToContainTextAsync("127.0.0.1 answers");
        if (path.EndsWith("{scan}", StringComparison.Ordinal)) await visit.SettleAsync();

        await AssertOpenToAllAsync(visit, path);
    }

    /// <summary>The page that is open breaks no rule of axe-core, in both colour schemes, wide and narrow, and is not wider than a narrow screen.</summary>
    internal static async Task AssertOpenToAllAsync(Visit visit, string path)
    {
        foreach (var width in (int[])[1280, 360])
        {
            await visit.Page.SetViewportSizeAsync(width, 740);
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await visit.Page.EmulateMediaAsync(new() { ColorScheme = scheme });
                if (await visit.ViolationsAsync() is { Length: > 0 } found) Assert.Fail($"{path}, {width} pixels, {scheme}: {found}");
            }
            var needed = await visit.Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth");
            Assert.True(needed == width, $"{path} needs {needed} pixels and has {width}.");
        }
    }
}
