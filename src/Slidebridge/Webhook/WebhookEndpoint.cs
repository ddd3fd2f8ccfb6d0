using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Security;
using Slidebridge.Staging;
using Slidebridge.Tasks;

namespace Slidebridge.Webhook;

/// <summary>
/// What the platform calls for every task. It answers once the task is on disk, and not before:
/// 1. authenticate, 2. see that there is room, 3. read the body within its limit, 4. parse, 5. commit, 6. answer.
/// </summary>
static class WebhookEndpoint
{
    /// <summary>A request with a thousand presigned URLs is below this, in bytes.</summary>
    public const int LargestBody = 1 << 20;

    public static void MapWebhook(this IEndpointRouteBuilder routes)
    {
        // The platform can be given a URL only, no header: a shared secret has to fit into the path.
        routes.MapPost("/webhook", (HttpContext context, WebhookOptions options, TaskIntake intake) => AnswerAsync(context, null, options, intake))
            .WithSummary("Takes a task").Accepts<JsonObject>("*/*").Documented();
        routes.MapPost("/webhook/{key}", (HttpContext context, string key, WebhookOptions options, TaskIntake intake) => AnswerAsync(context, key, options, intake))
            .WithSummary("Takes a task, with the webhook's key").Accepts<JsonObject>("*/*").Documented();
    }

    static void Documented(this RouteHandlerBuilder endpoint) => endpoint
        .Produces<Accepted>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(413).ProducesProblem(503);

    static async Task<IResult> AnswerAsync(HttpContext context, string? key, WebhookOptions options, TaskIntake intake)
    {
        if (!SecretComparer.Matches(options.Key, key))
            return Problem(401, options.Key is null
                ? "This webhook has no key: call /webhook, or start the bridge with --webhook-key."
                : "This webhook needs its key: call /webhook/KEY.");

        if (context.RequestServices.GetRequiredService<FreeSpace>().Shortage is { } shortage)
        {
            context.Response.Headers.RetryAfter = "60";
            return Problem(503, shortage);
        }

        if (await BodyAsync(context) is not { } body)
            return Problem(413, $"The body is larger than {LargestBody} bytes.");

        WebhookRequest request;
        try
        {
            request = WebhookRequestParser.Parse(body);
        }
        catch (WebhookRequestException e)
        {
            return Problem(400, e.Message, e.Field);
        }

        try
        {
            await intake.AcceptAsync(request);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Not on disk, so not acknowledged: the platform keeps the task.
            LogNotStored(context, request.TaskNumber, e.GetBaseException().Message);
            context.Response.Headers.RetryAfter = "10";
            return Problem(503, "The task could not be stored; send it again later.");
        }
        return TypedResults.Json(new Accepted("Processing started", request.TaskId), WebhookJson.Default.Accepted);
    }

    static void LogNotStored(HttpContext context, long task, string why) =>
        WebhookLog.NotStored(context.RequestServices.GetRequiredService<ILogger<WebhookLog>>(), task, why);

    static ProblemHttpResult Problem(int status, string detail, string? field = null) => TypedResults.Problem(
        detail, statusCode: status, extensions: field is null ? null : [new("field", field)]);

    /// <summary>The whole body, or null where it is too large.</summary>
    static async Task<ReadOnlyMemory<byte>?> BodyAsync(HttpContext context)
    {
        if (context.Request.ContentLength > LargestBody) return null;
        using var body = new MemoryStream((int)(context.Request.ContentLength ?? 4096));
        var reader = context.Request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(context.RequestAborted);
            foreach (var part in read.Buffer) body.Write(part.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (body.Length > LargestBody) return null;
            if (read.IsCompleted) return body.ToArray();
        }
    }
}

/// <summary>The answer to a webhook call; the platform reads the message only.</summary>
/// <param name="Message">Always <c>Processing started</c>.</param>
/// <param name="TaskId">The task's id as it was sent.</param>
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
