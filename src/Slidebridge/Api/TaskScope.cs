using Slidebridge.Identity;
using Slidebridge.Storage;
using Slidebridge.Techcyte;

namespace Slidebridge.Api;

/// <summary>What every endpoint below <c>/api/tasks/{id}</c> shares: a caller sees only the tasks of its companies, and what it saw is recorded.</summary>
static class TaskScope
{
    /// <summary>A task of another company is answered like one that does not exist.</summary>
    public static TBuilder OfOwnCompanies<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (context, next) =>
    {
        var caller = Callers.Of(context.HttpContext);
        if (caller.Companies.Count == 0) return await next(context);
        var id = IdOf(context.HttpContext);
        var store = context.HttpContext.RequestServices.GetRequiredService<TaskStore>();
        if (PlatformId.TryParse(id, "task", out var number) && caller.MaySee(await store.FindCompanyAsync(number, context.HttpContext.RequestAborted))) return await next(context);
        context.HttpContext.RequestServices.GetRequiredService<AuditLog>().Refuse(caller.Name, caller.From, Access.CallOf(context.HttpContext), "the task is of another company, or does not exist");
        return TaskEndpoints.NoSuchTask(id);
    });

    /// <summary>Writes a line to the audit log when the answer shows something of a patient.</summary>
    /// <param name="builder">The endpoint.</param>
    /// <param name="action">What the caller saw.</param>
    public static TBuilder Audited<TBuilder>(this TBuilder builder, string action) where TBuilder : IEndpointConventionBuilder => builder.AddEndpointFilter(async (context, next) =>
    {
        var answer = await next(context);
        if (answer is not IStatusCodeHttpResult { StatusCode: >= 400 })
            await context.HttpContext.RequestServices.GetRequiredService<AuditLog>().ReadAsync(Callers.Of(context.HttpContext), action, SubjectOf(context.HttpContext), context.HttpContext.RequestAborted);
        return answer;
    });

    static string IdOf(HttpContext context) => context.GetRouteValue("id") as string ?? "";

    static string? SubjectOf(HttpContext context) => !PlatformId.TryParse(IdOf(context), "task", out var number) ? null
        : context.GetRouteValue("scan") is string scan ? $"task {number}, scan {scan}" : $"task {number}";
}
