using Slidebridge.Provenance;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Api;

/// <summary>One task with everything that belongs to it.</summary>
static class WholeTask
{
    /// <summary>The task, or null.</summary>
    public static async Task<TaskJson?> FindAsync(TaskStore store, TaskProgress progress, long number, CancellationToken cancellationToken) =>
        await store.FindWithEventsAsync(number, cancellationToken) is { } task ? await OfAsync(store, progress, task, cancellationToken) : null;

    /// <param name="store">Has what belongs to the task.</param>
    /// <param name="progress">How far its scans are.</param>
    /// <param name="task">The row, with its events.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<TaskJson> OfAsync(TaskStore store, TaskProgress progress, BridgeTask task, CancellationToken cancellationToken)
    {
        var (result, rerun) = await store.FindProvenanceAsync(task.Number, cancellationToken);
        var shadows = await store.FindShadowsAsync(task.Number, cancellationToken);
        if (task.State is TaskState.Running && !progress.IsHere(task.Number) && await store.FindProgressAsync(task.Number, cancellationToken) is { } elsewhere) progress.Keep(task.Number, elsewhere);
        return TaskJson.Of(task, progress, withEvents: true) with
        {
            Rerun = await store.FindRerunAsync(task.Number, cancellationToken),
            Provenance = result is null ? null : ResultProvenance.Parse(result),
            Shadows = shadows.Count == 0 ? null : [.. shadows.Select(s => new ShadowJson(s.Classifier, s.State, s.UpdatedAt, s.Error, s.Cause, s.HasResult, s.Provenance is null ? null : ResultProvenance.Parse(s.Provenance)))],
            RerunProvenance = rerun is null ? null : ResultProvenance.Parse(rerun),
        };
    }
}
