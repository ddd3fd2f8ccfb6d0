using System.Text.Json.Serialization;
using Quartz;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Events;
using Slidebridge.Execution;
using Slidebridge.Fleet;
using Slidebridge.Identity;
using Slidebridge.Security;
using Slidebridge.Staging;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Api;

/// <summary>For load balancers and orchestrators: whether the process is alive, and whether it can receive and run tasks.</summary>
static class HealthEndpoints
{
    /// <summary>Some load balancers ask by HEAD.</summary>
    static readonly string[] Methods = ["GET", "HEAD"];

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapMethods("/health/live", Methods, () => TypedResults.Json(new Health("ok"), HealthJson.Default.Health)).AllowAnonymous().WithSummary("The process is alive");
        routes.MapMethods("/health/ready", Methods, ReadyAsync).AllowAnonymous().WithSummary("The node receives and runs tasks").Produces<Health>().Produces<Health>(503);
    }

    static async Task<IResult> ReadyAsync(HttpContext context, TaskStore store, RunningTasks running, FreeSpace space, NodeOptions node, IServiceProvider services, CancellationToken cancellationToken)
    {
        var why = running.Draining.IsCancellationRequested ? "The node is stopping." : space.Shortage ?? await WhyNotAsync(store, services.GetService<ISchedulerFactory>(), cancellationToken);
        // A node that receives tasks continues to do so: the tasks are stored, and wait. A node that only runs tasks is of no use in this state.
        var fault = FaultOf(services, node);
        // Other hosts' slides still load, so the node stays ready: otherwise the owner of one slow host could stop the bridge.
        var stuck = services.GetRequiredService<Openings>().Shortage;
        // Tasks do not wait for their events.
        var events = services.GetService<EventSending>()?.Trouble;
        // Nor do the tasks that run.
        var fleet = why is null ? await services.GetRequiredService<FleetStatus>().TroubleAsync(cancellationToken) : null;
        var isReady = why is null && (fault is null || node.TakesTasks);
        // The reason is only for callers that may see tasks, because it quotes programs and paths.
        return TypedResults.Json(new Health(isReady ? "ready" : "not ready", await Access.MayAsync(context, Role.Viewer) ? why ?? fault ?? stuck ?? fleet ?? events : null), HealthJson.Default.Health, statusCode: isReady ? 200 : 503);
    }

    static string? FaultOf(IServiceProvider services, NodeOptions node) => !node.RunsTasks ? null
        : services.GetRequiredService<ClassifierCatalog>().Routed.FirstOrDefault(c => c.Fault is not null) is { } classifier ? $"The classifier {classifier.Name} does not start: {classifier.Fault}" : null;

    static async Task<string?> WhyNotAsync(TaskStore store, ISchedulerFactory? schedulers, CancellationToken cancellationToken)
    {
        try
        {
            if (!await store.IsReachableAsync(cancellationToken)) return "The task database cannot be opened.";
            if (schedulers is null) return null; // A web node has no scheduler.
            var scheduler = await schedulers.GetScheduler(cancellationToken);
            return (await scheduler.GetStatus(cancellationToken)) is SchedulerStatus.Running ? null : "The scheduler is not running.";
        }
        catch (NewerDatabaseException e)
        {
            return e.Message;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            return $"The task database or the scheduler failed ({e.GetType().Name}).";
        }
    }
}

sealed record Health(string Status, string? Why = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Health))]
sealed partial class HealthJson : JsonSerializerContext;
