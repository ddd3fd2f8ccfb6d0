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

        foreach (var width in (int[])[1280, 360])
        {
            await page.SetViewportSizeAsync(width, 740);
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                if (await visit.ViolationsAsync() is { Length: > 0 } found) Assert.Fail($"{width} pixels, {scheme}: {found}");
            }
            Assert.Equal(width, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        }
    }
}
