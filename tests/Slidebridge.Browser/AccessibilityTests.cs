using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>Every page by axe-core, in both colour schemes, and at the width of a small telephone.</summary>
public sealed class AccessibilityTests
{
    [Theory]
    [InlineData("/", ColorScheme.Light)]
    [InlineData("/", ColorScheme.Dark)]
    [InlineData("/tasks", ColorScheme.Light)]
    [InlineData("/tasks", ColorScheme.Dark)]
    [InlineData("/usage", ColorScheme.Light)]
    [InlineData("/usage", ColorScheme.Dark)]
    [InlineData("/tasks/{task}", ColorScheme.Light)]
    [InlineData("/tasks/{task}", ColorScheme.Dark)]
    [InlineData("/tasks/{task}/scans/{scan}", ColorScheme.Light)]
    [InlineData("/tasks/{task}/scans/{scan}", ColorScheme.Dark)]
    public async Task A_page_keeps_nobody_out_and_fits_a_narrow_screen(string path, ColorScheme scheme)
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address, scheme: scheme);
        var page = await visit.OpenAsync(path.Replace("{task}", $"{task}", StringComparison.Ordinal).Replace("{scan}", scan, StringComparison.Ordinal));
        if (path.EndsWith("{scan}", StringComparison.Ordinal)) await visit.SettleAsync();

        Assert.Equal("", await visit.ViolationsAsync());
        await page.SetViewportSizeAsync(360, 740);
        Assert.Equal(360, await page.EvaluateAsync<int>("() => document.documentElement.scrollWidth"));
        Assert.Equal("", await visit.ViolationsAsync());
    }
}
