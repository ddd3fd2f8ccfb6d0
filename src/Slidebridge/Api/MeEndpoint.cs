using System.Text.Json.Serialization;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <summary><c>GET /api/me</c>: who the bridge takes the caller for.</summary>
static class MeEndpoint
{
    public static void MapMe(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/me", (HttpContext context, ApiOptions options) =>
        {
            var caller = Callers.Of(context);
            return TypedResults.Json(new MeJson(caller.Name, caller.Role.Name(), caller.Companies, options.SignIn is null ? null : SignIn.SignOutPath), MeJsonContext.Default.MeJson);
        }).For(Role.Viewer).WithSummary("Who the bridge takes the caller for");
}

/// <param name="Companies">The companies whose tasks the caller sees; empty: all.</param>
/// <param name="SignOut">Where a browser signs out; absent: nobody signs in.</param>
sealed record MeJson(string Name, string Role, IReadOnlyList<string> Companies, string? SignOut);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MeJson))]
sealed partial class MeJsonContext : JsonSerializerContext;
