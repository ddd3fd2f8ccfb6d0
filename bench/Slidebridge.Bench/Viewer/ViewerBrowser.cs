using System.Globalization;
using Microsoft.Playwright;
using Slidebridge.Browser;

namespace Slidebridge.Bench.Viewer;

/// <summary>Chromium without a window or a graphics card, and what its processes hold.</summary>
sealed class ViewerBrowser : IAsyncDisposable
{
    /// <summary>Pixels of the page.</summary>
    public const int Width = 1600, Height = 1000;

    readonly IPlaywright driver;
    readonly IBrowser browser;
    readonly ViewerSite site;

    ViewerBrowser(IPlaywright driver, IBrowser browser, ViewerSite site) => (this.driver, this.browser, this.site) = (driver, browser, site);

    public static async Task<ViewerBrowser> StartAsync(ViewerSite site)
    {
        if (HeadlessChromium.Find() is not { } program) throw new InvalidOperationException(HeadlessChromium.Missing);
        var (driver, browser) = await HeadlessChromium.StartAsync(program);
        return new ViewerBrowser(driver, browser, site);
    }

    /// <summary>A page whose browser has cached nothing.</summary>
    public async Task<ViewerPage> NewPageAsync()
    {
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = site.Address.ToString(),
            ViewportSize = new() { Width = Width, Height = Height },
            ExtraHTTPHeaders = new Dictionary<string, string> { ["Authorization"] = site.Authorization.ToString() },
        });
        context.SetDefaultTimeout(60_000);
        await context.AddInitScriptAsync(ViewerPage.Script);
        return new ViewerPage(context, await context.NewPageAsync());
    }

    /// <summary>Megabytes of memory of the largest process of a kind: <c>renderer</c> (a page) or <c>GPU</c> (the software renderer).</summary>
    public async Task<double> MegabytesAsync(string kind)
    {
        var session = await browser.NewBrowserCDPSessionAsync();
        var answer = await session.SendAsync("SystemInfo.getProcessInfo");
        await session.DetachAsync();
        var ids = answer!.Value.GetProperty("processInfo").EnumerateArray().Where(each => each.GetProperty("type").GetString() == kind).Select(each => each.GetProperty("id").GetInt32());
        return ids.Select(ResidentMegabytes).DefaultIfEmpty().Max();
    }

    static double ResidentMegabytes(int id) => File.ReadLines($"/proc/{id}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line["VmRSS:".Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture) / 1e3).FirstOrDefault();

    public async ValueTask DisposeAsync()
    {
        await browser.DisposeAsync();
        driver.Dispose();
    }
}
