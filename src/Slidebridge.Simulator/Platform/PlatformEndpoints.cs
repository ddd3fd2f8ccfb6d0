using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Validation;

namespace Slidebridge.Simulator.Platform;

/// <summary>The platform's API. It enforces the documented rules.</summary>
static class PlatformEndpoints
{
    public static void MapPlatform(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v3/token", TokenAsync);
        routes.MapPost("/api/v3/external/results/{taskId}", ResultsAsync);
        routes.MapGet("/api/v3/external/case_evaluations/{taskId}", Evaluations);
        routes.MapPatch("/api/v3/external/case/{taskId}", CaseAsync);
        routes.MapPost("/api/graphql", GraphQl.AnswerAsync);
    }

    /// <summary>The credentials: Basic id:secret, or both as fields of the form.</summary>
    static async Task<IResult> TokenAsync(HttpContext context, AccessTokens tokens, SimulatorOptions options, PlatformState state, CancellationToken cancellationToken)
    {
        if (!context.Request.HasFormContentType) return Error(400, "the body must be a form with grant_type=client_credentials");
        IFormCollection form;
        try
        {
            form = await context.Request.ReadFormAsync(cancellationToken);
        }
        catch (InvalidDataException)
        {
            return Error(400, "the form cannot be read");
        }
        if (form["grant_type"] != "client_credentials") return Error(400, "grant_type must be client_credentials");
        var (id, secret) = Basic(context.Request.Headers.Authorization) ?? (form["client_id"].ToString(), form["client_secret"].ToString());
        if (id != options.ApiKeyId || secret != options.ApiKeySecret) return Error(401, "the API key is unknown");
        state.Tell("issued a token for the API key");
        return Json(new JsonObject { ["access_token"] = tokens.Give(null, options.KeyTokenLifetime), ["token_type"] = "Bearer" });
    }

    static async Task<IResult> ResultsAsync(HttpContext context, string taskId, AccessTokens tokens, PlatformState state, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Find(taskId, state) is not { } task) return Error(404, "there is no such task");
        var answer = await TakeAsync(context.Request, task, tokens, state, cancellationToken);
        var status = (answer as IStatusCodeHttpResult)?.StatusCode ?? 500;
        task.Posts.Enqueue(new SimulatedPost(time.GetUtcNow(), status));
        state.Tell($"results of task {task.TaskNumber} posted: {status}");
        return answer;
    }

    static async Task<IResult> TakeAsync(HttpRequest request, SimulatedTask task, AccessTokens tokens, PlatformState state, CancellationToken cancellationToken)
    {
        if (!tokens.Allows(request, task.TaskNumber)) return Unauthorized();
        try
        {
            var results = await JsonSerializer.DeserializeAsync<JsonElement>(request.Body, cancellationToken: cancellationToken);
            var problems = ResultsValidator.Validate(results, [.. task.Scans.Select(s => s.Id)], ResultsStrictness.Platform);
            if (problems.Count > 0) return Error(400, string.Join("; ", problems));
            state.Append(task, results);
            return TypedResults.Text("null", "application/json", statusCode: 201);
        }
        catch (JsonException e)
        {
            return Error(400, $"not valid JSON at line {e.LineNumber + 1}");
        }
        catch (InvalidOperationException)
        {
            return Error(400, "the body contains text that is not Unicode");
        }
    }

    /// <summary>Every evaluation of the task's case, from all tasks of the case.</summary>
    static IResult Evaluations(HttpContext context, string taskId, AccessTokens tokens, PlatformState state)
    {
        if (Find(taskId, state) is not { } task) return Error(404, "there is no such task");
        if (!tokens.Allows(context.Request, task.TaskNumber)) return Unauthorized();
        return Json(new JsonArray([.. state.Evaluations.Where(e => e.CaseNumber == task.CaseNumber).Select(ToJson)]));
    }

    static JsonObject ToJson(SimulatedEvaluation evaluation) => new()
    {
        ["id"] = evaluation.Id,
        ["sample_id"] = long.Parse(evaluation.Scan, CultureInfo.InvariantCulture),
        ["case_id"] = evaluation.CaseNumber,
        ["task_id"] = evaluation.TaskNumber,
        ["details"] = EvaluationDetails.Of(evaluation.Result, evaluation.CaseResults),
    };

    static async Task<IResult> CaseAsync(HttpContext context, string taskId, AccessTokens tokens, PlatformState state, CancellationToken cancellationToken)
    {
        if (Find(taskId, state) is not { } task) return Error(404, "there is no such task");
        if (!tokens.Allows(context.Request, task.TaskNumber)) return Unauthorized();
        try
        {
            var triage = await JsonSerializer.DeserializeAsync<JsonElement>(context.Request.Body, cancellationToken: cancellationToken);
            task.Case.Triage = (
                triage.TryGetProperty("triage_category", out var category) ? category.GetString() ?? throw new FormatException() : task.Case.Triage.Category,
                triage.TryGetProperty("triage_score", out var score) ? Finite(score) : task.Case.Triage.Score);
            state.Tell($"triage of case {task.CaseNumber} set: {task.Case.Triage.Category ?? "no category"}, score {task.Case.Triage.Score?.ToString(CultureInfo.InvariantCulture) ?? "none"}");
            return TypedResults.NoContent();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return Error(400, "the body must be an object with triage_category (a string) and triage_score (a number)");
        }
    }

    static double Finite(JsonElement number) => number.GetDouble() is var value && double.IsFinite(value) ? value : throw new FormatException();

    internal static IResult Unauthorized() => Error(401, "the token is missing, wrong or expired");

    internal static IResult Error(int status, string words) => TypedResults.Text(new JsonObject { ["error"] = words }.ToJsonString(), "application/json", statusCode: status);

    internal static IResult Json(JsonNode json) => TypedResults.Text(json.ToJsonString(Readable), "application/json");

    /// <summary>Escapes only what JSON requires: people read these answers in a terminal, and no browser runs them as a script.</summary>
    static readonly JsonSerializerOptions Readable = new() { MaxDepth = 128, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static SimulatedTask? Find(string taskId, PlatformState state) => PlatformIds.Parse("task", taskId) is { } number ? state.Find(number) : null;

    static (string Id, string Secret)? Basic(string? header)
    {
        if (header?.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) != true) return null;
        try
        {
            var pair = Encoding.UTF8.GetString(Convert.FromBase64String(header[6..].Trim())).Split(':', 2);
            return pair.Length == 2 ? (pair[0], pair[1]) : null;
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
