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
        scans.MapGet("picture.jpg", PictureAsync).Audited("picture read").WithSummary("The scan's small picture, without the result").Produces(200, contentType: "image/jpeg").ProducesProblem(404);
    }

    static async Task<IResult> DescribeAsync(string id, string scan, HttpContext context, ViewedSlides slides, ViewedBy seen, TaskStore store, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, scan, store, cancellationToken) is not { } task) return NoSuchScan();
        try
        {
            await using var lease = await slides.OpenAsync(task, scan, cancellationToken);
            seen.Add(lease.Slide.Key, Callers.Of(context).Name);
            return TypedResults.Json(SlideView.Of(lease.Slide, $"/api/tasks/{task.Number}/scans/{scan}/slide/{lease.Slide.Key}", task.ExpiresAt), SlideViewJson.Default.SlideView);
        }
        catch (SlidebridgeException e)
        {
            return Unreadable(e);
        }
    }

    /// <summary>A page asks for many tiles: the task's row is read only if the slide is not open.</summary>
    static async Task<IResult> TileAsync(string id, string scan, string key, int level, string tile, HttpContext context, ViewedSlides slides, ViewedBy seen, AuditLog audit, TaskStore store, CancellationToken cancellationToken)
    {
        if (ParseTile(tile) is not var (column, row)) return NoSuchTile();
        try
        {
            var open = slides.Find(key, id, scan);
            if (open is null)
            {
                if (await FindAsync(id, scan, store, cancellationToken) is not { } task) return NoSuchScan();
                if (ViewedSlides.KeyOf(task, scan) != key) return TypedResults.Problem("The task has other slides now. Open the page again.", statusCode: 409);
                open = await slides.OpenAsync(task, scan, cancellationToken);
            }
            await using var lease = open;
            // The pixels are the patient's, however somebody came by the address.
            var caller = Callers.Of(context);
            if (seen.Add(key, caller.Name)) await audit.ReadAsync(caller, "slide viewed", $"task {id}, scan {scan}", cancellationToken);
            return await lease.Slide.TileAsync(level, column, row, cancellationToken) is { } read ? TypedResults.Bytes(read.Bytes, read.ContentType) : NoSuchTile();
        }
        catch (SlidebridgeException e)
        {
            return Unreadable(e);
        }
    }

    static async Task<IResult> PictureAsync(string id, string scan, TaskStore store, CancellationToken cancellationToken) =>
        await FindAsync(id, scan, store, cancellationToken) is { } task && await store.FindPictureAsync(task.Number, scan, cancellationToken) is { Jpeg: { } jpeg }
            ? TypedResults.Bytes(jpeg, "image/jpeg") : TypedResults.Problem("There is no picture of this scan.", statusCode: 404);

    static async Task<BridgeTask?> FindAsync(string id, string scan, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindAsync(number, cancellationToken) is { } task && task.Scans.Any(s => s.ScanId == scan) ? task : null;

    /// <summary>In the words that the task would have.</summary>
    static ProblemHttpResult Unreadable(SlidebridgeException e) => TypedResults.Problem(e.Message, statusCode: e switch
    {
        SlideNotShownException or SlideSourceException { HttpStatus: 401 or 403 or 404 or 410 } => 410,
        SlideSourceException => 502,
        _ => 422,
    });

    static (int Column, int Row)? ParseTile(string name)
    {
        var text = name.AsSpan();
        if (!text.EndsWith(".jpg")) return null;
        text = text[..^".jpg".Length];
        var split = text.IndexOf('_');
        return split > 0 && int.TryParse(text[..split], System.Globalization.NumberStyles.None, null, out var column) && int.TryParse(text[(split + 1)..], System.Globalization.NumberStyles.None, null, out var row) ? (column, row) : null;
    }

    static ProblemHttpResult NoSuchTile() => TypedResults.Problem("There is no such tile.", statusCode: 404);

    static ProblemHttpResult NoSuchScan() => TypedResults.Problem("There is no such task or scan.", statusCode: 404);
}
