using System.Text.Json;
using Microsoft.Playwright;
using Slidebridge.Simulator.Faults;
using Slidebridge.Slides;
using Slidebridge.Tests.Support;

namespace Slidebridge.Browser;

/// <summary>The viewer of a scan.</summary>
public sealed class ViewerTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_slide_is_shown_with_its_own_pixels_at_one_to_one()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.ViewAsync(task, scan, "#x=1000&y=1200&scale=1");
        await page.EvaluateAsync("() => { window.slidebridge.objects?.setVisible?.(false); }");

        // Screen pixel (i, j) of a square around the middle is level-0 pixel (x, y) + (i, j).
        var seen = await page.EvaluateAsync<JsonElement>("""
            () => {
              const { viewer } = window.slidebridge;
              const at = viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(900, 1100));
              const pixels = viewer.drawer.canvas.getContext("2d").getImageData(Math.round(at.x), Math.round(at.y), 200, 200).data;
              return { x: at.x, y: at.y, pixels: Array.from(pixels).filter((_, i) => i % 4 !== 3) };
            }
            """);
        await using var slide = await Slide.OpenAsync(SharedFiles.CmuSmallRegion, cancellationToken: Token);
        var raster = await slide.ReadRegionAsync(new Region(0, 900, 1100, 200, 200), cancellationToken: Token);

        Assert.InRange(Math.Abs(seen.GetProperty("x").GetDouble() - Math.Round(seen.GetProperty("x").GetDouble())), 0, 0.01);
        var pixels = seen.GetProperty("pixels").EnumerateArray().Select(value => value.GetInt32()).ToArray();
        Assert.InRange(pixels.Zip(raster.Pixels, (a, b) => Math.Abs(a - b)).Average(), 0, 4);
    }

    [Fact]
    public async Task Scale_bar_magnification_position_and_link_say_where_the_viewer_looks()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.ViewAsync(task, scan, "#x=1000&y=1200&scale=0.5&rotation=90");

        Assert.Equal("10×", await page.Locator(".bottom > span").Nth(1).TextContentAsync());
        var bar = page.Locator(".scalebar");
        // The slide has 0.499 µm for each pixel; a screen pixel is two of them.
        Assert.Equal(double.Parse((await bar.GetAttributeAsync("data-length"))!) / 0.499 * 0.5, double.Parse((await bar.GetAttributeAsync("data-pixels"))!), 0.6);
        Assert.EndsWith("µm", await bar.Locator("xpath=./text()").CountAsync() == 0 ? await bar.TextContentAsync() : await bar.TextContentAsync(), StringComparison.Ordinal);
        await page.Mouse.MoveAsync(400, 400);
        Assert.Matches("^x [0-9,]+, y [0-9,]+ px$", await page.Locator(".bottom > span").Nth(2).TextContentAsync());
        Assert.Equal(90, await page.EvaluateAsync<double>("() => slidebridge.viewer.viewport.getRotation()"));

        await page.Keyboard.PressAsync("Tab");
        await page.EvaluateAsync("() => { slidebridge.viewer.viewport.panTo(slidebridge.viewer.viewport.imageToViewportCoordinates(500, 600)); }");
        await page.WaitForFunctionAsync("() => location.hash.includes('x=500&y=600')");
        Assert.Contains("rotation=90", page.Url, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_and_areas_are_measured_in_micrometres()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.ViewAsync(task, scan, "#x=1000&y=1200&scale=1");

        await page.GetByRole(AriaRole.Button, new() { Name = "Measure a length (r)" }).ClickAsync();
        await ClickAsync(page, 900, 1200);
        await ClickAsync(page, 1100, 1200);
        Assert.Equal("99.8 µm", await page.Locator(".measure text").TextContentAsync());

        await page.GetByRole(AriaRole.Button, new() { Name = "Measure an area" }).ClickAsync();
        foreach (var (x, y) in ((int, int)[])[(900, 1100), (1100, 1100), (1100, 1300), (900, 1300)]) await ClickAsync(page, x, y);
        Assert.Equal("9,960 µm²", await page.Locator(".measure text").TextContentAsync());
        await page.Keyboard.PressAsync("Escape");
        Assert.Equal(0, await page.Locator(".measure text").CountAsync());
    }

    [Fact]
    public async Task A_picture_of_what_is_seen_can_be_saved()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.ViewAsync(task, scan);

        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "PNG picture" }).ClickAsync());
        var bytes = await File.ReadAllBytesAsync(await download.PathAsync(), Token);
        Assert.Equal([0x89, (byte)'P', (byte)'N', (byte)'G'], bytes[..4]);
        Assert.True(bytes.Length > 100_000, $"The picture has only {bytes.Length} bytes.");
    }

    [Fact]
    public async Task A_slide_whose_URL_has_expired_is_shown_as_the_kept_picture_and_the_page_says_so()
    {
        await using var bridge = await SharedBridge.StartAsync();
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        bridge.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Status = 403, Times = null });
        await using var visit = await Visit.StartAsync(bridge.Address);
        visit.Expects = line => line.Contains("410", StringComparison.Ordinal);
        var page = await visit.ViewAsync(task.TaskNumber, task.Scans.Single().Id);

        var notes = await page.Locator("#viewer-notes").TextContentAsync();
        Assert.Contains("expired", notes, StringComparison.Ordinal);
        Assert.Contains("What you see is the small picture that the task keeps.", notes, StringComparison.Ordinal);
        Assert.Equal(2220, await page.EvaluateAsync<int>("() => slidebridge.viewer.world.getItemAt(0).getContentSize().x"));
    }

    /// <summary>Clicks a level-0 pixel.</summary>
    static async Task ClickAsync(IPage page, double x, double y)
    {
        var at = await page.EvaluateAsync<float[]>("([x, y]) => { const p = slidebridge.viewer.viewport.imageToWindowCoordinates(new OpenSeadragon.Point(x, y)); return [p.x, p.y]; }", new[] { x, y });
        await page.Mouse.ClickAsync(at[0], at[1]);
        // Two clicks in a short time at one place are a double click.
        await page.WaitForTimeoutAsync(350);
    }
}
