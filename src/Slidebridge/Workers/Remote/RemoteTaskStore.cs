using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>
/// The store of a worker's runs: each step is a call to the bridge, which takes it only while the worker holds the lease.
/// </summary>
sealed class RemoteTaskStore(BridgeLink bridge, LeasedTasks leases, ResultUpload upload) : ITaskStore, IDelivery
{
    public Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken) => Task.FromResult(leases.Find(number));

    public async Task UnclaimAsync(long number)
    {
        if (leases.Find(number) is { } task) await QuietlyAsync(ReleaseAsync(Of(task), "released: the worker stops"));
    }

    public async Task<BridgeTask?> AcquireAsync(long number, string classifier, bool isAlone = false, TimeSpan waitAfterCrash = default)
    {
        if (leases.Find(number) is not { } task) return null;
        if (isAlone) await bridge.StepAsync(HttpMethod.Post, Of(task), "alone", () => null, CancellationToken.None);
        return task;
    }

    public Task HandOverAsync(long number, string group, string classifier) => UnclaimAsync(number);

    public Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null) => FailAsync(lease, what, changes ?? new TaskChanges());

    public Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes) => FailAsync(lease, null, changes, wait);

    public Task FailAsync(TaskLease lease, string plain, TaskChanges failure) => FailAsync(lease, plain, failure, null);

    async Task FailAsync(TaskLease lease, string? plain, TaskChanges changes, TimeSpan? wait) => await bridge.StepAsync(
        HttpMethod.Post, lease, "failure",
        () => BridgeLink.Json(new FailedRun(wait?.TotalSeconds, changes.Error, changes.Cause, plain, changes.Delays ?? lease.Task.Delays, CostJson.Of(changes.Cost)), WorkJson.Default.FailedRun), CancellationToken.None);

    public Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait = default) =>
        bridge.StepAsync(HttpMethod.Post, lease, "release", () => BridgeLink.Json(new ReleasedRun(why, wait.TotalSeconds), WorkJson.Default.ReleasedRun), CancellationToken.None);

    /// <summary>The bridge delivers what it has taken.</summary>
    public Task DeliverAsync(TaskLease lease, byte[] results) => Task.CompletedTask;

    public Task ResumeAsync(TaskLease lease) => throw new NotSupportedException("Only the bridge delivers.");

    public Task SaveResultAsync(TaskLease lease, ClassifiedResult result, string what, TaskChanges changes) => upload.SendAsync(lease, result, changes.Cost);

    public Task ChargeAsync(TaskLease lease, RunCost cost) => NoteAsync(lease, new RunNotes(Cost: CostJson.Of(cost)));

    public Task KeepLogAsync(TaskLease lease, string text) => NoteAsync(lease, new RunNotes(Log: text));

    public Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings) =>
        NoteAsync(lease, new RunNotes(Warnings: [.. warnings.Select(w => new NotedWarning(w.ScanId, w.Warning.Code, w.Warning.Message))]));

    public Task<bool> HasPictureAsync(long number, string scanId, CancellationToken cancellationToken) => Task.FromResult(leases.HasPicture(number, scanId));

    public Task KeepPictureAsync(TaskLease lease, ScanPicture picture) => bridge.StepAsync(
        HttpMethod.Put, lease, $"pictures/{picture.ScanId}", () => BridgeLink.Json(new PictureJson(picture.SlideWidth, picture.SlideHeight, picture.Jpeg), WorkJson.Default.PictureJson), lease.Stopping);

    Task NoteAsync(TaskLease lease, RunNotes notes) =>
        QuietlyAsync(bridge.StepAsync(HttpMethod.Post, lease, "notes", () => BridgeLink.Json(notes, WorkJson.Default.RunNotes), lease.Stopping));

    /// <summary>For calls that must not make a run fail.</summary>
    static async Task QuietlyAsync(Task call)
    {
        try
        {
            await call;
        }
        catch (Exception e) when (e is TaskMovedOnException or StorageException or OperationCanceledException)
        {
            // The lease is lost, or the bridge is away for too long.
        }
    }

    static TaskLease Of(BridgeTask task) => new(task, 0, CancellationToken.None, CancellationToken.None);
}
