using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Staging;
using Slidebridge.Tasks;
using Slidebridge.Verification;

namespace Slidebridge.Webhook;

/// <summary>
/// The endpoint that the platform calls for every task. It answers only once the webhook's content is on disk:
/// 1. authenticate, 2. check the limits of waiting tasks and of the rate, 3. read the body, up to its size limit, 4. parse, 5. commit, 6. answer.
/// Whether the task is the platform's is checked after the answer: <see cref="Verification.TaskVerifier"/>.
/// </summary>
static class WebhookEndpoint
{
    /// <summary>Time within which the body must arrive.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static void MapWebhook(this IEndpointRouteBuilder routes)
    {
        // The platform can be configured with a URL only, not with a header, so the shared secret is part of the path.
        routes.MapPost("/webhook", (HttpContext context, WebhookOptions options) => AnswerAsync(context, null, options)).AllowAnonymous().WithSummary("Takes a task").Accepts<JsonObject>("*/*").Documented();
        routes.MapPost("/webhook/{key}", (HttpContext context, string key, WebhookOptions options) => AnswerAsync(context, key, options)).AllowAnonymous().WithSummary("Takes a task, with the webhook's key").Accepts<JsonObject>("*/*").Documented();
    }

    static void Documented(this RouteHandlerBuilder endpoint) => endpoint
        .Produces<Accepted>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(408).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503);

    static async Task<IResult> AnswerAsync(HttpContext context, string? key, WebhookOptions options)
    {
        var answer = await TakeAsync(context, key, options);
        // Who sends what no platform sends, or too much of it, may be trying something. RefusedCallers has recorded wrong keys. The sentence of the answer may quote the body, so it stays out.
        if (answer is IStatusCodeHttpResult { StatusCode: (400 or 403 or 413 or 415 or 429) and var status })
            context.RequestServices.GetRequiredService<AuditLog>().Refuse("unknown", context.Connection.RemoteIpAddress?.ToString(), Access.CallOf(context), $"answered {status}");
        return answer;
    }

    static async Task<IResult> TakeAsync(HttpContext context, string? key, WebhookOptions options)
    {
        // 1.
        if (await RefusalAsync(context, options, key) is { } refused) return refused;

        // 2.
        var from = context.Connection.RemoteIpAddress?.ToString() ?? "unknown";
        var limits = context.RequestServices.GetRequiredService<WebhookLimits>();
        if (limits.IsTooFast(from)) return Later(context, 429, 1, "Too many webhooks per second; send this one again later.");
        if (context.RequestServices.GetRequiredService<FreeSpace>().Shortage is { } shortage) return Later(context, 503, 60, shortage);
        if (await context.RequestServices.GetRequiredService<WaitingTasks>().IsFullAsync(context.RequestAborted)) return Later(context, 429, 60, "The limit of waiting tasks (--most-waiting) is reached; send the webhook again later.");

        // 3.
        ReadOnlyMemory<byte>? read;
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
            patience.CancelAfter(Patience);
            read = await WebhookBody.ReadAsync(context.Request, limits, from, patience.Token);
        }
        catch (WebhookLimitException e)
        {
            return Later(context, 429, 1, e.Message);
        }
        catch (WebhookEncodingException e)
        {
            context.Response.Headers.AcceptEncoding = WebhookBody.Encodings;
            return Problem(415, e.Message);
        }
        catch (InvalidDataException)
        {
            return Problem(400, "The body is damaged: it cannot be decompressed as its Content-Encoding says.");
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            var status = e is BadHttpRequestException bad ? bad.StatusCode : e is OperationCanceledException ? 408 : 400;
            context.Response.Headers.Connection = "close"; // The rest of the body is useless.
            return Problem(status, status == 408 ? $"The body did not arrive within {Patience.TotalSeconds} s." : "The connection broke before the whole body had arrived.");
        }
        if (read is not { } body) return Problem(413, $"The body is larger than {WebhookBody.Largest} bytes.");

        // 4.
        WebhookRequest request;
        try
        {
            request = WebhookRequestParser.Parse(body, options.KeepsUnknownFields);
        }
        catch (WebhookRequestException e)
        {
            return context.Request.HasFormContentType && e.Field == "$" ? Problem(415, "The body is a form; send the JSON object itself, with Content-Type: application/json.") : Problem(400, e.Message, e.Field);
        }

        // 5.
        var intake = context.RequestServices.GetRequiredService<TaskIntake>();
        var call = new WebhookCall(from, body.Length, Convert.ToHexStringLower(SHA256.HashData(body.Span)));
        try
        {
            if (request.Token is null && !options.AllowsTokenless && !LocalCaller.Is(context))
            {
                await intake.RecordRefusedAsync(request, call, "it has no token");
                return Problem(403, "The task has no jwt_token. Without --allow-tokenless-tasks, the bridge accepts such tasks from its own machine only.");
            }
            await intake.AcceptAsync(request, call, context.RequestAborted);
        }
        catch (WebhookLimitException e)
        {
            return Later(context, 429, 10, e.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Not on disk, so not acknowledged: the platform still has the task.
            LogNotStored(context, request.TaskNumber, e.GetBaseException().Message);
            return Later(context, 503, 10, "The task could not be stored; send the webhook again later.");
        }

        // 6.
        return TypedResults.Json(new Accepted("Processing started", request.TaskId), WebhookJson.Default.Accepted);
    }

    static async Task<ProblemHttpResult?> RefusalAsync(HttpContext context, WebhookOptions options, string? key)
    {
        var isRight = options.Keys.Count == 0 ? key is null : options.Keys.Aggregate(false, (found, expected) => SecretComparer.Matches(expected, key) | found);
        if (!isRight)
        {
            await context.RequestServices.GetRequiredService<RefusedCallers>().CountAsync(context, "webhook key");
            return Problem(401, options.Keys.Count == 0
                ? "This bridge has no webhook key: call /webhook, or start the bridge with --webhook-key."
                : "This bridge requires its webhook key: call /webhook/KEY.");
        }
        if (LocalCaller.IsOtherSites(context.Request)) return Problem(403, "Requests from a page of another site are not allowed.");
        // A browser sends these content types for another site's page without a CORS preflight request.
        if (options.Keys.Count == 0 && context.Request.ContentType is { } type && SimpleTypes.Any(simple => type.StartsWith(simple, StringComparison.OrdinalIgnoreCase)))
            return Problem(415, "Send Content-Type: application/json.");
        return null;
    }

    static readonly string[] SimpleTypes = ["text/plain", "multipart/form-data"];

    static ProblemHttpResult Later(HttpContext context, int status, int seconds, string detail)
    {
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return Problem(status, detail);
    }

    static void LogNotStored(HttpContext context, long task, string why) =>
        WebhookLog.NotStored(context.RequestServices.GetRequiredService<ILogger<WebhookLog>>(), task, why);

    static ProblemHttpResult Problem(int status, string detail, string? field = null) => TypedResults.Problem(
        detail, statusCode: status, extensions: field is null ? null : [new("field", field)]);
}

/// <summary>The answer to a webhook call; the platform reads only the message.</summary>
/// <param name="Message">Always <c>Processing started</c>.</param>
/// <param name="TaskId">The task's id as it was received.</param>
sealed record Accepted(
    [property: JsonPropertyName("message")] string Message,
    [property: JsonPropertyName("task_id")] string TaskId);

[JsonSerializable(typeof(Accepted))]
sealed partial class WebhookJson : JsonSerializerContext;

sealed partial class WebhookLog
{
    [LoggerMessage(50, LogLevel.Error, "Task {Task}: could not be stored and was not acknowledged: {Why}")]
    public static partial void NotStored(ILogger logger, long task, string why);
}
