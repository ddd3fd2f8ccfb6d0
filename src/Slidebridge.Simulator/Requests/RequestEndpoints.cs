using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Slides;

namespace Slidebridge.Simulator.Requests;

/// <summary>The simulator's control API, for a person, a script or a test.</summary>
static class RequestEndpoints
{
    public static void MapRequests(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/simulator/requests", MakeAsync);
        routes.MapGet("/simulator/requests", (PlatformState state) => PlatformEndpoints.Json(ToJson(state.Tasks, state)));
        routes.MapGet("/simulator/requests/{taskId}", Show);
        routes.MapGet("/simulator/slides", (SlideLibrary slides) => PlatformEndpoints.Json(new JsonArray([.. slides.Names.Select(n => JsonValue.Create(n))])));
        routes.MapGet("/simulator/stats", Stats);
        routes.MapDelete("/simulator/state", (PlatformState state) =>
        {
            state.Clear();
            return TypedResults.NoContent();
        });
    }

    static async Task<IResult> MakeAsync(HttpContext context, AiRequests requests, PlatformState state, CancellationToken cancellationToken)
    {
        try
        {
            // Through a document: it refuses duplicate members inside the extra members too.
            using var document = await JsonDocument.ParseAsync(context.Request.Body, new() { AllowDuplicateProperties = false }, cancellationToken);
            var request = document.Deserialize(RequestJson.Default.AiRequest) ?? throw new JsonException("the body must be an object");
            var made = await requests.MakeAsync(request, new Uri($"{context.Request.Scheme}://{context.Request.Host}"), cancellationToken);
            if (made is [var only]) context.Response.Headers.Location = $"/simulator/requests/{only.TaskNumber}";
            return request.Webhook.Length == 0
                ? TypedResults.Text(string.Join('\n', made.Select(DebugNote.Of)))
                : PlatformEndpoints.Json(new JsonObject { ["requests"] = ToJson(made, state) });
        }
        catch (JsonException e)
        {
            return TypedResults.Problem($"The request is invalid: {e.Message}", statusCode: 400);
        }
        catch (AiRequestException e)
        {
            return TypedResults.Problem(e.Message, statusCode: 400);
        }
    }

    static IResult Show(string taskId, PlatformState state) =>
        PlatformIds.Parse("task", taskId) is { } number && state.Find(number) is { } task
            ? PlatformEndpoints.Json(ToJson([task], state)[0]!)
            : TypedResults.Problem($"There is no task '{taskId}'.", statusCode: 404);

    static JsonArray ToJson(IReadOnlyList<SimulatedTask> tasks, PlatformState state)
    {
        var evaluations = state.Evaluations.CountBy(e => e.TaskNumber).ToDictionary();
        return new JsonArray([.. tasks.Select(t => ToJson(t, evaluations.GetValueOrDefault(t.TaskNumber)))]);
    }

    static JsonObject ToJson(SimulatedTask task, int evaluations) => new()
    {
        ["task"] = task.TaskNumber,
        ["task_id"] = task.TaskId,
        ["case"] = task.CaseNumber,
        ["scans"] = new JsonObject(task.Scans.Select(s => KeyValuePair.Create<string, JsonNode?>(s.Id, s.Slide))),
        ["completed"] = task.Completed,
        ["evaluations"] = evaluations,
        ["posts"] = new JsonArray([.. task.Posts.Select(p => JsonValue.Create(p.Status))]),
        ["triage"] = new JsonObject { ["category"] = task.Triage.Category, ["score"] = task.Triage.Score },
        ["webhook"] = task.Webhook is { } answer ? new JsonObject { ["status"] = answer.Status, ["answer"] = answer.Answer, ["milliseconds"] = Math.Round(answer.Milliseconds, 1) } : null,
    };

    static IResult Stats(PlatformState state)
    {
        var tasks = state.Tasks;
        var times = tasks.Where(t => t.Webhook?.Status == 200).Select(t => t.Webhook!.Milliseconds).Order().ToArray();
        return PlatformEndpoints.Json(new JsonObject
        {
            ["requests"] = tasks.Count,
            ["acknowledged"] = times.Length,
            ["completed"] = tasks.Count(t => t.Completed),
            ["evaluations"] = state.Evaluations.Count,
            ["duplicates"] = state.Duplicates,
            ["refused_posts"] = tasks.Sum(t => t.Posts.Count(p => p.Status >= 400)),
            ["slide_requests"] = state.SlideRequests,
            ["slide_bytes"] = state.SlideBytes,
            ["acknowledged_p50_ms"] = times.Length == 0 ? null : Math.Round(times[times.Length / 2], 2),
            ["acknowledged_p99_ms"] = times.Length == 0 ? null : Math.Round(times[times.Length * 99 / 100], 2),
        });
    }
}

[JsonSourceGenerationOptions(UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(AiRequest))]
sealed partial class RequestJson : JsonSerializerContext;
