using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Api;

namespace Slidebridge.Web;

/// <summary>The web page that shows the tasks: <c>/</c> the list, <c>/tasks/{id}</c> one task. It reads <c>/api/tasks</c>.</summary>
static class PageEndpoint
{
    static readonly Lazy<byte[]> Page = new(() =>
    {
        using var stream = typeof(PageEndpoint).Assembly.GetManifestResourceStream("Slidebridge.Web.page.html")!;
        using var page = new MemoryStream();
        stream.CopyTo(page);
        return page.ToArray();
    });

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/", "/tasks/{id}"])
            routes.MapGet(path, Answer).RequireApiAccess().ExcludeFromDescription();
    }

    static FileContentHttpResult Answer(HttpContext context)
    {
        context.Response.Headers.ContentSecurityPolicy = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'";
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Bytes(Page.Value, "text/html; charset=utf-8");
    }
}
