using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Slidebridge.Bench.Viewer;

/// <param name="Megabytes">The slides' sizes.</param>
/// <param name="Polygons">Polygons of the results; 0: the slides alone.</param>
/// <param name="Repeat">How often each step is measured.</param>
/// <param name="Latency">Milliseconds before each answer of the slides' server.</param>
/// <param name="PanSeconds">How long the view moves at each scale.</param>
/// <param name="Json">The results are written as JSON.</param>
sealed record ViewerBenchOptions(int[] Megabytes, int[] Polygons, int Repeat, int Latency, int PanSeconds, bool Json);

/// <summary>Does what a person does in the viewer, again and again, each time with tiles that are new to the bridge and to the browser.</summary>
static class ViewerBench
{
    /// <summary>Rounds that do not count: the bridge compiles what it has not run yet.</summary>
    const int WarmUp = 2;

    const int Vertices = 24;

    static readonly (string Name, double Scale)[] Scales = [("1", 1), ("1/4", 0.25), ("1/8", 0.125), ("1/16", 0.0625)];

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static async Task<int> RunAsync(ViewerBenchOptions options, CancellationToken cancellationToken)
    {
        Say("The slides are prepared.");
        var tiles = new VirtualTiles();
        var slides = options.Megabytes.Distinct().ToDictionary(size => size, size => new VirtualSlide(tiles, size));
        await using var site = await ViewerSite.StartAsync(slides, options.Latency, cancellationToken);
        await using var browser = await ViewerBrowser.StartAsync(site);
        List<StepTimes> steps = [];
        List<ObjectFigures> objects = [];
        if (options.Polygons.Contains(0))
            foreach (var (size, slide) in slides) steps.AddRange(await SlideStepsAsync(site, browser, size, slide, options.Repeat, cancellationToken));
        foreach (var polygons in options.Polygons.Where(count => count > 0))
        {
            var size = options.Megabytes[0];
            var (found, figures) = await ObjectStepsAsync(site, browser, size, slides[size], polygons, options, cancellationToken);
            steps.AddRange(found);
            objects.Add(figures);
        }
        if (options.Json) await Console.Out.WriteLineAsync(JsonSerializer.Serialize(new { options.Latency, options.Repeat, Steps = steps, Objects = objects }, Json));
        else ViewerTables.Write(steps, objects, tiles, Scales);
        return 0;
    }

    static async Task<IEnumerable<StepTimes>> SlideStepsAsync(ViewerSite site, ViewerBrowser browser, int size, VirtualSlide slide, int repeat, CancellationToken cancellationToken)
    {
        var (places, watch) = (new NewPlaces(slide), new StepWatch(site));
        var tasks = await site.MakeTasksAsync(size, repeat + WarmUp, cancellationToken);
        foreach (var (task, i) in tasks.Select((task, i) => (task, i)))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (i == WarmUp) watch.Forget();
            if (i % 10 == 0) Say($"Slide of {size} MB, round {i + 1} of {tasks.Count}.");
            await using var page = await browser.NewPageAsync();
            await watch.RunAsync("open", () => page.OpenAsync(task.PathOf(task.First)));
            await MoveAsync(page, places, watch);
            await watch.RunAsync("other slide", page.ChooseOtherScanAsync);
        }
        return watch.Of(size, 0);
    }

    static async Task MoveAsync(ViewerPage page, NewPlaces places, StepWatch watch)
    {
        await GoAsync(page, places.Next(), 1);
        await watch.RunAsync("next field", () => GoAsync(page, places.Next(), 1));
        var place = places.Next();
        await GoAsync(page, place, 0.25);
        await watch.RunAsync("zoom by 4", () => GoAsync(page, place, 1));
    }

    static Task<FieldTimes> GoAsync(ViewerPage page, (double X, double Y) place, double scale) => page.GoAsync(place.X, place.Y, scale);

    static async Task<(IEnumerable<StepTimes> Steps, ObjectFigures Figures)> ObjectStepsAsync(
        ViewerSite site, ViewerBrowser browser, int size, VirtualSlide slide, int polygons, ViewerBenchOptions options, CancellationToken cancellationToken)
    {
        Say($"A result of {polygons.ToString("N0", CultureInfo.InvariantCulture)} polygons is made, and its index.");
        var task = (await site.MakeTasksAsync(size, 1, cancellationToken))[0];
        var json = ObjectsBench.MakeResult(polygons, Vertices, slide.Edge, task.First);
        await site.ReplaceResultAsync(task, json, cancellationToken);
        var (resultMegabytes, watch, processor) = (json.Length / 1e6, Stopwatch.StartNew(), site.Bridge.ProcessorTime);
        json = null;
        await site.Http.GetByteArrayAsync(new Uri($"/api{task.PathOf(task.First)}/objects", UriKind.Relative), cancellationToken);
        var (seconds, processorSeconds) = (watch.Elapsed.TotalSeconds, (site.Bridge.ProcessorTime - processor).TotalSeconds);

        var (places, steps, largest) = (new NewPlaces(slide), new StepWatch(site), 0L);
        for (var round = 0; round < options.Repeat + WarmUp; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (round == WarmUp) steps.Forget();
            if (round % 10 == 0) Say($"{polygons.ToString("N0", CultureInfo.InvariantCulture)} polygons, round {round + 1} of {options.Repeat + WarmUp}.");
            await using var page = await browser.NewPageAsync();
            await steps.RunAsync("open", () => page.OpenAsync(task.PathOf(task.First)));
            await MoveAsync(page, places, steps);
            largest = Math.Max(largest, page.LargestTile);
        }

        Say("The view moves.");
        await using var moving = await browser.NewPageAsync();
        await moving.OpenAsync(task.PathOf(task.First));
        var frames = new Dictionary<string, double>();
        foreach (var (name, scale) in Scales)
        {
            var (x, y) = places.Next();
            frames[name] = await moving.PanAsync(Math.Min(x, slide.Edge / 2.0), y, scale, options.PanSeconds);
        }
        return (steps.Of(size, polygons), new ObjectFigures(
            polygons, resultMegabytes, seconds, processorSeconds, site.IndexBytes / 1e6, frames,
            await browser.MegabytesAsync("renderer"), await browser.MegabytesAsync("GPU"), site.Bridge.PeakMemory / 1e6, Math.Max(largest, moving.LargestTile)));
    }

    /// <summary>Progress, beside the results.</summary>
    static void Say(string text) => Console.Error.WriteLine(text);

    /// <summary>Places on a slide that are far from its edges; hardly two of them are near each other.</summary>
    sealed class NewPlaces(VirtualSlide slide)
    {
        readonly Random random = new(slide.Edge);

        public (double X, double Y) Next() => ((0.1 + 0.8 * random.NextDouble()) * slide.Edge, (0.1 + 0.8 * random.NextDouble()) * slide.Edge);
    }
}
