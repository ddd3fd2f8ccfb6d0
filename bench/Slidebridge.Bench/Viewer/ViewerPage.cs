using System.Globalization;
using System.Text.Json;
using Microsoft.Playwright;

namespace Slidebridge.Bench.Viewer;

/// <summary>Milliseconds until the slide's field, and until the field with its objects, were drawn.</summary>
sealed record FieldTimes(double Slide, double Objects);

/// <summary>A page with the viewer, which measures itself: the browser's driver would add milliseconds.</summary>
sealed class ViewerPage : IAsyncDisposable
{
    /// <summary>
    /// Runs in each document. A field is complete when OpenSeadragon has drawn all of its tiles, the objects' layer has drawn all of its tiles, and the browser has then made a frame.
    /// </summary>
    public const string Script = """
        (() => {
          const frame = () => new Promise(done => requestAnimationFrame(() => setTimeout(() => done(performance.now()))));
          const until = async ready => { while (!ready()) await new Promise(requestAnimationFrame); };
          const field = async () => {
            await until(() => document.getElementById("viewer")?.dataset.state === "open" && window.slidebridge.viewer.world.getItemAt(0).getFullyLoaded());
            const slide = await frame();
            await until(() => window.slidebridge.objects);
            await window.slidebridge.objects.whenIdle();
            return { slide, objects: await frame() };
          };
          const go = (x, y, scale) => {
            const { viewer } = window.slidebridge, view = viewer.viewport;
            view.zoomTo(view.imageToViewportZoom(scale), null, true);
            view.panTo(view.imageToViewportCoordinates(x, y), true);
          };
          window.bench = {
            opened: field(),
            async go(x, y, scale) {
              const start = performance.now();
              go(x, y, scale);
              // OpenSeadragon asks for the tiles of the new place in its next frame.
              await frame();
              const { slide, objects } = await field();
              return { slide: slide - start, objects: objects - start };
            },
            async pan(x, y, scale, seconds) {
              await window.bench.go(x, y, scale);
              const { viewport } = window.slidebridge.viewer, start = performance.now();
              let frames = 0;
              for (let last = start, now = start; now - start < 1000 * seconds; frames++) {
                now = await new Promise(requestAnimationFrame);
                viewport.panBy(viewport.deltaPointsFromPixels(new window.OpenSeadragon.Point(0.4 * (now - last), 0)), true);
                last = now;
              }
              return frames / (performance.now() - start) * 1000;
            },
          };
        })();
        """;

    readonly IBrowserContext context;
    readonly IPage page;

    public ViewerPage(IBrowserContext context, IPage page)
    {
        (this.context, this.page) = (context, page);
        page.Response += (_, answer) =>
        {
            if (answer.Url.Contains("/objects/tiles/", StringComparison.Ordinal) && answer.Headers.TryGetValue("content-length", out var length)) LargestTile = Math.Max(LargestTile, long.Parse(length, CultureInfo.InvariantCulture));
        };
    }

    /// <summary>Bytes of the largest tile of objects.</summary>
    public long LargestTile { get; private set; }

    /// <summary>Opens an address; the times are from the start of the navigation.</summary>
    public async Task<FieldTimes> OpenAsync(string path)
    {
        await page.GotoAsync(path, new() { WaitUntil = WaitUntilState.Commit });
        return await OpenedAsync();
    }

    /// <summary>Chooses the other scan of the task, as a person does.</summary>
    public async Task<FieldTimes> ChooseOtherScanAsync()
    {
        await page.EvaluateAsync("() => { window.bench.isOld = true; }");
        await page.Locator("nav.scans a:not([aria-current=page])").ClickAsync();
        await page.WaitForFunctionAsync("() => window.bench && !window.bench.isOld");
        return await OpenedAsync();
    }

    async Task<FieldTimes> OpenedAsync() => Read(await page.EvaluateAsync("() => window.bench.opened"));

    /// <summary>Jumps to a place.</summary>
    /// <param name="x">Level-0 pixels.</param>
    /// <param name="y">Level-0 pixels.</param>
    /// <param name="scale">Screen pixels for each level-0 pixel.</param>
    public async Task<FieldTimes> GoAsync(double x, double y, double scale) => Read(await page.EvaluateAsync("([x, y, scale]) => window.bench.go(x, y, scale)", new[] { x, y, scale }));

    /// <summary>Frames a second while the view moves by 400 pixels a second.</summary>
    public Task<double> PanAsync(double x, double y, double scale, double seconds) => page.EvaluateAsync<double>("([x, y, scale, seconds]) => window.bench.pan(x, y, scale, seconds)", new[] { x, y, scale, seconds });

    static FieldTimes Read(JsonElement? times) => new(times!.Value.GetProperty("slide").GetDouble(), times.Value.GetProperty("objects").GetDouble());

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
