using Slidebridge.Classifiers.Catalog;
using Slidebridge.Delivery;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>Which rule a run follows: on the bridge one of its routes, on a worker elsewhere the one that its lease states.</summary>
interface ITaskRoutes
{
    /// <summary>The rule for a task, or null.</summary>
    ClassifierRoute? Find(BridgeTask task);

    /// <summary>The rule for a task that is about to be classified.</summary>
    /// <exception cref="NoRouteException">No rule matches the task.</exception>
    ClassifierRoute Choose(BridgeTask task);

    /// <summary>Whether the record of what made a task's result becomes a part of it (<c>--post-provenance</c>).</summary>
    bool PostsProvenance(BridgeTask task);
}

/// <summary>The bridge's routes.</summary>
sealed class TaskRoutes(Router router, DeliveryOptions delivery) : ITaskRoutes
{
    public ClassifierRoute? Find(BridgeTask task) => router.Find(task.Model, task.CompanyId, [.. task.Scans.Select(scan => scan.Stain)]);

    public ClassifierRoute Choose(BridgeTask task) => router.Choose(task.Model, task.CompanyId, [.. task.Scans.Select(scan => scan.Stain)]);

    public bool PostsProvenance(BridgeTask task) => delivery.PostProvenance;
}
