using System.Globalization;
using System.Text;
using Microsoft.Playwright;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Simulator.Platform;
using Slidebridge.Tests.MainJob;

namespace Slidebridge.Browser;

/// <summary>Two results of one scan, and the link that holds what is seen.</summary>
public sealed class CompareTests(CompareTests.TwoResults results) : IClassFixture<CompareTests.TwoResults>
{
    /// <summary>A bridge with one task, which two classifiers have classified: both have found one cell, and each one that the other lacks.</summary>
    public sealed class TwoResults : IAsyncLifetime
    {
        internal TestBridge Bridge { get; private set; } = null!;

        internal SimulatedTask Task { get; private set; } = null!;

        internal string Path => $"/tasks/{Task.TaskNumber}/scans/{Task.Scans.Single().Id}";

        public async ValueTask InitializeAsync()
        {
            Bridge = await SharedBridge.StartAsync(builder => builder.AddClassifier<After>("after").AddClassifier<Before>("before"), """{ "routes": [ { "classifier": "before", "shadow": ["after"] } ] }""");
            Task = await Bridge.RequestAsync();
            await Bridge.CompleteAsync(Task);
            while ((await Bridge.GetJsonAsync($"/api/tasks/{Task.TaskNumber}")).GetProperty("shadows")[0].GetProperty("state").GetString() != "done") await System.Threading.Tasks.Task.Delay(20, TestContext.Current.CancellationToken);
        }

        public async ValueTask DisposeAsync() => await Bridge.DisposeAsync();
    }

    class Before : IClassifier
    {
        protected virtual (double X, double Y, string Name, double Score)[] Found => [(400, 400, "cell", 0.9), (1200, 400, "cell", 0.2), (1200, 1600, "seed", 0.5)];

        public Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var features = Found.Select(at => string.Create(CultureInfo.InvariantCulture, $$$"""
                {"type":"Feature","bbox":[{{{at.X}}},{{{at.Y}}},{{{at.X + 400}}},{{{at.Y + 400}}}],"geometry":{"type":"Polygon","coordinates":[[[{{{at.X}}},{{{at.Y}}}],[{{{at.X + 400}}},{{{at.Y}}}],[{{{at.X + 400}}},{{{at.Y + 400}}}],[{{{at.X}}},{{{at.Y + 400}}}],[{{{at.X}}},{{{at.Y}}}]]]},"properties":{"annotation_type":"{{{at.Name}}}","score":{{{at.Score}}},"made_by":"{{{GetType().Name}}}"}}
                """));
            return Task.FromResult(ResultsJson.Parse(Encoding.UTF8.GetBytes($$$"""{"scanResults":[{"scanId":"{{{task.Scans[0].Id}}}","geojson":{"type":"FeatureCollection","features":[{{{string.Join(',', features)}}}]}}]}""")));
        }
    }

    sealed class After : Before
    {
        protected override (double X, double Y, string Name, double Score)[] Found => [(404, 400, "cell", 0.8), (400, 1600, "cell", 0.7), (1200, 1600, "seed", 0.5)];
    }

    async Task<IPage> OpenAsync(Visit visit, string fragment = "")
    {
        await visit.Page.GotoAsync(results.Path + fragment);
        await SettleAsync(visit);
        return visit.Page;
    }

    static async Task SettleAsync(Visit visit)
    {
        await visit.Page.WaitForFunctionAsync("() => window.slidebridge?.panes.every(pane => pane.objects)");
        await visit.SettleAsync();
    }

    [Fact]
    public async Task Two_results_are_seen_side_by_side_at_one_place_by_keyboard_alone()
    {
        await using var visit = await Visit.StartAsync(results.Bridge.Address);
        var page = await OpenAsync(visit, "#x=1000&y=1200&scale=0.2");
        await page.Locator("#viewer .openseadragon-canvas[tabindex='0']").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await page.WaitForFunctionAsync("() => slidebridge.panes.length === 2");
        await SettleAsync(visit);

        const string Places = "() => slidebridge.panes.map(({ viewer: { viewport: view } }) => [view.getCenter(false).x, view.getCenter(false).y, view.getZoom(false), view.getRotation(false)].map(value => value.toFixed(6)).join()).join(' ')";
        async Task<string> PlaceAsync()
        {
            var places = (await page.EvaluateAsync<string>(Places)).Split(' ');
            Assert.Equal(places[0], places[1]);
            return places[0];
        }

        // The scale has stayed, though each pane has half of the width.
        Assert.Equal(0.2, await page.EvaluateAsync<double>("() => { const view = slidebridge.viewer.viewport; return view.viewportToImageZoom(view.getZoom(false)); }"), 3);
        var before = await PlaceAsync();
        await page.Keyboard.PressAsync("]");
        await page.Keyboard.PressAsync("+");
        var turned = await PlaceAsync();
        Assert.NotEqual(before, turned);
        Assert.EndsWith(",90.000000", turned, StringComparison.Ordinal);
        await page.Locator("#viewer-b .openseadragon-canvas[tabindex='0']").FocusAsync();
        await page.Keyboard.PressAsync("ArrowLeft");
        Assert.NotEqual(turned, await PlaceAsync());

        Assert.Equal(["A: the task's result", "B: shadow after"], await page.Locator("#objects h2").AllTextContentsAsync());
        await page.Locator("#viewer-b .openseadragon-canvas[tabindex='0']").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Difference" })).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator("#viewer-b")).ToHaveCountAsync(0);
        await Assertions.Expect(page.Locator("[data-for=difference]")).ToContainTextAsync("Polygons match at IoU 0.5 or more; points within 15 level-0 pixels.");
        await page.Locator("#viewer .openseadragon-canvas[tabindex='0']").FocusAsync();
        await page.Keyboard.PressAsync("c");
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Objects", Exact = true })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_difference_marks_what_only_one_result_has_and_its_link_opens_it()
    {
        string link;
        await using (var visit = await Visit.StartAsync(results.Bridge.Address))
        {
            var page = await OpenAsync(visit, "#x=1000&y=1200&scale=0.25");
            await page.GetByLabel("Result B").SelectOptionAsync("shadow:after");
            await page.GetByLabel("Shown as").SelectOptionAsync("difference");
            await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Difference" })).ToBeVisibleAsync();
            await page.WaitForFunctionAsync("() => location.hash.includes('mode=difference')");
            link = page.Url[page.Url.IndexOf('#')..];
            foreach (var scheme in (ColorScheme[])[ColorScheme.Light, ColorScheme.Dark])
            {
                await page.EmulateMediaAsync(new() { ColorScheme = scheme });
                Assert.Empty(await visit.ViolationsAsync());
            }
        }

        await using var other = await Visit.StartAsync(results.Bridge.Address);
        var opened = await OpenAsync(other, link);
        Assert.Equal(["in both", "only in A", "only in B"], (await opened.Locator(".objects-classes .objects-name").AllTextContentsAsync()).Order());
        await opened.EvaluateAsync("() => slidebridge.objects.layer.setFill(1)");
        await other.SettleAsync();
        Assert.Equal("9a9a9a", await ColorAsync(opened, 600, 600));
        Assert.Equal("0072b2", await ColorAsync(opened, 1400, 600));
        Assert.Equal("d55e00", await ColorAsync(opened, 600, 1800));

        // An object leads to the result that it comes from.
        foreach (var (x, y, maker) in ((int, int, string)[])[(1400, 600, "Before"), (600, 1800, "After")])
        {
            var at = await opened.EvaluateAsync<float[]>("([x, y]) => { const p = slidebridge.viewer.viewport.imageToWindowCoordinates(new OpenSeadragon.Point(x, y)); return [p.x, p.y]; }", new[] { x, y });
            await opened.Mouse.ClickAsync(at[0], at[1]);
            await Assertions.Expect(opened.Locator(".objects-selected")).ToContainTextAsync($"made_by{maker}");
        }
    }

    [Fact]
    public async Task A_link_holds_place_rotation_hidden_classes_least_scores_colours_and_opacity_of_each_result()
    {
        string link;
        await using (var visit = await Visit.StartAsync(results.Bridge.Address))
        {
            var page = await OpenAsync(visit, "#x=1000&y=1200&scale=0.25&with=shadow%3Aafter");
            await page.WaitForFunctionAsync("() => slidebridge.panes.length === 2 && slidebridge.panes[1].objects");
            await page.EvaluateAsync("() => { slidebridge.viewer.viewport.setRotation(180); }");
            var (a, b) = (page.Locator("#objects > div").Nth(0), page.Locator("#objects > div").Nth(1));
            await a.GetByLabel("Opacity").FillAsync("40");
            await a.GetByLabel("seed", new() { Exact = true }).UncheckAsync();
            await a.GetByLabel("Score from").FillAsync("0.55");
            await b.GetByLabel("Colour of cell").FillAsync("#123456");
            await b.GetByLabel("Fill").FillAsync("0");
            await b.Locator(".objects-general").GetByLabel("Show").UncheckAsync();
            await page.WaitForFunctionAsync("() => location.hash.includes('b-objects=off') && location.hash.includes('rotation=180')");
            link = page.Url[page.Url.IndexOf('#')..];
        }

        await using var other = await Visit.StartAsync(results.Bridge.Address);
        var opened = await OpenAsync(other, link);
        await opened.WaitForFunctionAsync("() => slidebridge.panes.length === 2 && slidebridge.panes[1].objects");
        Assert.Equal("180 1000,1200 0.25", await opened.EvaluateAsync<string>("() => { const view = slidebridge.viewer.viewport, at = view.viewportToImageCoordinates(view.getCenter()); return `${view.getRotation()} ${Math.round(at.x)},${Math.round(at.y)} ${view.viewportToImageZoom(view.getZoom()).toFixed(2)}`; }"));
        Assert.Equal("0.4 true cell:true:0.55 seed:false:undefined", await opened.EvaluateAsync<string>(Look, 0));
        Assert.Equal("1 false cell:true:undefined seed:true:undefined", await opened.EvaluateAsync<string>(Look, 1));
        Assert.Equal(["#123456", "0"], await opened.EvaluateAsync<string[]>("() => { const panel = document.querySelectorAll('#objects > div')[1]; return [panel.querySelector('input[type=color]').value, panel.querySelectorAll('.objects-general input[type=range]')[1].value]; }"));

        // Another address of the open page is another view; an unknown result is said.
        await opened.EvaluateAsync("() => { location.hash = 'x=500&y=600&scale=0.5&result=shadow%3Anobody'; }");
        await opened.WaitForFunctionAsync("() => slidebridge.panes.length === 1 && slidebridge.objects?.layer.opacity === 1");
        await Assertions.Expect(opened.Locator("#viewer-notes")).ToContainTextAsync("The link names a result that this task does not have.");
        Assert.Equal(500, await opened.EvaluateAsync<double>("() => { const view = slidebridge.viewer.viewport; return Math.round(view.viewportToImageCoordinates(view.getCenter()).x); }"));
    }

    const string Look = "i => { const { layer } = slidebridge.panes[i].objects; return `${layer.opacity} ${layer.isVisible} ${layer.summary.classes.map(each => `${each.name}:${layer.styles[each.number].isVisible}:${layer.styles[each.number].score}`).join(' ')}`; }";

    /// <summary>What the layer of objects has at a level-0 pixel, as rrggbb.</summary>
    static Task<string> ColorAsync(IPage page, double x, double y) => page.EvaluateAsync<string>("""
        ([x, y]) => {
          const { viewer, objects } = slidebridge, from = objects.layer.canvas, context = Object.assign(document.createElement("canvas"), { width: from.width, height: from.height }).getContext("2d");
          context.drawImage(from, 0, 0);
          const at = viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y)), ratio = from.width / from.clientWidth;
          return [...context.getImageData(Math.round(at.x * ratio), Math.round(at.y * ratio), 1, 1).data.slice(0, 3)].map(value => value.toString(16).padStart(2, "0")).join("");
        }
        """, new[] { x, y });
}
