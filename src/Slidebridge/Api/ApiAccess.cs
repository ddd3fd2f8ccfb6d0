using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <param name="Token">The token that the bridge's own API asks for, or null: then it answers this machine only.</param>
/// <param name="IsLoopback">The bridge listens on this machine's own addresses alone.</param>
sealed record ApiOptions(string? Token, bool IsLoopback)
{
    /// <summary>Records print their members: the token is not one to print.</summary>
    public override string ToString() => Token is null ? "this machine only" : "with a token";
}

/// <summary>
/// Who may read tasks and results: with <c>--api-token</c> whoever brings it (as a bearer token, or as the password of Basic, which
/// browsers ask for). Without, callers on this machine, as long as the bridge listens to no others: a proxy in between may not say that it is one.
/// </summary>
static class ApiAccess
{
    public static TBuilder RequireApiAccess<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => await CheckAsync(context.HttpContext) ?? await next(context));

    /// <summary>The same for an endpoint that is a bare delegate: filters do not reach those.</summary>
    public static void RequireApiAccessToDelegate(this IEndpointConventionBuilder builder) => builder.Add(endpoint =>
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            if (await CheckAsync(context) is { } refused) await refused.ExecuteAsync(context);
            else await inner(context);
        };
    });

    /// <summary>Whether the caller may see what is told to no stranger.</summary>
    public static bool Has(HttpContext context) => context.RequestServices.GetRequiredService<ApiOptions>() switch
    {
        { Token: { } token } => SecretComparer.Matches(token, Given(context.Request.Headers.Authorization)),
        var options => options.IsLoopback && LocalCaller.Is(context),
    };

    static async Task<ProblemHttpResult?> CheckAsync(HttpContext context)
    {
        if (Has(context)) return null;
        var options = context.RequestServices.GetRequiredService<ApiOptions>();
        if (options.Token is null)
            return TypedResults.Problem(options.IsLoopback
                ? "This answers callers on its own machine only; start the bridge with --api-token to open it."
                : "This needs a token, for the bridge listens on more than this machine's own addresses: start it with --api-token, or with --listen localhost.", statusCode: 403);
        await context.RequestServices.GetRequiredService<RefusedCallers>().CountAsync(context, "API token");
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Slidebridge\", charset=\"UTF-8\"";
        return TypedResults.Problem("The API token is needed: Authorization: Bearer TOKEN.", statusCode: 401);
    }

    /// <summary>
    /// A browser that knows the token, or runs on this machine, would also post for a page of another site: such a request says where it comes from.
    /// </summary>
    public static TBuilder RefuseOtherSites<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => LocalCaller.IsOtherSites(context.HttpContext.Request)
            ? TypedResults.Problem("A page of another site may not do this.", statusCode: 403)
            : await next(context));

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
