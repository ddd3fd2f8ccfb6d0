using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Slidebridge.Security;

/// <param name="Token">The bearer token that the bridge's own API asks for, or null: then it answers this machine only.</param>
sealed record ApiOptions(string? Token)
{
    /// <summary>Records print their members: the token is not one to print.</summary>
    public override string ToString() => Token is null ? "this machine only" : "with a token";
}

/// <summary>
/// Who may read tasks and results: with <c>--api-token</c> whoever brings it (as a bearer token, or as the password of Basic, which
/// browsers ask for); without, only callers on this machine, and none that came through a proxy, for then the address says nothing.
/// </summary>
static class ApiAccess
{
    public static TBuilder RequireApiAccess<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => Check(context.HttpContext) ?? await next(context));

    /// <summary>The same for an endpoint that is a bare delegate: filters do not reach those.</summary>
    public static void RequireApiAccessToDelegate(this IEndpointConventionBuilder builder) => builder.Add(endpoint =>
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = context => Check(context) is { } refused ? refused.ExecuteAsync(context) : inner(context);
    });

    static ProblemHttpResult? Check(HttpContext context)
    {
        var options = context.RequestServices.GetRequiredService<ApiOptions>();
        if (options.Token is null)
            return IsLocal(context) ? null : TypedResults.Problem("This answers callers on its own machine only; start the bridge with --api-token to open it.", statusCode: 403);
        if (SecretComparer.Matches(options.Token, Given(context.Request.Headers.Authorization))) return null;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Slidebridge\", charset=\"UTF-8\"";
        return TypedResults.Problem("The API token is needed: Authorization: Bearer TOKEN.", statusCode: 401);
    }

    /// <summary>
    /// From this machine, to this machine by name (a name that was made to point here is another site's), and through no proxy that says so.
    /// A proxy that says nothing cannot be told from a caller: behind one, a token is needed.
    /// </summary>
    static bool IsLocal(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && IsLocalName(context.Request.Host.Host)
        && !context.Request.Headers.Any(h => h.Key.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || ProxyHeaders.Contains(h.Key, StringComparer.OrdinalIgnoreCase));

    static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP"];

    static bool IsLocalName(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));

    /// <summary>
    /// A browser that knows the token, or runs on this machine, would also post for a page of another site: such a request says where it comes from.
    /// </summary>
    public static TBuilder RefuseOtherSites<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => IsOtherSites(context.HttpContext.Request)
            ? TypedResults.Problem("A page of another site may not do this.", statusCode: 403)
            : await next(context));

    static bool IsOtherSites(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].ToString() is not ("" or "same-origin" or "none")
        || (request.Headers.Origin.ToString() is { Length: > 0 } origin && (!Uri.TryCreate(origin, UriKind.Absolute, out var from) || !from.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)));

    /// <summary>The name of Basic; empty where none was given.</summary>
    public static string NameGiven(string? header) => Pair(header) is { } pair && pair.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? pair[..colon] : "";

    static string Given(string? header)
    {
        if (header?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true) return header[7..].Trim();
        return Pair(header) is { } pair ? pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..] : "";
    }

    /// <summary>The <c>name:password</c> of Basic, or null.</summary>
    static string? Pair(string? header)
    {
        if (header?.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) != true) return null;
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim()));
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
