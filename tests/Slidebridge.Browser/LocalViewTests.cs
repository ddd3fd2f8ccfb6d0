using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Slidebridge.Tests.Programs;
using Slidebridge.Tests.Support;

namespace Slidebridge.Browser;

/// <summary>The page of <c>slidebridge view</c>.</summary>
public sealed class LocalViewTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A classifier with so many objects, in two classes.</summary>
    static string Script(int count) => $$$$"""
        import slidebridge

        @slidebridge.classifier
        def classify(task):
            return {"scanResults": [{"scanId": "1", "geojson": {"type": "FeatureCollection", "features": [
                {"type": "Feature", "properties": {"annotation_type": "cell" if i % 2 else "seed"}, "geometry": {"type": "Point", "coordinates": [1000 + i, 1200]}, "bbox": [1000 + i, 1200, 1000 + i, 1200]} for i in range({{{{count}}}})]}}]}
        """;

    [Fact]
    public async Task A_classifier_that_is_saved_again_shows_its_new_result_at_the_same_place_with_the_same_look()
    {
        using var folder = new TemporaryFolder();
        var script = folder.File("mine.py");
        await File.WriteAllTextAsync(script, Script(4), Token);
        // In a process of its own: the browser is a child of this one, and 'view' serves no child of its own process.
        var program = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "Slidebridge.HeldBridge.exe" : "Slidebridge.HeldBridge");
        using var serving = Process.Start(new ProcessStartInfo(program, ["view", SharedFiles.CmuSmallRegion, "--classifier", $"python:{script}", "--watch", "--python", Python.Interpreter]) { RedirectStandardOutput = true })!;
        try
        {
            var address = await serving.StandardOutput.ReadLineAsync(Token) ?? "";
            await ShowAsync(new Uri(address), script);
        }
        finally
        {
            serving.Kill(entireProcessTree: true);
            await serving.WaitForExitAsync(CancellationToken.None);
        }
    }

    static async Task ShowAsync(Uri address, string script)
    {
        await using var visit = await Visit.StartAsync(address);
        var page = await visit.OpenAsync($"{address}#x=1000&y=1200&scale=1&rotation=90");
        // The slide is there before the first result, and stays.
        await page.WaitForFunctionAsync("() => window.slidebridge?.viewer.world.getItemCount() === 1");
        var (objects, run) = (page.Locator("#objects legend"), page.Locator("#run"));
        await Assertions.Expect(objects).ToHaveTextAsync("4 objects", new() { Timeout = 20_000 });
        await page.GetByLabel("seed", new() { Exact = true }).UncheckAsync();

        await File.WriteAllTextAsync(script, "import slidebridge\n\n@slidebridge.classifier\ndef classify(task):\n    raise ValueError('no <b>nuclei</b>')\n", Token);
        await Assertions.Expect(run).ToContainTextAsync("no <b>nuclei</b>", new() { Timeout = 20_000 });
        await Assertions.Expect(run).ToHaveClassAsync(new Regex("bad"));
        await Assertions.Expect(objects).ToHaveTextAsync("4 objects");

        await File.WriteAllTextAsync(script, Script(6), Token);
        await Assertions.Expect(objects).ToHaveTextAsync("6 objects", new() { Timeout = 20_000 });
        await Assertions.Expect(page.GetByLabel("seed", new() { Exact = true })).Not.ToBeCheckedAsync();
        Assert.Equal("90 1000,1200 1", await page.EvaluateAsync<string>("() => { const view = slidebridge.viewer.viewport, at = view.viewportToImageCoordinates(view.getCenter()); return `${view.getRotation()} ${Math.round(at.x)},${Math.round(at.y)} ${view.viewportToImageZoom(view.getZoom()).toFixed(0)}`; }"));
        foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
        {
            await page.EmulateMediaAsync(new() { ColorScheme = scheme });
            Assert.Equal("", await visit.ViolationsAsync());
        }
    }
}
