using System.Text.Json.Serialization;
using Slidebridge.Identity;
using Slidebridge.Security;

namespace Slidebridge.Checks;

/// <summary><c>POST /api/setup/check</c> and <c>POST /api/setup/try</c>: look at the set-up of the node that answers, and try one of its classifiers.</summary>
static class SetUpEndpoints
{
    public static void MapSetUp(this IEndpointRouteBuilder routes)
    {
        var setUp = routes.MapGroup("/api/setup").For(Role.Admin).OfAllCompanies().RefuseOtherSites();
        setUp.MapPost("check", async (SetUpChecks checks, CancellationToken stop) => TypedResults.Json(await checks.LookAsync(stop), SetUpJson.Default.SetUpCheck))
            .WithSummary("Checks what 'slidebridge doctor' checks, on the node that answers").Produces<SetUpCheck>();
        setUp.MapPost("try", TryAsync).WithSummary("Runs a classifier of the node that answers once on a generated slide. Nothing is stored or posted").Produces<Trial>().ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<IResult> TryAsync(string classifier, HttpContext context, ClassifierTrials trials, AuditLog audit, CancellationToken cancellationToken, bool shadow = false)
    {
        if (trials.All.FirstOrDefault(each => each.Classifier.Name == classifier && each.IsShadow == shadow).Classifier is not { } wanted) return TypedResults.Problem("This node runs no such classifier.", statusCode: 404);
        await audit.ReadAsync(Callers.Of(context), "classifier tried", $"classifier {wanted.Name}", cancellationToken);
        return await trials.RunAsync(wanted, shadow) is { } trial
            ? TypedResults.Json(trial, SetUpJson.Default.Trial)
            : TypedResults.Problem("A trial on this node has not ended yet: its classifier still runs.", statusCode: 409);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SetUpCheck))]
[JsonSerializable(typeof(Trial))]
sealed partial class SetUpJson : JsonSerializerContext;
