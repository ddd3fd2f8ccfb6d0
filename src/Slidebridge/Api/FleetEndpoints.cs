using System.Text.Json.Serialization;
using Slidebridge.Fleet;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <summary><c>/api/fleet</c>: the workers that the bridge starts by itself.</summary>
static class FleetEndpoints
{
    public static void MapFleet(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/fleet", async (FleetStatus status, CancellationToken cancellationToken) => TypedResults.Json(await status.ReadAsync(cancellationToken), FleetJson.Default.IReadOnlyListFleetGroupStatus))
            .For(Role.Viewer).OfAllCompanies().WithTags("workers").WithSummary("The workers that the bridge starts by itself").Produces<IReadOnlyList<FleetGroupStatus>>();
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<FleetGroupStatus>))]
sealed partial class FleetJson : JsonSerializerContext;
