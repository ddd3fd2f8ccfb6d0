using System.Diagnostics;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Classifiers.Programs;
using Slidebridge.Delivery;
using Slidebridge.Overlays;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Execution;

/// <summary>
/// Takes a task from where its row says it is as far as it goes:
/// <code>
/// accepted ─1─ wait for a place ─2─ take ──► running ─3─ open slides ─4─ classify ─5─ validate ─6─ save ──► classified ─7─ deliver ──► completed
///                                            fences earlier runs off                  a saved result is never computed again
/// </code>
/// A run ends by its task's end, by putting it off, or by handing it back; then the task is out of hand, and any node may go on with it.
/// </summary>
sealed partial class TaskRunner(
    TaskStore store,
    TaskSignal signal,
    RunningTasks runs,
    Router router,
    ClassifierCatalog classifiers,
    ClassifierSlots slots,
    ScanOpener scans,
    Openings openings,
    OverlayThumbnails thumbnails,
    ResultDelivery delivery,
    FailureReports reports,
    TaskVault vault,
    TaskProgress progress,
    RetryOptions retries,
    NodeOptions node,
    TimeProvider time,
    ILoggerFactory loggers,
    ILogger<TaskRunner> logger)
{
    /// <summary>After a failure of the bridge itself.</summary>
    static readonly TimeSpan AfterFault = TimeSpan.FromSeconds(15);

    /// <summary>How long a picture may still take once its task is classified.</summary>
    static readonly TimeSpan PictureTime = TimeSpan.FromSeconds(10);

    /// <summary>One run. <paramref name="stopping"/>: the bridge stops, and what runs is handed back.</summary>
    public async Task RunAsync(long number, CancellationToken stopping)
    {
        try
        {
            var task = await store.FindAsync(number, stopping);
            if (task is null || task.State.IsEnded() || task.AdmittedAt is null) return;

            // 1. Some slides are opened before it is their classifier's turn: a GPU does not wait for a connection.
            //    A task on its last chance has the node to itself: if the process dies once more, no other task is blamed for it.
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(stopping, runs.Draining);
            using var place = task.State.IsToDeliver() ? null
                : IsOnItsLastChance(task) ? await slots.OpenAloneAsync(soon.Token)
                : await slots.OpenAsync(soon.Token);

            // 2. From here on, no earlier run can take a step.
            var route = router.Find(task.Model, task.CompanyId, StainsOf(task));
            if (await store.TakeAsync(number, route is null ? "(none)" : classifiers.Get(route.Classifier).Name) is not { } taken) return;
            using var running = runs.Begin(taken, stopping);
            await RunAsync(running, place);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested || runs.Draining.IsCancellationRequested)
        {
            await store.ReleaseAsync(number);
        }
        catch (StorageException e)
        {
            // Nothing has begun; the dispatcher's next look finds it.
            LogFault(logger, number, e.Message);
        }
        finally
        {
            signal.Wake();
        }
    }

    async Task RunAsync(RunningTasks.Running running, ClassifierSlots.Place? place)
    {
        var run = running.Run;
        using var span = TaskTelemetry.Run(run);
        try
        {
            if (!run.Task.State.IsToDeliver())
            {
                if (await ClassifyOrFailAsync(run, place) is { } results) await delivery.DeliverAsync(run, results, TaskState.Classified);
                return;
            }
            TryUnlock(run.Task);
            var saved = await store.FindResultAsync(run.Number, run.Stopping) ?? throw new UnreachableException($"Task {run.Number} is {run.Task.State} without a result.");
            await delivery.DeliverAsync(run, saved, run.Task.State);
        }
        catch (TaskMovedOnException e)
        {
            LogMovedOn(logger, e.Message);
        }
        catch (OperationCanceledException) when (running.IsCalledOff)
        {
            LogMovedOn(logger, $"Task {run.Number} was cancelled or taken over.");
        }
        catch (OperationCanceledException) when (run.Stopping.IsCancellationRequested || runs.Draining.IsCancellationRequested)
        {
            await HandBackAsync(run, $"handed back: {node.Name} stops", again: null);
        }
        catch (Exception e)
        {
            LogFault(logger, run.Number, e is StorageException ? e.Message : e.ToString());
            await HandBackAsync(run, "handed back: the bridge itself failed", time.GetUtcNow() + AfterFault);
        }
    }

    /// <summary>The saved result; null where the task is put off, or has failed and nothing is to be delivered.</summary>
    async Task<byte[]?> ClassifyOrFailAsync(TaskRun run, ClassifierSlots.Place? place)
    {
        var cost = new RunCost();
        try
        {
            if (run.Task.Crashes >= node.CrashLimit) throw new PoisonTaskException(run.Task.Crashes);
            vault.Unlock(run.Task);
            var route = router.Choose(run.Task.Model, run.Task.CompanyId, StainsOf(run.Task));
            var classifier = classifiers.Get(route.Classifier);
            // A classifier that does not stop is left behind with its slides and its slot; what it gives then is not taken.
            var ending = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
            var ended = ending.Token; // Now: what classifies disposes it, perhaps at once.
            var results = await classifier.EndingSoonAfterAsync(
                ClassifyAsync(run, place, classifier, Router.SettingsOf(classifier.Settings, route.Settings), cost, ending), ended, run.Stopping,
                () => LogLeftBehind(logger, run.Number, RunnableClassifier.Grace));

            // 5. An invalid result never leaves the bridge.
            var json = Validate(run, results);

            // 6. From here on the result is kept.
            using var saving = TaskTelemetry.Stage(TaskStage.Save);
            await store.SaveResultAsync(run, [TaskState.Running], $"result saved ({json.Length} bytes)", json, t =>
            {
                t.DeliverUntil = time.GetUtcNow() + delivery.Window;
                t.Delays = 0;
                cost.AddTo(t);
            });
            LogClassified(logger, run.Number, classifier.Name, run.Task.Scans.Count);
            return json;
        }
        catch (Exception e) when (e is TaskMovedOnException or StorageException || (e is OperationCanceledException && (run.Stopping.IsCancellationRequested || runs.Draining.IsCancellationRequested)))
        {
            if (cost.IsAny) await store.ChargeAsync(run.Number, cost);
            throw;
        }
        catch (Exception e)
        {
            return await PutOffOrFailAsync(run, e, cost);
        }
    }

    /// <summary>A saved result needs no slide, and where its token is lost, the API key delivers it.</summary>
    void TryUnlock(BridgeTask task)
    {
        try
        {
            vault.Unlock(task);
        }
        catch (LostKeyException e)
        {
            LogFault(logger, task.Number, e.Message);
        }
    }

    static byte[] Validate(TaskRun run, TaskResults results)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Validate);
        var json = ResultsValidator.SerializeValid(results, [.. run.Task.Scans.Select(s => s.ScanId)]);
        LargeMemory.Free(json.Length);
        return json;
    }

    static Stain?[] StainsOf(BridgeTask task) => [.. task.Scans.Select(s => s.Stain)];

    /// <param name="ending">Its own, for it may outlive the run.</param>
    async Task<TaskResults> ClassifyAsync(TaskRun run, ClassifierSlots.Place? place, RunnableClassifier classifier, JsonObject? settings, RunCost cost, CancellationTokenSource ending)
    {
        using var own = ending;

        // 3. Every slide of the task, all at once; and a small picture of each, while its URL is good.
        await using var opened = await OpenAsync(run, place, classifier.Name, settings);
        var log = new RunLog(classifiers.LogToNode ? loggers.CreateLogger("Classifier." + classifier.Name) : null, time);
        using var pictureTime = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping);
        var pictures = thumbnails.SaveAsync(run, opened.Task.Scans, pictureTime.Token);
        try
        {
            // 4. The classifier, as many at a time as there are slots.
            using var soon = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping, runs.Draining);
            using var slot = await WaitAsync(classifier, soon.Token);
            using var report = progress.Begin(run.Number);
            using var clock = cost.Classifying(time);
            using var busy = TaskTelemetry.Classifying(classifier.Name);
            using var stage = TaskTelemetry.Stage(TaskStage.Classify);
            return await classifier.ClassifyAsync(opened.Task, new ClassifierContext(report, log), ending);
        }
        finally
        {
            // Waited for even after a failure: it reads the slides that are about to be closed. Not for long: a slide that has stopped coming would hold the task's place.
            pictureTime.CancelAfter(PictureTime);
            await pictures;
            if (log.ToString() is { Length: > 0 } text) await store.KeepLogAsync(run, text);
            await KeepWarningsAsync(run, opened);
            var (bytes, pixels) = await opened.ReadAsync();
            cost.Pixels = pixels;
            TaskTelemetry.SlidesRead(bytes, pixels);
        }
    }

    async Task KeepWarningsAsync(TaskRun run, OpenedTask opened)
    {
        var warnings = await opened.WarningsAsync();
        if (warnings.Count == 0) return;
        LogSlideWarnings(logger, run.Number, string.Join(", ", warnings.Select(each => each.Warning.Code).Distinct()));
        await store.KeepWarningsAsync(run, warnings);
    }

    async Task<OpenedTask> OpenAsync(TaskRun run, ClassifierSlots.Place? place, string classifier, JsonObject? settings)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Open);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping, runs.Draining);
        return await openings.OpenAsync(ScanOpener.HostOf(run.Task), classifier, place, (copied, token) => scans.OpenAsync(run.Task, settings, copied, token), soon.Token);
    }

    /// <summary>
    /// Waits for the classifier and for a slot, in this order: a slot that waited for a classifier which takes fewer tasks than the node would keep other
    /// classifiers' tasks waiting.
    /// </summary>
    async Task<IDisposable> WaitAsync(RunnableClassifier classifier, CancellationToken cancellationToken)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Wait);
        var held = await classifier.EnterAsync(cancellationToken);
        try
        {
            held = await slots.ClassifyAsync(held, cancellationToken);
            await classifier.WarmUpAsync(cancellationToken);
            return held;
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    /// <summary>A failure that may pass is tried again later; any other ends the task, or has the platform told.</summary>
    async Task<byte[]?> PutOffOrFailAsync(TaskRun run, Exception e, RunCost cost)
    {
        var failure = TaskFailure.Of(e);
        void Explain(BridgeTask t)
        {
            (t.LastError, t.LastCause) = (failure.Message, failure.Cause);
            cost.AddTo(t);
        }

        if (failure.IsTransient && (e is NotReadyException or CrowdedException || run.Task.Delays + 1 < (e is ProgramDiedException ? node.CrashLimit : retries.Tries)))
        {
            var again = time.GetUtcNow() + retries.Backoff.Wait(run.Task.Delays + 1);
            await store.PutOffAsync(run, [TaskState.Running], TaskState.Accepted, "put off", again, t =>
            {
                // However long a classifier did not start, or other tasks' slides were in the way, the task is left a try for what else may happen.
                t.Delays = e is NotReadyException or CrowdedException ? Math.Max(t.Delays, Math.Min(t.Delays + 1, retries.Tries - 2)) : t.Delays + 1;
                Explain(t);
            }, failure.Message);
            LogPutOff(logger, run.Number, failure.LogMessage);
            TaskTelemetry.Retried("classify", e.GetType().Name);
            signal.WakeAt(again);
            return null;
        }

        LogFailed(logger, run.Number, failure.LogMessage);
        TaskTelemetry.Failed(e.GetType().Name);
        if (reports.Of(run.Task, failure.PlainMessage) is { } report)
        {
            await store.SaveResultAsync(run, [TaskState.Running], "failed, and the platform is told", report, t =>
            {
                t.DeliverUntil = time.GetUtcNow() + delivery.Window;
                (t.Delays, t.ReportsFailure) = (0, true);
                Explain(t);
            }, failure.Message);
            run.Task.ReportsFailure = true;
            return report;
        }
        await store.AdvanceAsync(run, [TaskState.Running], TaskState.Failed, "failed", Explain, failure.Message);
        return null;
    }

    async Task HandBackAsync(TaskRun run, string why, DateTimeOffset? again)
    {
        try
        {
            await store.HandBackAsync(run, why, again);
            if (again is { } moment) signal.WakeAt(moment);
        }
        catch (Exception e) when (e is TaskMovedOnException or StorageException)
        {
            LogFault(logger, run.Number, e.Message);
        }
    }

    /// <summary>One more crash, and it is set aside. A row that is still <see cref="TaskState.Running"/> tells of a crash that is not counted yet.</summary>
    bool IsOnItsLastChance(BridgeTask task) => task.Crashes + (task.State is TaskState.Running ? 1 : 0) is > 0 and var crashes && crashes >= node.CrashLimit - 1;

    [LoggerMessage(120, LogLevel.Warning, "{What} This run is dropped")]
    static partial void LogMovedOn(ILogger logger, string what);

    [LoggerMessage(121, LogLevel.Error, "Task {Task}: the bridge itself failed; it is tried again shortly: {Why}")]
    static partial void LogFault(ILogger logger, long task, string why);

    [LoggerMessage(130, LogLevel.Information, "Task {Task}: classified by {Classifier}, {Scans} scans")]
    static partial void LogClassified(ILogger logger, long task, string classifier, int scans);

    [LoggerMessage(131, LogLevel.Warning, "Task {Task}: put off: {Why}")]
    static partial void LogPutOff(ILogger logger, long task, string why);

    [LoggerMessage(132, LogLevel.Error, "Task {Task}: failed: {Why}")]
    static partial void LogFailed(ILogger logger, long task, string why);

    [LoggerMessage(134, LogLevel.Warning, "Task {Task}: its slides have warnings: {Codes}")]
    static partial void LogSlideWarnings(ILogger logger, long task, string codes);

    [LoggerMessage(133, LogLevel.Error, "Task {Task}: the classifier did not stop within {Grace} and is left behind; its slot stays taken until it ends")]
    static partial void LogLeftBehind(ILogger logger, long task, TimeSpan grace);
}
