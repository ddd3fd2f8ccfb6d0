using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Api;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Viewing;

/// <summary>The slides of tasks, for a viewer: what a slide is, its tiles, and the small picture that the task keeps.</summary>
static class SlideEndpoints
{
    public static void MapSlides(this IEndpointRouteBuilder routes)
    {
        var scans = routes.MapGroup("/api/tasks/{id}/scans/{scan}").For(Role.Viewer).OfOwnCompanies();
        scans.MapGet("slide", DescribeAsync).Audited("slide viewed").WithSummary("A scan's slide: its size, its resolution, and where its tiles are").Produces<SlideView>().ProducesProblem(404).ProducesProblem(410).ProducesProblem(422).ProducesProblem(502);
        scans.MapGet("slide/{key}/{level:int}/{tile}", TileAsync).WithSummary("A tile of the slide's Deep Zoom pyramid").Produces(200, contentType: "image/jpeg").ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(502);
        scans.MapGet("slide/{key}/tiles", TilesAsync).WithSummary("Several tiles in one answer, named as LEVEL/COLUMN_ROW,LEVEL/COLUMN_ROW").Produces(200, contentType: "application/octet-stream").ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422).ProducesProblem(502);
        scans.MapGet("picture.jpg", PictureAsync).Audited("picture read").WithSummary("The scan's small picture, without the result").Produces(200, contentType: "image/jpeg").ProducesProblem(404);
    }

    static async Task<IResult> DescribeAsync(string id, string scan, HttpContext context, ViewedSlides slides, ViewedBy seen, TaskStore store, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, scan, store, cancellationToken) is not { } task) return NoSuchScan();
        try
        {
            await using var lease = await slides.OpenAsync(task, scan, cancellationToken);
            seen.Add(lease.Slide.Key, Callers.Of(context).Name);
            return SlideAnswers.Describe(lease.Slide, $"/api/tasks/{task.Number}/scans/{scan}/slide/{lease.Slide.Key}", task.ExpiresAt);
        }
        catch (SlidebridgeException e)
        {
            return SlideAnswers.Unreadable(e);
        }
    }

    static Task<IResult> TileAsync(string id, string scan, string key, int level, string tile, HttpContext context, ViewedSlides slides, ViewedBy seen, AuditLog audit, TaskStore store, CancellationToken cancellationToken) =>
        OfSlideAsync(id, scan, key, context, slides, seen, audit, store, slide => SlideAnswers.TileAsync(slide, level, tile, cancellationToken), cancellationToken);

    static Task<IResult> TilesAsync(string id, string scan, string key, string at, HttpContext context, ViewedSlides slides, ViewedBy seen, AuditLog audit, TaskStore store, CancellationToken cancellationToken) =>
        OfSlideAsync(id, scan, key, context, slides, seen, audit, store, slide => SlideAnswers.TilesAsync(slide, at, context.Response, cancellationToken), cancellationToken);

    /// <summary>A page asks for many tiles: the task's row is read only if the slide is not open.</summary>
    static async Task<IResult> OfSlideAsync(
        string id, string scan, string key, HttpContext context, ViewedSlides slides, ViewedBy seen, AuditLog audit, TaskStore store, Func<ViewedSlide, Task<IResult>> answerAsync, CancellationToken cancellationToken)
    {
        try
        {
            var open = PlatformId.TryParse(id, "task", out var number) ? slides.Find(key, number, scan) : null;
            if (open is null)
            {
                if (await FindAsync(id, scan, store, cancellationToken) is not { } task) return NoSuchScan();
                if (ViewedSlides.KeyOf(task, scan) != key) return TypedResults.Problem("The task has other slides now. Open the page again.", statusCode: 409);
                open = await slides.OpenAsync(task, scan, cancellationToken);
            }
            await using var lease = open;
            // The pixels are the patient's, however somebody came by the address.
            var caller = Callers.Of(context);
            if (seen.Add(key, caller.Name)) await audit.ReadAsync(caller, "slide viewed", $"task {number}, scan {scan}", cancellationToken);
            return await answerAsync(lease.Slide);
        }
        catch (SlidebridgeException e)
        {
            if (e is SlideSourceException { HttpStatus: not null }) await slides.CloseAsync(key);
            return SlideAnswers.Unreadable(e);
        }
    }

    static async Task<IResult> PictureAsync(string id, string scan, TaskStore store, CancellationToken cancellationToken) =>
        await FindAsync(id, scan, store, cancellationToken) is { } task && await store.FindPictureAsync(task.Number, scan, cancellationToken) is { Jpeg: { } jpeg }
            ? TypedResults.Bytes(jpeg, "image/jpeg") : TypedResults.Problem("There is no picture of this scan.", statusCode: 404);

    static async Task<BridgeTask?> FindAsync(string id, string scan, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindAsync(number, cancellationToken) is { } task && task.Scans.Any(s => s.ScanId == scan) ? task : null;

    static ProblemHttpResult NoSuchScan() => TypedResults.Problem("There is no such task or scan.", statusCode: 404);
}
