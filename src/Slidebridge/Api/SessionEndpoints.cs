using System.Text.Json.Serialization;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Api;

/// <summary><c>/api/sessions</c>: an admin sees who is signed in, and ends all sessions of a person.</summary>
static class SessionEndpoints
{
    public static void MapSessions(this IEndpointRouteBuilder routes)
    {
        var sessions = routes.MapGroup("/api/sessions").For(Role.Admin).RefuseOtherSites();
        sessions.MapGet("", async (StoredSessions stored, CancellationToken cancellationToken) => TypedResults.Json(await stored.ListAsync(cancellationToken), SessionJson.Default.IReadOnlyListOpenSession))
            .WithSummary("The sessions of people who have signed in with a browser");
        sessions.MapDelete("", EndAsync).WithSummary("Ends every session of a person; the name is that of the list").Produces<EndedSessions>().ProducesProblem(404);
    }

    static async Task<IResult> EndAsync(string name, HttpContext context, StoredSessions sessions) =>
        await sessions.EndAsync(name, Callers.Of(context)) is > 0 and var ended ? TypedResults.Json(new EndedSessions(ended), SessionJson.Default.EndedSessions)
            : TypedResults.Problem("Nobody of this name has a session. The names are those of GET /api/sessions.", statusCode: 404);
}

/// <param name="Ended">How many sessions were ended.</param>
sealed record EndedSessions(int Ended);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IReadOnlyList<OpenSession>))]
[JsonSerializable(typeof(EndedSessions))]
sealed partial class SessionJson : JsonSerializerContext;
