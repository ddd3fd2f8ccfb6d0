using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Api;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Techcyte;
using Slidebridge.Usage;
using Slidebridge.Viewing;
using Slidebridge.Web.Live;
using Slidebridge.Web.Pages;
using Slidebridge.Web.Parts;

namespace Slidebridge.Web;

/// <summary>
/// The pages, rendered on the server for each request: any node serves any page, and none keeps anything about a browser. What is live comes by server-sent events, after which the page asks for itself again.
/// docs/decisions/web.md
/// </summary>
static class PageEndpoints
{
    /// <summary>Only this bridge's own files: no inline script or style, so that a text of a task that became markup could do nothing. Pictures may be made by the page itself (blob).</summary>
    public const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    public static void MapPages(this IEndpointRouteBuilder routes)
    {
        routes.MapAssets();
        routes.MapLive();
        var pages = routes.MapGroup("").For(Role.Viewer).ExcludeFromDescription();
        pages.MapGet("/", (HttpContext context) => Answer(context, typeof(OverviewPage)));
        pages.MapGet("/tasks", (HttpContext context) => Answer(context, typeof(TaskListPage)));
        pages.MapGet("/tasks/{id}", (HttpContext context, string id) => Answer(context, typeof(TaskDetailPage), ("Id", id))).OfOwnCompanies();
        pages.MapGet("/usage", (HttpContext context) => Answer(context, typeof(UsagePage)));
        pages.MapGet("/setup", (HttpContext context) => Answer(context, typeof(SetupPage))).For(Role.Admin).OfAllCompanies();
        pages.MapGet("/usage.csv", UsageAsync);
        pages.MapGet("/tasks/{id}/log", LogAsync).OfOwnCompanies().Audited("log read");
        pages.MapGet("/tasks/{id}/scans/{scan}", (HttpContext context, string id, string scan, SlideAhead slide) =>
        {
            slide.Open(id, scan);
            return Answer(context, typeof(ViewerPage), ("Id", id), ("ScanId", scan));
        }).OfOwnCompanies();
    }

    /// <summary>What the classifier wrote in its last run. Empty, not 404, if it has written nothing yet: a page that follows a task asks again and again.</summary>
    static async Task<IResult> LogAsync(string id, TaskStore store, CancellationToken cancellationToken) =>
        Results.Text(PlatformId.TryParse(id, "task", out var number) ? await store.FindLogAsync(number, cancellationToken) ?? "" : "");

    static async Task<IResult> UsageAsync(HttpContext context, UsageQuery usage, TimeProvider time)
    {
        var (range, keys, fault) = UsageChoice.Of(context.Request.Query, time.GetUtcNow());
        if (fault is not null) return Results.Problem(fault, statusCode: 400);
        var sums = await usage.OfAsync(range, keys, Callers.Of(context).Companies, context.RequestAborted);
        return Results.Text(string.Concat(sums.Select(sum => sum.ToCsv(keys)).Prepend(UsageSum.CsvHeader(keys)).Select(line => line + "\r\n")), "text/csv", System.Text.Encoding.UTF8);
    }

    static RazorComponentResult Answer(HttpContext context, Type page, params (string Name, object? Value)[] parameters)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return new RazorComponentResult(page, parameters.ToDictionary(each => each.Name, each => each.Value)) { PreventStreamingRendering = true };
    }
}
