using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Objects;
using Slidebridge.Viewing;
using Slidebridge.Web;
using Slidebridge.Web.Live;
using Slidebridge.Web.Pages;
using Slidebridge.Web.Parts;

namespace Slidebridge.LocalViewing;

/// <summary>The addresses of a <see cref="LocalViewServer"/>: the page, the slides, the objects of the newest result, and what the classifier does.</summary>
static class LocalViewEndpoints
{
    static readonly TimeSpan BetweenEvents = TimeSpan.FromMilliseconds(200);

    public static void MapLocalView(this IEndpointRouteBuilder routes, string secret, IReadOnlyList<LocalScan> scans, LocalResults results)
    {
        var root = "/" + secret;
        LocalScan? Find(string id) => scans.FirstOrDefault(scan => scan.Id == id);
        routes.MapGet("/assets/{version}/{**name}", (string version, string name) => WebAssets.Find(name) is var (bytes, type) ? Results.Bytes(bytes, type) : Missing());
        var own = routes.MapGroup(root);
        own.MapGet("/", (HttpContext context) => Page(context, root, scans[0], scans, results));
        own.MapGet("/scans/{scan}", (HttpContext context, string scan) => Find(scan) is { } found ? (IResult)Page(context, root, found, scans, results) : Missing());
        own.MapGet("/scans/{scan}/slide", (string scan) => Find(scan) is { } found ? SlideAnswers.Describe(found.Slide, $"{root}/scans/{scan}/slide/{found.Slide.Key}", until: null) : Missing());
        own.MapGet("/scans/{scan}/slide/{key}/{level:int}/{tile}", (string scan, string key, int level, string tile, CancellationToken stop) => OfSlideAsync(Find(scan), key, slide => SlideAnswers.TileAsync(slide, level, tile, stop)));
        own.MapGet("/scans/{scan}/slide/{key}/tiles", (HttpContext context, string scan, string key, string at, CancellationToken stop) => OfSlideAsync(Find(scan), key, slide => SlideAnswers.TilesAsync(slide, at, context.Response, stop)));
        own.MapGet("/live", (HttpContext context, IHostApplicationLifetime lifetime) => StreamAsync(context, results, lifetime.ApplicationStopping));
        var objects = own.MapGroup("/scans/{scan}/objects/{result:int}");
        objects.MapGet("", (string scan, int result, CancellationToken stop) => OfIndexAsync(results, result, Find(scan), ObjectAnswers.Summary, stop));
        objects.MapGet("tiles/{level:int}/{x:int}/{y:int}", (string scan, int result, int level, int x, int y, CancellationToken stop) => OfIndexAsync(results, result, Find(scan), index => ObjectAnswers.Tile(index, level, x, y), stop));
        objects.MapGet("page", (string scan, int result, CancellationToken stop, string? order = null, long? after = null, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "class")] int? cls = null, double? score = null, int limit = 100) =>
            OfIndexAsync(results, result, Find(scan), index => ObjectAnswers.Page(index, order, after, cls, score, limit, stop), stop));
        objects.MapGet("at", (string scan, int result, double x, double y, CancellationToken stop, double within = 0) => OfIndexAsync(results, result, Find(scan), index => ObjectAnswers.At(index, x, y, within, stop), stop));
        objects.MapGet("{number:long}", async (string scan, int result, long number, CancellationToken stop) => ObjectAnswers.One(Find(scan) is { } found ? await results.FindAsync(result, found, number, stop) : null));
    }

    static RazorComponentResult Page(HttpContext context, string root, LocalScan scan, IReadOnlyList<LocalScan> scans, LocalResults results)
    {
        context.Response.Headers.ContentSecurityPolicy = PageEndpoints.Policy;
        var slides = scans.Select(each => KeyValuePair.Create(each.Id, each.Name)).ToList();
        return new RazorComponentResult(typeof(LocalViewPage), new Dictionary<string, object?> { ["Root"] = root, ["ScanId"] = scan.Id, ["Name"] = scan.Name, ["Slides"] = slides, ["Result"] = results.State.Result }) { PreventStreamingRendering = true };
    }

    static async Task<IResult> OfSlideAsync(LocalScan? scan, string key, Func<ViewedSlide, Task<IResult>> answerAsync)
    {
        if (scan is null || scan.Slide.Key != key) return Missing();
        try
        {
            return await answerAsync(scan.Slide);
        }
        catch (SlidebridgeException e)
        {
            return SlideAnswers.Unreadable(e);
        }
    }

    static async Task<IResult> OfIndexAsync(LocalResults results, int result, LocalScan? scan, Func<ObjectIndex, IResult> answer, CancellationToken cancellationToken)
    {
        using var borrowed = scan is null ? null : await results.OpenAsync(result, scan, cancellationToken);
        return borrowed is null ? Missing() : answer(borrowed.Index);
    }

    /// <summary>Server-sent events: the state now, and each later one.</summary>
    static Task<IResult> StreamAsync(HttpContext context, LocalResults results, CancellationToken stopping) => EventStream.RunAsync(context, async (sendAsync, stop) =>
    {
        for (RunState? seen = null; ;)
        {
            seen = await results.NextAsync(seen, stop);
            await sendAsync($"event: run\ndata: {JsonSerializer.Serialize(seen, RunStateJson.Default.RunState)}");
            await Task.Delay(BetweenEvents, stop); // Progress changes more often than a reader can see.
        }
    }, stopping);

    static ProblemHttpResult Missing() => TypedResults.Problem("There is no such page, slide or result.", statusCode: 404);
}
