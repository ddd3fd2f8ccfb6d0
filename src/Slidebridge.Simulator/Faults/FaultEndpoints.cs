using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Slidebridge.Simulator.Faults;

/// <summary>Lists, sets, adds and clears faults.</summary>
static class FaultEndpoints
{
    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/simulator/faults", (FaultPlan plan) => ToJson(plan));
        routes.MapPut("/simulator/faults", (HttpContext context, FaultPlan plan, CancellationToken cancellationToken) => AddAsync(context, plan, replace: true, cancellationToken));
        routes.MapPost("/simulator/faults", (HttpContext context, FaultPlan plan, CancellationToken cancellationToken) => AddAsync(context, plan, replace: false, cancellationToken));
        routes.MapDelete("/simulator/faults", (FaultPlan plan) =>
        {
            plan.Clear();
            return TypedResults.NoContent();
        });
    }

    static async Task<IResult> AddAsync(HttpContext context, FaultPlan plan, bool replace, CancellationToken cancellationToken)
    {
        Fault?[] faults;
        try
        {
            using var document = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: cancellationToken);
            faults = document.RootElement.ValueKind is JsonValueKind.Array
                ? [.. document.Deserialize(FaultJson.Default.ListFault)!]
                : [document.Deserialize(FaultJson.Default.Fault)];
        }
        catch (JsonException e)
        {
            return TypedResults.Problem($"Send a fault or a list of faults: {e.Message}", statusCode: 400);
        }
        if (faults.Select(f => f is null ? "null is not a fault" : f.Problem()).FirstOrDefault(p => p is not null) is { } problem) return TypedResults.Problem(problem, statusCode: 400);
        if (replace) plan.Clear();
        foreach (var fault in faults) plan.Add(fault!);
        return ToJson(plan);
    }

    static JsonHttpResult<List<Fault>> ToJson(FaultPlan plan) => TypedResults.Json(plan.Waiting.ToList(), FaultJson.Default.ListFault);
}

/// <summary>How faults are written as JSON.</summary>
[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(List<Fault>))]
public sealed partial class FaultJson : JsonSerializerContext;
