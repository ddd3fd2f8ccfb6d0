using System.Text.Json.Serialization;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Usage;

namespace Slidebridge.Api;

/// <summary><c>GET /api/usage?from=2026-01&amp;to=2026-12&amp;by=month,company</c>: for billing and planning.</summary>
static class UsageEndpoint
{
    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/usage", AnswerAsync).For(Role.Viewer).WithSummary("What was used and how long results took, by month, day, company, model or classifier; by default, each company in the current month").Produces<List<UsageSum>>().ProducesProblem(400);

    static async Task<IResult> AnswerAsync(HttpContext context, UsageQuery usage, TimeProvider time, CancellationToken cancellationToken, string? from = null, string? to = null, string? by = null)
    {
        var (range, keys, fault) = UsageRequest.Parse(from, to, by, time.GetUtcNow());
        if (fault is not null) return TypedResults.Problem(fault, statusCode: 400);
        return TypedResults.Json([.. await usage.OfAsync(range, keys, Callers.Of(context).Companies, cancellationToken)], UsageJson.Default.ListUsageSum);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(List<UsageSum>))]
sealed partial class UsageJson : JsonSerializerContext;
