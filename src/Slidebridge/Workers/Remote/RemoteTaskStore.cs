using System.Net;
using System.Security.Cryptography;
using Slidebridge.Sdk;
using Slidebridge.Slides;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers.Remote;

/// <summary>
/// The store of a worker's runs: each step is a call to the bridge, which takes it only while the worker holds the lease. A result is first written to the worker's disk, and kept there until the bridge has taken it.
/// </summary>
sealed class RemoteTaskStore(BridgeLink bridge, LeasedTasks leases, DataDirectory data) : ITaskStore, IDelivery
{
    /// <summary>Uploads of one result: a part may be lost where a bridge's database was restored.</summary>
    const int MostUploads = 3;

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

    /// <summary>Not cancelled when the worker stops: the work of an hour would be lost for the seconds of an upload.</summary>
    /// <exception cref="ClassifierException">The bridge does not take a result of this size.</exception>
    public async Task SaveResultAsync(TaskLease lease, ClassifiedResult result, string what, TaskChanges changes)
    {
        var file = data.File("work", "results", $"{lease.Number}.{lease.FencingToken}");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        byte[] all = [.. result.Json, .. result.Provenance, .. result.Ledger ?? []];
        await File.WriteAllBytesAsync(file, all);
        try
        {
            var sum = Convert.ToHexStringLower(SHA256.HashData(all));
            var parts = Math.Max(1, (all.Length + WorkProtocol.PartBytes - 1) / WorkProtocol.PartBytes);
            var end = new ResultEnd(parts, result.Json.Length, result.Provenance.Length, result.Ledger?.Length ?? 0, sum, CostJson.Of(changes.Cost));
            for (var uploads = 1; ; uploads++)
            {
                for (var part = 0; part < parts; part++)
                {
                    var bytes = all.AsMemory(part * WorkProtocol.PartBytes, Math.Min(WorkProtocol.PartBytes, all.Length - part * WorkProtocol.PartBytes));
                    CheckSize(await bridge.StepAsync(HttpMethod.Put, lease, $"result/{part}", () => new ReadOnlyMemoryContent(bytes), CancellationToken.None));
                }
                var status = await bridge.StepAsync(HttpMethod.Post, lease, "result", () => BridgeLink.Json(end, WorkJson.Default.ResultEnd), CancellationToken.None);
                CheckSize(status);
                if (status is not HttpStatusCode.UnprocessableEntity) return;
                if (uploads == MostUploads) throw new StorageException($"The bridge did not receive the result of task {lease.Number} intact.");
            }
        }
        finally
        {
            File.Delete(file);
        }

        static void CheckSize(HttpStatusCode status)
        {
            if (status is HttpStatusCode.RequestEntityTooLarge) throw new ClassifierException("The result is larger than the bridge accepts (--largest-result of the bridge).");
        }
    }

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
