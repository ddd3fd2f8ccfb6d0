using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Delivery;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Workers;

/// <summary>What a worker receives of a task: everything but the platform's token; for slides whose URLs expire, or that the worker cannot reach, URLs of the bridge.</summary>
sealed class LeasePacking(
    ITaskStore store, TaskVault vault, IDbContextFactory<TaskDatabase> databases, ITaskRoutes routes, FailureReports reports, ClassifierOptions classifiers, DeliveryOptions delivery, RetryOptions retries, LeaseOptions options, NodeOptions node, TaskSignal signal)
{
    /// <summary>The lease as the worker receives it; null: the task cannot be run, and its run has ended.</summary>
    public async Task<LeaseJson?> PackAsync(TaskLease lease)
    {
        var task = vault.TryUnlock(lease.Task);
        if (task.Locked is { } locked)
        {
            var failure = TaskFailure.Of(locked);
            await reports.EndAsync(store, lease, failure.PlainMessage, new TaskChanges { Error = failure.Message, Cause = failure.Cause });
            signal.Wake();
            return null;
        }
        var definition = classifiers.Defined.First(d => d.Name == task.Classifier);
        var settings = Router.SettingsOf(definition.Settings, routes.Find(task) is { } route && route.Classifier == task.Classifier ? route.Settings : null);
        await using var database = await databases.CreateDbContextAsync();
        var pictures = await database.Pictures.Where(p => p.TaskNumber == task.Number).Select(p => p.ScanId).ToListAsync();
        var isRelayed = definition.Worker!.RelaysSlides || task.StagedOn is not null;
        var id = new LeaseId(task.Number, task.FencingToken).ToString();
        return new LeaseJson(
            id, task.Number, task.CaseNumber, task.CompanyId, task.Model, task.Request, definition.Name, settings is null ? null : JsonSerializer.SerializeToElement(settings),
            [.. task.Scans.Select(scan => new LeasedScan(
                scan.ScanId, isRelayed ? [.. scan.Urls.Select((_, i) => $"/work/leases/{id}/slides/{scan.ScanId}/{i}")] : scan.Urls, scan.StainValue, scan.StainCode, scan.StainLabel, pictures.Contains(scan.ScanId)))],
            task.Crashes, task.LoneCrashes, task.Delays, task.AcceptedAt, task.TraceParent, delivery.PostProvenance, options.Heartbeat.TotalSeconds,
            new LeasedRetries(retries.Tries, retries.Backoff.First.TotalSeconds, retries.Backoff.Longest.TotalSeconds, node.CrashLimit));
    }
}
