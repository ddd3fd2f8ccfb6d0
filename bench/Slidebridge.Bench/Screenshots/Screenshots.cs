using System.Globalization;
using ImageMagick;
using Microsoft.Playwright;
using Slidebridge.Browser;

namespace Slidebridge.Bench.Screenshots;

/// <summary>Makes the pictures of the pages.</summary>
static class Screenshots
{
    const int Width = 1280, Height = 800;

    const long MostBytes = 250_000;

    /// <summary>A picture does not show this machine's name and folders.</summary>
    const string Anonymous = """
        ([machine, folder]) => {
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let node; (node = walker.nextNode());) node.data = node.data.replaceAll(folder, "/srv/slidebridge").replaceAll(machine, "node");
        }
        """;

    public static async Task<int> RunAsync(FileInfo slide, string folder, CancellationToken cancellationToken)
    {
        if (HeadlessChromium.Find() is not { } program) throw new InvalidOperationException(HeadlessChromium.Missing);
        Directory.CreateDirectory(folder);
        await Console.Error.WriteLineAsync("Tasks run. This takes a minute.");
        await using var site = await ShownSite.StartAsync(slide, cancellationToken);
        var task = await site.FillAsync(slide.Name, cancellationToken);
        var (driver, browser) = await HeadlessChromium.StartAsync(program);
        using (driver)
        await using (browser)
        {
            var viewer = string.Create(CultureInfo.InvariantCulture, $"/tasks/{task.TaskNumber}/scans/{task.Scans[0].Id}");
            (string Name, string Path, ColorScheme Scheme)[] pages =
            [
                ("overview", "/", ColorScheme.Light), ("tasks", "/tasks", ColorScheme.Light), ("task", string.Create(CultureInfo.InvariantCulture, $"/tasks/{task.TaskNumber}"), ColorScheme.Light),
                ("viewer", viewer + "#x=900&y=1500&scale=2", ColorScheme.Light), ("viewer-dark", viewer, ColorScheme.Dark), ("setup", "/setup", ColorScheme.Light),
            ];
            foreach (var (name, path, scheme) in pages)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var file = Path.Combine(folder, name + ".png");
                Save(await TakeAsync(browser, site, path, scheme), file);
                await Console.Error.WriteLineAsync($"{file}: {new FileInfo(file).Length / 1000} KB");
            }
        }
        return 0;
    }

    static async Task<byte[]> TakeAsync(IBrowser browser, ShownSite site, string path, ColorScheme scheme)
    {
        await using var context = await browser.NewContextAsync(new()
        {
            BaseURL = site.Address.ToString(),
            ViewportSize = new() { Width = Width, Height = Height },
            ColorScheme = scheme,
            Locale = "en-GB",
            ExtraHTTPHeaders = new Dictionary<string, string> { ["Authorization"] = site.Authorization.ToString() },
        });
        var page = await context.NewPageAsync();
        await page.GotoAsync(path);
        if (await page.Locator("#viewer").CountAsync() > 0)
        {
            await page.WaitForFunctionAsync("() => window.slidebridge?.objects && window.slidebridge.viewer.world.getItemAt(0).getFullyLoaded()");
            await page.EvaluateAsync("() => window.slidebridge.objects.whenIdle()");
        }
        // Pictures of scans, and the frame that shows what was drawn.
        await page.EvaluateAsync("async () => { await Promise.all([...document.images].map(image => image.decode().catch(() => null))); await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))); }");
        await page.EvaluateAsync(Anonymous, new[] { Environment.MachineName, site.Folder });
        return await page.ScreenshotAsync();
    }

    /// <summary>Writes a PNG with a palette, of as many colours as the bytes allow.</summary>
    static void Save(byte[] png, string path)
    {
        for (var colors = 224u; ; colors /= 2)
        {
            using var picture = new MagickImage(png);
            picture.Strip();
            picture.Quantize(new QuantizeSettings { Colors = colors, DitherMethod = DitherMethod.No });
            picture.Settings.SetDefine(MagickFormat.Png, "compression-level", "9");
            picture.Write(path, MagickFormat.Png8);
            if (new FileInfo(path).Length <= MostBytes || colors < 16) return;
        }
    }
}
