using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <param name="Token">The token that callers of the bridge's API must send, or null: then the API answers only this machine.</param>
/// <param name="IsLoopback">The bridge listens only on this machine's loopback addresses.</param>
sealed record ApiOptions(string? Token, bool IsLoopback)
{
    /// <summary>The default ToString prints all members, and the token must not be printed.</summary>
    public override string ToString() => Token is null ? "this machine only" : "with a token";
}

/// <summary>
/// Who may read tasks and results. With <c>--api-token</c>: callers that send it (as a bearer token, or as the password of HTTP Basic, which
/// browsers ask for). Without: callers on this machine, if the bridge listens only on loopback; otherwise an unnoticed proxy could make remote callers look local.
/// </summary>
static class ApiAccess
{
    public static TBuilder RequireApiAccess<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => await CheckAsync(context.HttpContext) ?? await next(context));

    /// <summary>The same for an endpoint that is a bare delegate, because endpoint filters do not run for those.</summary>
    public static void RequireApiAccessToDelegate(this IEndpointConventionBuilder builder) => builder.Add(endpoint =>
    {
        var inner = endpoint.RequestDelegate!;
        endpoint.RequestDelegate = async context =>
        {
            if (await CheckAsync(context) is { } refused) await refused.ExecuteAsync(context);
            else await inner(context);
        };
    });

    /// <summary>Whether the caller may see what is not public.</summary>
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
                ? "The bridge's API answers only callers on the bridge's machine; start the bridge with --api-token to allow others."
                : "The API needs a token, because the bridge does not listen on localhost only: start the bridge with --api-token, or with --listen localhost.", statusCode: 403);
        await context.RequestServices.GetRequiredService<RefusedCallers>().CountAsync(context, "API token");
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"Slidebridge\", charset=\"UTF-8\"";
        return TypedResults.Problem("The API token is missing or wrong. Send the header 'Authorization: Bearer TOKEN'.", statusCode: 401);
    }

    /// <summary>
    /// A browser that knows the token, or runs on this machine, also sends POSTs for pages of other sites; its headers then name that site, and the request is refused.
    /// </summary>
    public static TBuilder RefuseOtherSites<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.AddEndpointFilter(async (context, next) => LocalCaller.IsOtherSites(context.HttpContext.Request)
            ? TypedResults.Problem("Requests from a page of another site are not allowed.", statusCode: 403)
            : await next(context));

    /// <summary>The user name of HTTP Basic; empty if there is none.</summary>
    public static string NameGiven(string? header) => Pair(header) is { } pair && pair.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? pair[..colon] : "";

    static string Given(string? header)
    {
        if (header?.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) == true) return header[7..].Trim();
        return Pair(header) is { } pair ? pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..] : "";
    }

    /// <summary>The <c>name:password</c> of HTTP Basic, or null.</summary>
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
