using Slidebridge.Provenance;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Api;

/// <summary>One task with everything that belongs to it.</summary>
static class WholeTask
{
    /// <summary>The task, or null.</summary>
    public static async Task<TaskJson?> FindAsync(TaskStore store, TaskProgress progress, long number, CancellationToken cancellationToken)
    {
        if (await store.FindWithEventsAsync(number, cancellationToken) is not { } task) return null;
        var (result, rerun) = await store.FindProvenanceAsync(number, cancellationToken);
        var shadows = await store.FindShadowsAsync(number, cancellationToken);
        return TaskJson.Of(task, progress, withEvents: true) with
        {
            Rerun = await store.FindRerunAsync(number, cancellationToken),
            Provenance = result is null ? null : ResultProvenance.Parse(result),
            Shadows = shadows.Count == 0 ? null : [.. shadows.Select(s => new ShadowJson(s.Classifier, s.State, s.UpdatedAt, s.Error, s.Cause, s.HasResult, s.Provenance is null ? null : ResultProvenance.Parse(s.Provenance)))],
            RerunProvenance = rerun is null ? null : ResultProvenance.Parse(rerun),
        };
    }
}
