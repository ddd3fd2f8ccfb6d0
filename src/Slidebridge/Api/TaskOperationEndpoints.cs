using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Api;

/// <summary><c>POST /api/tasks/{id}/retry</c>, <c>/cancel</c>, <c>/redeliver</c>, <c>/delete</c>, <c>/rerun</c>, <c>/release</c> and <c>/reject</c>.</summary>
static class TaskOperationEndpoints
{
    public static void MapTaskOperations(this IEndpointRouteBuilder routes)
    {
        var tasks = routes.MapGroup("/api/tasks/{id}").For(Role.Operator).OfOwnCompanies().RefuseOtherSites();
        foreach (var (name, summary) in ((string, string)[])[
            ("retry", "Restarts a failed or cancelled task, or retries a waiting one now"),
            ("cancel", "Cancels a task and stops its classifier"),
            ("delete", "Erases everything about an ended task except that it ended"),
            ("redeliver", "Delivers a saved result, unless it is already on the platform")])
            tasks.MapPost(name, (string id, HttpContext context, TaskOperations operations, TaskProgress progress) => AnswerAsync(id, context, operations.All[name], progress))
                .WithSummary(summary).Produces<TaskJson>().ProducesProblem(404).ProducesProblem(409);
        foreach (var (name, summary) in ((string, string)[])[
            ("release", "Lets a held result be delivered"),
            ("reject", "Rejects a held result: it is not delivered, and the task fails. The body must contain a reason")])
            tasks.MapPost(name, (string id, HttpContext context, TaskOperations operations, TaskProgress progress, DecisionRequest? decision = null) =>
                    AnswerAsync(id, context, (number, caller) => operations.Decisions[name](number, caller, decision?.Reason), progress))
                .WithSummary(summary).Produces<TaskJson>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        tasks.MapPost("rerun", (string id, HttpContext context, TaskOperations operations, TaskProgress progress, bool post = false) => AnswerAsync(id, context, (number, caller) => operations.RerunAsync(number, caller, post), progress))
            .WithSummary("Classifies an ended task again. The new result is stored beside the task's own; with post=true it is posted as a further evaluation")
            .Produces<TaskJson>().ProducesProblem(404).ProducesProblem(409);
    }

    static async Task<IResult> AnswerAsync(string id, HttpContext context, TaskOperations.Operation operation, TaskProgress progress)
    {
        if (!PlatformId.TryParse(id, "task", out var number) || await operation(number, Callers.Of(context)) is not ({ } task, var refused)) return TaskEndpoints.NoSuchTask(id);
        return refused is not null
            ? TypedResults.Problem(refused, statusCode: 409)
            : TypedResults.Json(TaskJson.Of(task, progress, withEvents: false), TaskJsonContext.Default.TaskJson);
    }
}

/// <param name="Reason">Why, for the task's event log and the audit log.</param>
sealed record DecisionRequest(string? Reason);
