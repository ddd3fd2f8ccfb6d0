using System.Text;
using System.Text.Json;
using Microsoft.Playwright;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Browser;

/// <summary>The objects of a result on the slide.</summary>
public sealed class ObjectTests
{
    [Fact]
    public async Task The_four_boxes_are_drawn_at_their_level_0_corners_to_within_a_pixel()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        var boxes = (await bridge.GetJsonAsync($"/api/tasks/{task}/result")).GetProperty("scanResults")[0].GetProperty("geojson").GetProperty("features").EnumerateArray()
            .Select(feature => feature.GetProperty("bbox").EnumerateArray().Select(value => value.GetDouble()).ToArray()).ToList();
        Assert.Equal(4, boxes.Count);
        await using var visit = await Visit.StartAsync(bridge.Address);
        // The corner that all four boxes share, in the middle of the slide.
        var (x, y) = (boxes.Max(box => box[0]), boxes.Max(box => box[1]));
        var page = await visit.ViewAsync(task, scan, FormattableString.Invariant($"#x={x}&y={y}&scale=1"));
        await page.EvaluateAsync("() => slidebridge.objects.layer.setFill(0)");
        await visit.SettleAsync();

        // Where the outline crosses a row far from the vertical lines' ends, and a column.
        var drawn = await page.EvaluateAsync<JsonElement>("""
            ([x, y]) => {
              const { viewer, objects } = slidebridge, canvas = objects.layer.canvas, ratio = canvas.width / canvas.clientWidth;
              const copy = Object.assign(document.createElement("canvas"), { width: canvas.width, height: canvas.height }), context = copy.getContext("2d", { willReadFrequently: true });
              context.drawImage(canvas, 0, 0);
              const at = viewer.viewport.imageToViewerElementCoordinates(new OpenSeadragon.Point(x, y));
              const middle = (points, coordinate) => { let sum = 0, all = 0; points.forEach(([place, alpha]) => { sum += place * alpha; all += alpha; }); return all ? sum / all : null; };
              const across = (dx, dy) => { const points = []; for (let i = -20; i <= 20; i++) { const [px, py] = dx ? [at.x + i, at.y + dy] : [at.x + dy, at.y + i]; points.push([i + 0.5, context.getImageData(Math.floor(px * ratio), Math.floor(py * ratio), 1, 1).data[3]]); } return middle(points); };
              return { vertical: across(true, 100), horizontal: across(false, 100), fx: at.x % 1, fy: at.y % 1 };
            }
            """, new[] { x, y });
        Assert.InRange(drawn.GetProperty("vertical").GetDouble() - drawn.GetProperty("fx").GetDouble(), -1.01, 1.01);
        Assert.InRange(drawn.GetProperty("horizontal").GetDouble() - drawn.GetProperty("fy").GetDouble(), -1.01, 1.01);
    }

    [Fact]
    public async Task A_click_tells_an_object_and_the_table_leads_to_each()
    {
        var (bridge, task, scan) = await SharedBridge.CompletedAsync();
        await using var visit = await Visit.StartAsync(bridge.Address);
        var page = await visit.ViewAsync(task, scan);

        var frame = await page.Locator("#viewer").BoundingBoxAsync();
        await page.Mouse.ClickAsync(frame!.X + frame.Width / 2 - 100, frame.Y + frame.Height / 2 - 100);
        await Assertions.Expect(page.Locator(".objects-selected")).ToContainTextAsync("tissue_tumor_positive");
        await Assertions.Expect(page.Locator(".objects-selected")).ToContainTextAsync("mm²");

        var before = await page.EvaluateAsync<double>("() => slidebridge.viewer.viewport.getCenter(false).y");
        await page.Locator("#objects table button").Last.ClickAsync();
        await page.WaitForFunctionAsync("before => slidebridge.viewer.viewport.getCenter(false).y !== before", before);
        await page.EvaluateAsync("() => slidebridge.objects.layer.select(null)");
        await page.Locator("#objects input[type=checkbox]").Nth(1).UncheckAsync();
        await visit.SettleAsync();
        Assert.Equal(0, await page.EvaluateAsync<int>("""
            () => {
              const from = slidebridge.objects.layer.canvas, context = Object.assign(document.createElement("canvas"), { width: from.width, height: from.height }).getContext("2d", { willReadFrequently: true });
              context.drawImage(from, 0, 0);
              return context.getImageData(0, 0, from.width, from.height).data.reduce((sum, value) => sum + value, 0);
            }
            """));
    }

    [Fact]
    public async Task A_result_full_of_markup_stays_text()
    {
        const string Evil = "<script>window.taken=1</script><img src=x onerror=window.taken=1>";
        await using var bridge = await SharedBridge.StartAsync(classifiers: builder => builder.AddClassifier<MarkupClassifier>("markup"));
        var task = await bridge.RequestAsync();
        await bridge.CompleteAsync(task);
        await using var visit = await Visit.StartAsync(bridge.Address);

        var page = await visit.OpenAsync($"/tasks/{task.TaskNumber}");
        await Assertions.Expect(page.Locator("#result")).ToContainTextAsync(Evil);
        await page.GotoAsync("/tasks?column=summary&column=triage");
        await Assertions.Expect(page.Locator("#list")).ToContainTextAsync(Evil);
        await visit.ViewAsync(task.TaskNumber, task.Scans.Single().Id);
        await Assertions.Expect(page.Locator("#objects")).ToContainTextAsync(Evil);
        var frame = await page.Locator("#viewer").BoundingBoxAsync();
        await page.Mouse.ClickAsync(frame!.X + frame.Width / 2, frame.Y + frame.Height / 2);
        await Assertions.Expect(page.Locator(".objects-selected")).ToContainTextAsync(Evil);
        Assert.True(await page.EvaluateAsync<bool>("() => window.taken === undefined"));
    }

    sealed class MarkupClassifier : IClassifier
    {
        public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
        {
            var slide = await task.Scans[0].OpenSlideAsync(cancellationToken);
            var evil = JsonSerializer.Serialize("<script>window.taken=1</script><img src=x onerror=window.taken=1>");
            return ResultsJson.Parse(Encoding.UTF8.GetBytes($$$"""
                {"caseResults":{{{{evil}}}:1,"triage":{"category":{{{evil}}},"score":1}},"scanResults":[{"scanId":"{{{task.Scans[0].Id}}}","results":{"summary":{{{evil}}},{{{evil}}}:{{{evil}}} },
                 "geojson":{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[100,100],[{{{slide.Width - 100}}},100],[{{{slide.Width - 100}}},{{{slide.Height - 100}}}],[100,{{{slide.Height - 100}}}],[100,100]]]},"properties":{"annotation_type":{{{evil}}},{{{evil}}}:{{{evil}}}}}]}}]}
                """));
        }
    }
}
