using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Storage;

namespace Slidebridge.Api;

/// <summary><c>/api/tokens</c>: an admin makes, lists and revokes named API tokens.</summary>
static class TokenEndpoints
{
    public static void MapTokens(this IEndpointRouteBuilder routes)
    {
        var tokens = routes.MapGroup("/api/tokens").For(Role.Admin).RefuseOtherSites();
        tokens.MapGet("", ListAsync).WithSummary("The named API tokens, the newest first, without their texts").Produces<List<TokenJson>>();
        tokens.MapPost("", AddAsync).WithSummary("Makes a token. Its text is in this answer only").Produces<NewTokenJson>().ProducesProblem(400).ProducesProblem(409);
        tokens.MapDelete("/{name}", RevokeAsync).WithSummary("Revokes a token").Produces<TokenJson>().ProducesProblem(404);
    }

    static async Task<JsonHttpResult<List<TokenJson>>> ListAsync(AccessTokens tokens, CancellationToken cancellationToken) =>
        TypedResults.Json([.. (await tokens.ListAsync(cancellationToken)).Select(TokenJson.Of)], TokenJsonContext.Default.ListTokenJson);

    static async Task<IResult> AddAsync(TokenRequest request, HttpContext context, AccessTokens tokens)
    {
        if (Roles.Of(request.Role) is not { } role) return TypedResults.Problem($"role must be one of {string.Join(", ", Roles.OfPeople.Select(r => r.Name()))}.", statusCode: 400);
        if (request.Companies is []) return TypedResults.Problem("companies is empty: leave it out for all companies.", statusCode: 400);
        var (token, text, refused) = await tokens.AddAsync(request.Name ?? "", role, request.Companies ?? [], request.ExpiresAt, Callers.Of(context), request.Groups);
        return token is null ? TypedResults.Problem(refused, statusCode: 409) : TypedResults.Json(new NewTokenJson(text, TokenJson.Of(token)), TokenJsonContext.Default.NewTokenJson);
    }

    static async Task<IResult> RevokeAsync(string name, HttpContext context, AccessTokens tokens) =>
        await tokens.RevokeAsync(name, Callers.Of(context)) is { } token ? TypedResults.Json(TokenJson.Of(token), TokenJsonContext.Default.TokenJson)
            : TypedResults.Problem("There is no valid token of this name.", statusCode: 404);
}

/// <param name="Name">1 to 64 letters, digits and <c>- _ . @</c>.</param>
/// <param name="Role"><c>viewer</c>, <c>operator</c>, <c>admin</c> or <c>worker</c>.</param>
/// <param name="Companies">The companies whose tasks the owner may see; absent: all.</param>
/// <param name="ExpiresAt">Absent: it does not expire.</param>
/// <param name="Groups">The execution groups whose tasks a worker may take; absent: all.</param>
sealed record TokenRequest(string? Name, string? Role, IReadOnlyList<string>? Companies = null, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? Groups = null);

/// <param name="Text">The token itself, <c>sbt_…</c>. It is not stored.</param>
/// <param name="Token">What is stored of it.</param>
sealed record NewTokenJson(string Text, TokenJson Token);

/// <summary>A token as the API and the commands show it.</summary>
/// <param name="State"><c>valid</c>, <c>expired</c> or <c>revoked</c>.</param>
sealed record TokenJson(string Name, string Role, IReadOnlyList<string> Companies, string State, DateTimeOffset MadeAt, string MadeBy, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, DateTimeOffset? RevokedAt, string? RevokedBy, IReadOnlyList<string>? Groups = null)
{
    public static TokenJson Of(StoredToken token) => new(
        token.Name, token.Role.Name(), token.Companies, token.RevokedAt is not null ? "revoked" : token.IsValid(DateTimeOffset.UtcNow) ? "valid" : "expired",
        token.MadeAt, token.MadeBy, token.ExpiresAt, token.LastUsedAt, token.RevokedAt, token.RevokedBy, token.Groups);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<TokenJson>))]
[JsonSerializable(typeof(NewTokenJson))]
[JsonSerializable(typeof(TokenRequest))]
sealed partial class TokenJsonContext : JsonSerializerContext;
