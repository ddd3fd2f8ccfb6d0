using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Identity;
using Slidebridge.Lists;
using Slidebridge.Provenance;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Api;

/// <summary>The API that reads tasks.</summary>
static class TaskEndpoints
{
    public static void MapTasks(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/tasks", ListAsync).For(Role.Viewer).WithSummary("Tasks, the newest first")
            .WithDescription("For the next page, give the answer's next as after; for the page before, its previous as before. Pages by cursor do not shift when new tasks arrive.").Produces<TaskPageJson>().ProducesProblem(400);
        var tasks = routes.MapGroup("/api/tasks/{id}").For(Role.Viewer).OfOwnCompanies();
        tasks.MapGet("", ShowAsync).WithSummary("One task with its events").Produces<TaskJson>().ProducesProblem(404);
        tasks.MapGet("result", ResultAsync).Audited("result read").WithSummary("The saved result, as it is posted").Produces(200, contentType: "application/json").ProducesProblem(404);
        tasks.MapGet("rerun/result", RerunResultAsync).Audited("rerun result read").WithSummary("The saved result of the task's last rerun").Produces(200, contentType: "application/json").ProducesProblem(404);
        tasks.MapGet("shadow/result", ShadowResultAsync).Audited("shadow result read").WithSummary("The result of a shadow classifier, which is never posted").Produces(200, contentType: "application/json").ProducesProblem(404);
        tasks.MapGet("shadow/ledger", (string id, string classifier, TaskStore store, CancellationToken stop) => LedgerAsync(id, classifier, store, stop)).WithSummary("The byte ranges that were read for a shadow classifier's result").Produces<IReadOnlyList<ScanLedger>>().ProducesProblem(404);
        tasks.MapGet("ledger", (string id, TaskStore store, CancellationToken stop) => LedgerAsync(id, null, store, stop)).WithSummary("The byte ranges that were read of the slides for the saved result, and where label and macro lie").Produces<IReadOnlyList<ScanLedger>>().ProducesProblem(404);
        tasks.MapGet("rerun/ledger", (string id, TaskStore store, CancellationToken stop) => LedgerAsync(id, TaskRerun.OfOperator, store, stop)).WithSummary("The same for the task's last rerun").Produces<IReadOnlyList<ScanLedger>>().ProducesProblem(404);
        tasks.MapGet("log", LogAsync).Audited("log read").WithSummary("What the classifier wrote in its last run").Produces<string>(200, contentType: "text/plain").ProducesProblem(404);
    }

    static async Task<IResult> ListAsync([AsParameters] TaskListQuery query, HttpContext context, TaskLists lists, TaskProgress progress, CancellationToken cancellationToken)
    {
        if (query.FindFault(context.Request.Query) is { } fault) return Problem(400, fault);
        var (filter, request) = (query.Filter(Callers.Of(context).Companies), query.Page());
        return TypedResults.Json(TaskPageJson.Of(await lists.PageAsync(filter, request, cancellationToken), await lists.CountAsync(filter, cancellationToken), filter, request, progress), TaskJsonContext.Default.TaskPageJson);
    }

    static async Task<IResult> ShowAsync(string id, TaskStore store, TaskProgress progress, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await WholeTask.FindAsync(store, progress, number, cancellationToken) is { } task
            ? TypedResults.Json(task, TaskJsonContext.Default.TaskJson)
            : NoSuchTask(id);

    static async Task<IResult> ResultAsync(string id, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindResultAsync(number, cancellationToken) is { } json
            ? TypedResults.Bytes(json, "application/json")
            : Problem(404, $"Task '{Shortened(id)}' has no result.");

    static async Task<IResult> RerunResultAsync(string id, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindRerunResultAsync(number, cancellationToken) is { } json
            ? TypedResults.Bytes(json, "application/json")
            : Problem(404, $"Task '{Shortened(id)}' has no rerun result.");

    static async Task<IResult> ShadowResultAsync(string id, string classifier, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && classifier.Length > 0 && await store.FindRerunResultAsync(number, cancellationToken, classifier) is { } json
            ? TypedResults.Bytes(json, "application/json")
            : Problem(404, $"Task '{Shortened(id)}' has no result of a shadow classifier '{Shortened(classifier)}'.");

    static async Task<IResult> LedgerAsync(string id, string? of, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindLedgerAsync(number, of, cancellationToken) is { } json
            ? TypedResults.Bytes(json, "application/json")
            : Problem(404, $"Task '{Shortened(id)}' has no ledger of what was read.");

    static async Task<IResult> LogAsync(string id, TaskStore store, CancellationToken cancellationToken) =>
        PlatformId.TryParse(id, "task", out var number) && await store.FindLogAsync(number, cancellationToken) is { } text
            ? TypedResults.Text(text)
            : Problem(404, $"The classifier of task '{Shortened(id)}' has written nothing.");

    internal static ProblemHttpResult NoSuchTask(string id) => Problem(404, $"There is no task '{Shortened(id)}'.");

    internal static string Shortened(string text) => text.Length > 64 ? text[..64] + "…" : text;

    static ProblemHttpResult Problem(int status, string detail) => TypedResults.Problem(detail, statusCode: status);
}
