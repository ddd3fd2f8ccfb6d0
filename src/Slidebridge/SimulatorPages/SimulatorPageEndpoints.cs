using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Objects;
using Slidebridge.Simulator.Platform;
using Slidebridge.Viewing;
using Slidebridge.Web;
using Slidebridge.Web.Live;
using Slidebridge.Web.Parts;

namespace Slidebridge.SimulatorPages;

/// <summary>The addresses of the simulator's pages. What they change, they change by the simulator's own API.</summary>
static class SimulatorPageEndpoints
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300), BetweenSigns = TimeSpan.FromSeconds(15);

    public static void MapSimulatorPages(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/assets/{version}/{**name}", (string version, string name) => WebAssets.Find(name) is var (bytes, type) ? Results.Bytes(bytes, type) : Missing());
        routes.MapGet("/", (HttpContext context) => Page(context, typeof(CasesPage), ("Case", context.Request.Query["case"].ToString())));
        routes.MapGet("/faults", (HttpContext context) => Page(context, typeof(FaultsPage)));
        routes.MapGet("/tasks/{number:long}/note", (HttpContext context, long number) => Page(context, typeof(NotePage), ("Number", number)));
        routes.MapGet("/cases/{number:long}", (HttpContext context, long number) => Page(context, typeof(CasePage), ("Number", number)));
        routes.MapGet("/cases/{number:long}/evaluations/{evaluation:long}", (long number, long evaluation, PlatformState state) =>
            Find(state, number, null, evaluation) is { } found ? Results.Bytes(PostedResult.Of(found), "application/json") : Missing());
        routes.MapGet("/live", StreamAsync);
        routes.MapGet("/pictures/{**name}", PictureAsync);

        var scans = routes.MapGroup("/cases/{number:long}/scans/{scan}");
        scans.MapGet("", (HttpContext context, long number, string scan, long? evaluation = null) => Page(context, typeof(ScanPage), ("Number", number), ("ScanId", scan), ("Evaluation", evaluation)));
        scans.MapGet("slide", DescribeAsync);
        scans.MapGet("slide/{key}/{level:int}/{tile}", (long number, string scan, string key, int level, string tile, PlatformState state, SimulatedSlides slides, CancellationToken stop) =>
            OfSlideAsync(number, scan, key, state, slides, slide => SlideAnswers.TileAsync(slide, level, tile, stop), stop));
        scans.MapGet("slide/{key}/tiles", (HttpContext context, long number, string scan, string key, string at, PlatformState state, SimulatedSlides slides, CancellationToken stop) =>
            OfSlideAsync(number, scan, key, state, slides, slide => SlideAnswers.TilesAsync(slide, at, context.Response, stop), stop));
        var objects = scans.MapGroup("evaluations/{evaluation:long}");
        objects.MapGet("", (long number, string scan, long evaluation, PlatformState state, EvaluationObjects all, CancellationToken stop) => OfIndexAsync(state, all, number, scan, evaluation, ObjectAnswers.Summary, stop));
        objects.MapGet("tiles/{level:int}/{x:int}/{y:int}", (long number, string scan, long evaluation, int level, int x, int y, PlatformState state, EvaluationObjects all, CancellationToken stop) =>
            OfIndexAsync(state, all, number, scan, evaluation, index => ObjectAnswers.Tile(index, level, x, y), stop));
        objects.MapGet("page", (long number, string scan, long evaluation, PlatformState state, EvaluationObjects all, CancellationToken stop, string? order = null, long? after = null, [Microsoft.AspNetCore.Mvc.FromQuery(Name = "class")] int? cls = null, double? score = null, int limit = 100) =>
            OfIndexAsync(state, all, number, scan, evaluation, index => ObjectAnswers.Page(index, order, after, cls, score, limit, stop), stop));
        objects.MapGet("at", (long number, string scan, long evaluation, double x, double y, PlatformState state, EvaluationObjects all, CancellationToken stop, double within = 0) =>
            OfIndexAsync(state, all, number, scan, evaluation, index => ObjectAnswers.At(index, x, y, within, stop), stop));
        objects.MapGet("{id:long}", async (long number, string scan, long evaluation, long id, PlatformState state, EvaluationObjects all, CancellationToken stop) =>
            ObjectAnswers.One(Find(state, number, scan, evaluation) is { } found && SlideOf(state, number, scan) is { } slide ? await all.FindAsync(found, slide, id, stop) : null));
    }

    /// <summary>A slide's name as a part of an address.</summary>
    public static string InAddress(string name) => string.Join('/', name.Split('/', '\\').Select(Uri.EscapeDataString));

    static RazorComponentResult Page(HttpContext context, Type page, params (string Name, object? Value)[] parameters)
    {
        context.Response.Headers.ContentSecurityPolicy = PageEndpoints.Policy;
        return new RazorComponentResult(page, parameters.ToDictionary(each => each.Name, each => each.Value)) { PreventStreamingRendering = true };
    }

    /// <summary>The slide's smallest overview: the largest level of the pyramid that is one tile.</summary>
    static async Task<IResult> PictureAsync(string name, SimulatedSlides slides, CancellationToken cancellationToken)
    {
        try
        {
            await using var lease = await slides.OpenAsync(name, cancellationToken);
            return lease is null ? Missing() : await SlideAnswers.OverviewAsync(lease.Slide, cancellationToken);
        }
        catch (SlidebridgeException e)
        {
            return SlideAnswers.Unreadable(e);
        }
    }

    static async Task<IResult> DescribeAsync(long number, string scan, PlatformState state, SimulatedSlides slides, CancellationToken cancellationToken)
    {
        if (SlideOf(state, number, scan) is not { } name) return Missing();
        try
        {
            await using var lease = await slides.OpenAsync(name, cancellationToken);
            return lease is null ? Missing() : SlideAnswers.Describe(lease.Slide, $"/cases/{number}/scans/{scan}/slide/{lease.Slide.Key}", until: null);
        }
        catch (SlidebridgeException e)
        {
            return SlideAnswers.Unreadable(e);
        }
    }

    static async Task<IResult> OfSlideAsync(long number, string scan, string key, PlatformState state, SimulatedSlides slides, Func<ViewedSlide, Task<IResult>> answerAsync, CancellationToken cancellationToken)
    {
        if (SlideOf(state, number, scan) is not { } name) return Missing();
        try
        {
            await using var lease = slides.Find(key, name) ?? await slides.OpenAsync(name, cancellationToken);
            if (lease is null) return Missing();
            if (lease.Slide.Key != key) return TypedResults.Problem("The slide's file was replaced. Open the page again.", statusCode: 409);
            return await answerAsync(lease.Slide);
        }
        catch (SlidebridgeException e)
        {
            return SlideAnswers.Unreadable(e);
        }
    }

    static async Task<IResult> OfIndexAsync(PlatformState state, EvaluationObjects objects, long number, string scan, long evaluation, Func<ObjectIndex, IResult> answer, CancellationToken cancellationToken)
    {
        if (Find(state, number, scan, evaluation) is not { } found || SlideOf(state, number, scan) is not { } slide) return Missing();
        try
        {
            using var borrowed = await objects.OpenAsync(found, slide, cancellationToken);
            return answer(borrowed.Index);
        }
        catch (SlidebridgeException e)
        {
            return TypedResults.Problem(e.Message, statusCode: 422);
        }
    }

    /// <summary>Server-sent events that say that something has changed; the page then asks for itself again.</summary>
    static Task<IResult> StreamAsync(HttpContext context, PlatformState state, IHostApplicationLifetime lifetime, TimeProvider time) => EventStream.RunAsync(context, async (sendAsync, stop) =>
    {
        var (seen, said) = (state.Version, time.GetTimestamp());
        await sendAsync(": open");
        while (true)
        {
            await Task.Delay(BetweenLooks, time, stop);
            var now = state.Version;
            if (now == seen && time.GetElapsedTime(said) < BetweenSigns) continue;
            await sendAsync(now == seen ? ": still open" : "event: changed\ndata:");
            (seen, said) = (now, time.GetTimestamp());
        }
    }, lifetime.ApplicationStopping);

    static string? SlideOf(PlatformState state, long number, string scan) => state.FindCase(number)?.Scans.FirstOrDefault(each => each.Id == scan)?.Slide;

    static SimulatedEvaluation? Find(PlatformState state, long number, string? scan, long evaluation) =>
        state.FindEvaluation(evaluation) is { } found && found.CaseNumber == number && (scan is null || found.Scan == scan) ? found : null;

    static ProblemHttpResult Missing() => TypedResults.Problem("There is no such case, scan or evaluation.", statusCode: 404);
}
