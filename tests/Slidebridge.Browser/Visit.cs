using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Slidebridge.Browser;

/// <summary>One person's browser window. When it is disposed, nothing may stand in its console.</summary>
sealed class Visit : IAsyncDisposable
{
    readonly IBrowserContext context;
    readonly List<string> console = [];

    Visit(IBrowserContext context, IPage page) => (this.context, Page) = (context, page);

    public IPage Page { get; }

    /// <summary>What the console may say: an answer of the bridge that the test provokes.</summary>
    public Func<string, bool> Expects { get; set; } = _ => false;

    public static async Task<Visit> StartAsync(Uri address, int width = 1280, int height = 800, ColorScheme scheme = ColorScheme.Light)
    {
        var browser = await Chromium.BrowserAsync();
        var context = await browser.NewContextAsync(new() { BaseURL = address.ToString(), ViewportSize = new() { Width = width, Height = height }, ColorScheme = scheme, Locale = "en-GB", ExtraHTTPHeaders = new Dictionary<string, string> { ["Authorization"] = "Bearer " + SharedBridge.Token } });
        context.SetDefaultTimeout(30_000);
        var visit = new Visit(context, await context.NewPageAsync());
        // Chromium without a graphics card reads each WebGL picture back to show it, and complains of itself.
        visit.Page.Console += (_, message) => { if (!message.Text.Contains("GPU stall due to ReadPixels", StringComparison.Ordinal)) visit.console.Add($"{message.Type}: {message.Text} {message.Location}"); };
        visit.Page.PageError += (_, error) => visit.console.Add($"error: {error}");
        return visit;
    }

    public async Task<IPage> OpenAsync(string path)
    {
        await Page.GotoAsync(path);
        return Page;
    }

    /// <summary>Opens a scan in the viewer and waits until every tile of the view is there.</summary>
    public async Task<IPage> ViewAsync(long task, string scan, string place = "")
    {
        await Page.GotoAsync($"/tasks/{task}/scans/{scan}{place}");
        await Page.WaitForSelectorAsync("#viewer[data-state=open]");
        await SettleAsync();
        return Page;
    }

    /// <summary>Waits until the viewer has drawn every tile and object of what it shows.</summary>
    public async Task SettleAsync()
    {
        await Page.WaitForFunctionAsync("() => window.slidebridge?.panes.every(({ viewer }) => viewer.world.getItemCount() > 0 && viewer.world.getItemAt(0).getFullyLoaded() && !viewer.isAnimating?.())");
        await Page.EvaluateAsync("async () => { await Promise.all(window.slidebridge.panes.map(pane => pane.objects?.whenIdle())); await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); }");
    }

    /// <summary>The rules of axe-core that the page breaks, with the elements.</summary>
    public async Task<string> ViolationsAsync()
    {
        var found = await Page.RunAxe();
        return string.Join("\n", found.Violations.Select(rule => $"{rule.Id}: {rule.Help}: {string.Join("; ", rule.Nodes.Select(node => node.Html).Take(3))}"));
    }

    public async ValueTask DisposeAsync()
    {
        await context.DisposeAsync();
        if (console.Where(line => !Expects(line)).ToList() is { Count: > 0 } said) Assert.Fail($"The browser's console says: {string.Join("; ", said)}");
    }
}
