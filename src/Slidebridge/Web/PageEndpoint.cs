using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Web;

/// <summary>The web page that shows the tasks: <c>/</c> the list, <c>/tasks/{id}</c> one task. It reads <c>/api/tasks</c>.</summary>
static class PageEndpoint
{
    /// <summary>Only this bridge's own files: no inline script or style, so that a text of a task that became markup could do nothing.</summary>
    const string Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    static readonly ConcurrentDictionary<string, byte[]> Files = new();

    public static void MapPage(this IEndpointRouteBuilder routes)
    {
        foreach (var path in (string[])["/", "/tasks/{id}"]) Map(path, "page.html", "text/html; charset=utf-8");
        Map("/assets/page.css", "page.css", "text/css; charset=utf-8");
        Map("/assets/page.js", "page.js", "text/javascript; charset=utf-8");

        void Map(string path, string file, string type) => routes.MapGet(path, (HttpContext context) => Answer(context, file, type)).For(Role.Viewer).ExcludeFromDescription();
    }

    static FileContentHttpResult Answer(HttpContext context, string file, string type)
    {
        context.Response.Headers.ContentSecurityPolicy = Policy;
        return TypedResults.Bytes(Files.GetOrAdd(file, Read), type);
    }

    static byte[] Read(string file)
    {
        using var stream = typeof(PageEndpoint).Assembly.GetManifestResourceStream("Slidebridge.Web." + file)!;
        using var content = new MemoryStream();
        stream.CopyTo(content);
        return content.ToArray();
    }
}
