using Slidebridge.Identity;
using Slidebridge.Overlays;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Techcyte;

namespace Slidebridge.Api;

/// <summary>A scan's picture with the result drawn on it.</summary>
static partial class OverlayEndpoint
{
    public static void MapOverlay(this IEndpointRouteBuilder routes)
    {
        var scans = routes.MapGroup("/api/tasks/{id}/scans/{scan}").For(Role.Viewer).OfOwnCompanies();
        scans.MapGet("overlay.png", AnswerAsync).Audited("picture read").WithSummary("A scan's picture with the result drawn on it").Produces(200, contentType: "image/png").ProducesProblem(404);
        scans.MapGet("objects.geojson", ObjectsAsync).Audited("result read").WithSummary("Everything that a scan's result places on the slide, as GeoJSON for QuPath; level-0 pixels").Produces(200, contentType: "application/geo+json").ProducesProblem(404);
    }

    static async Task<IResult> ObjectsAsync(string id, string scan, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindResultAsync(number, cancellationToken) is { } json
            ? TypedResults.Stream(output => QuPathAnnotations.WriteAsync(output, SavedShapes.Of(json, scan), cancellationToken), "application/geo+json", $"task-{number}-scan-{scan}.geojson")
            : TypedResults.Problem($"There is no result of this task.", statusCode: 404);

    static async Task<IResult> AnswerAsync(string id, string scan, TaskStore store, ILogger<OverlayThumbnails> logger, CancellationToken cancellationToken)
    {
        if (!PlatformId.TryParse(id, "task", out var number) || await store.FindAsync(number, cancellationToken) is not { } task || task.Scans.All(s => s.ScanId != scan))
            return TypedResults.Problem("There is no such task or scan.", statusCode: 404);
        if (OverlayBase.Of(await store.FindPictureAsync(number, scan, cancellationToken)) is not { } picture)
            return TypedResults.Problem("There is no picture of this scan yet.", statusCode: 404);
        var shapes = await store.FindResultAsync(number, cancellationToken) is { } json ? SavedShapes.Of(json, scan) : [];
        return TypedResults.Bytes(OverlayPainter.Paint(picture, shapes, e => LogDamaged(logger, number, scan, e.Message)), "image/png");
    }

    [LoggerMessage(301, LogLevel.Warning, "Task {Task}: the slide's own thumbnail of scan {Scan} is damaged, so its overlay has no picture: {Why}")]
    static partial void LogDamaged(ILogger logger, long task, string scan, string why);
}
