using System.Diagnostics;
using Slidebridge.Classifiers;
using Slidebridge.Delivery;
using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;

namespace Slidebridge.Tasks;

/// <summary>
/// Takes a task from where its row says it is as far as it goes:
/// <code>
/// accepted ─1─ choose ─2─ open slides ─3─ classify ─4─ validate ─5─ save ──► classified ─6─ deliver ──► completed
///                                         (running)                         a saved result is never computed again
/// </code>
/// </summary>
sealed partial class TaskRunner(
    TaskStore store,
    ClassifierCatalog classifiers,
    ClassifierSlots slots,
    ScanOpener scans,
    OverlayThumbnails thumbnails,
    ResultDelivery delivery,
    TaskProgress progress,
    RetryOptions retries,
    TimeProvider time,
    ILoggerFactory loggers,
    ILogger<TaskRunner> logger)
{
    /// <summary>One try. Returns when to call again, or null when there is nothing more to do.</summary>
    public async Task<DueTask?> RunAsync(long number, CancellationToken cancellationToken)
    {
        var task = await store.FindAsync(number, cancellationToken);
        if (task is null || task.State.IsEnded()) return null;
        var isClassified = task.State is TaskState.Classified or TaskState.Delivering;
        if (task.NotBefore > time.GetUtcNow()) return new DueTask(number, task.NotBefore, isClassified);

        if (!isClassified)
        {
            byte[] results;
            try
            {
                results = await ClassifyAsync(task, cancellationToken);
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not (TaskMovedOnException or StorageException))
            {
                return Due(await PutOffOrFailAsync(task, e), isClassified: false);
            }
            return Due(await delivery.DeliverAsync(task, results, TaskState.Classified, cancellationToken), isClassified: true);
        }

        var saved = await store.FindResultAsync(number, cancellationToken) ?? throw new UnreachableException($"Task {number} is {task.State} without a result.");
        return Due(await delivery.DeliverAsync(task, saved, task.State, cancellationToken), isClassified: true);

        DueTask? Due(DateTimeOffset? again, bool isClassified) => again is null ? null : new DueTask(number, again, isClassified);
    }

    async Task<byte[]> ClassifyAsync(BridgeTask row, CancellationToken cancellationToken)
    {
        // 1. Which classifier: one serves all tasks.
        var (name, classifier) = classifiers.Chosen;

        // 2. The slides are opened before it is the classifier's turn: a GPU does not wait for a connection.
        using var openSlot = await slots.OpenAsync(cancellationToken);
        await using var opened = await scans.OpenAsync(row, cancellationToken);
        var pictures = thumbnails.SaveAsync(row.Number, opened.Task.Scans, cancellationToken);

        // 3. The classifier, as many at a time as there are slots.
        TaskResults results;
        try
        {
            using var slot = await slots.ClassifyAsync(cancellationToken);
            await store.AdvanceAsync(row.Number, [TaskState.Accepted, TaskState.Running], TaskState.Running, $"classifier {name} started", t => t.Runs++);
            using var report = progress.Begin(row.Number);
            var context = new ClassifierContext(report, loggers.CreateLogger("Classifier." + name));
            results = await classifier.ClassifyAsync(opened.Task, context, cancellationToken);
        }
        finally
        {
            // Waited for even after a failure: it reads the slides that are about to be closed.
            await pictures;
        }

        // 4. An invalid result never leaves the bridge.
        if (results is null) throw new ClassifierException($"The classifier {name} returned nothing.");
        var json = ResultsValidator.SerializeValid(results, [.. row.Scans.Select(s => s.ScanId)]);

        // 5. From here on the result is kept.
        await store.AdvanceAsync(row.Number, [TaskState.Running], TaskState.Classified, $"result saved ({json.Length} bytes)", t =>
        {
            t.Result = new SavedResult { Json = json };
            t.DeliverUntil = time.GetUtcNow() + delivery.Window;
            t.Delays = 0;
        });
        LogClassified(logger, row.Number, name, row.Scans.Count);
        return json;
    }

    /// <summary>A failure that may pass is tried again later; any other ends the task.</summary>
    async Task<DateTimeOffset?> PutOffOrFailAsync(BridgeTask row, Exception e)
    {
        var failure = TaskFailure.Of(e);
        TaskState[] from = [TaskState.Accepted, TaskState.Running];
        if (failure.MayPass && row.Delays + 1 < retries.Tries)
        {
            var again = time.GetUtcNow() + retries.Backoff.Wait(row.Delays + 1);
            await store.AdvanceAsync(row.Number, from, TaskState.Accepted, $"put off: {failure.Message}", t =>
            {
                t.Delays++;
                t.NotBefore = again;
                t.LastError = failure.Message;
            });
            LogPutOff(logger, row.Number, failure.ForLog);
            return again;
        }
        await store.AdvanceAsync(row.Number, from, TaskState.Failed, $"failed: {failure.Message}", t => t.LastError = failure.Message);
        LogFailed(logger, row.Number, failure.IsUnexpected ? $"{failure.ForLog}{Environment.NewLine}{e.StackTrace}" : failure.ForLog);
        return null;
    }

    [LoggerMessage(130, LogLevel.Information, "Task {Task}: classified by {Classifier}, {Scans} scans")]
    static partial void LogClassified(ILogger logger, long task, string classifier, int scans);

    [LoggerMessage(131, LogLevel.Warning, "Task {Task}: put off: {Why}")]
    static partial void LogPutOff(ILogger logger, long task, string why);

    [LoggerMessage(132, LogLevel.Error, "Task {Task}: failed: {Why}")]
    static partial void LogFailed(ILogger logger, long task, string why);
}
