using System.Text.Json.Serialization;
using Slidebridge.Usage;

namespace Slidebridge.Api;

/// <summary><c>GET /api/usage?from=2026-01&amp;to=2026-12</c>: for billing.</summary>
static class UsageEndpoint
{
    public static void MapUsage(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/usage", AnswerAsync).RequireApiAccess().WithSummary("What each company used in each month; by default, the current month").Produces<List<CompanyUsage>>().ProducesProblem(400);

    static async Task<IResult> AnswerAsync(UsageQuery usage, TimeProvider time, CancellationToken cancellationToken, string? from = null, string? to = null)
    {
        var now = Month.Of(time.GetUtcNow());
        var first = from is null ? now : Month.Parse(from);
        var last = to is not null ? Month.Parse(to) : first?.Start > now.Start ? first : now;
        if (first is not { } f || last is not { } l) return TypedResults.Problem("from and to must be months such as 2026-11.", statusCode: 400);
        if (f.Start > l.Start) return TypedResults.Problem("from is after to.", statusCode: 400);
        return TypedResults.Json([.. await usage.OfAsync(f, l, cancellationToken)], UsageJson.Default.ListCompanyUsage);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(List<CompanyUsage>))]
sealed partial class UsageJson : JsonSerializerContext;
