using Slidebridge.Delivery;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Execution;

/// <summary>Saves a valid result as the task's route says: to be delivered, or to be held for an operator first; and asks for the route's shadow classifiers in the same commit.</summary>
sealed class ResultSaving(ITaskStore store, ITaskRoutes routes, HoldOptions holds, DeliveryOptions delivery)
{
    /// <summary>Saves the result. From then on it is never computed again.</summary>
    /// <returns>False: it is held.</returns>
    /// <inheritdoc cref="ITaskStore.AdvanceAsync" path="/exception"/>
    public async Task<bool> SaveAsync(TaskLease lease, ClassifiedResult result, RunCost cost)
    {
        var route = routes.Find(lease.Task);
        var isHeld = route is { Hold: true };
        var what = $"result saved ({Counted.Text(result.Json.Length, "byte")})";
        await store.SaveResultAsync(lease, result, isHeld ? $"{what}; held until an operator releases it, at most {Duration.Text(holds.Limit)}" : what, new TaskChanges
        {
            Recovers = true,
            Delays = 0,
            DeliverWithin = isHeld ? null : delivery.Window,
            HoldFor = isHeld ? holds.Limit : null,
            Shadows = route?.Shadows ?? [],
            Cost = cost,
        });
        return !isHeld;
    }
}
