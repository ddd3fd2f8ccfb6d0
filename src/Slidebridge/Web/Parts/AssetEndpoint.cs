using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Web.Parts;

/// <summary><c>/assets/VERSION/NAME</c>: the scripts and styles of the pages.</summary>
static class AssetEndpoint
{
    public static void MapAssets(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/assets/{version}/{**name}", (string version, string name, HttpContext context) =>
        {
            if (WebAssets.Find(name) is not var (bytes, type)) return Results.Problem("There is no such file.", statusCode: 404);
            // While nodes are upgraded, a page of one version may ask a node of another.
            if (version == WebAssets.Version) context.Response.Headers.CacheControl = "private, max-age=31536000, immutable";
            return Results.Bytes(bytes, type);
        }).For(Role.Viewer).ExcludeFromDescription();
}
