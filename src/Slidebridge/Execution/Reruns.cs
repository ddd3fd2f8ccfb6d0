using Slidebridge.Classifiers.Catalog;
using Slidebridge.Delivery;
using Slidebridge.Sdk;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Execution;

/// <summary>
/// Classifies ended tasks again, with one attempt each: as operators ask for it, one at a time on each node and within the node's slots; and with the shadow classifiers of their routes, on separate
/// places. docs/decisions/reruns.md
/// <code>
/// ─1─ claim the oldest ─2─ wait for a slot (not a shadow) and classify ─3─ save beside the task's own result ─4─ post once, if the operator asked for that
/// </code>
/// </summary>
sealed partial class Reruns(
    TaskStore store, ClassifierSlots slots, Classification classification, RunningTasks running, IResultPlatform platform, ClassifierOptions classifiers, NodeOptions node, TimeProvider time, ILogger<Reruns> logger) : BackgroundService
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1), BetweenSweeps = TimeSpan.FromMinutes(1);

    volatile bool isOutdated;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll([RepeatAsync(ofShadows: false, stoppingToken), .. Enumerable.Range(0, classifiers.Routes.Any(r => r.Shadows.Count > 0) ? classifiers.ShadowConcurrency : 0).Select(_ => RepeatAsync(ofShadows: true, stoppingToken))]);

    async Task RepeatAsync(bool ofShadows, CancellationToken stoppingToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, running.Draining);
        long? lookedAt = null;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                if (!ofShadows && (lookedAt is not { } last || time.GetElapsedTime(last) > BetweenSweeps))
                {
                    lookedAt = time.GetTimestamp();
                    await store.ForgetShadowsAsync([.. classifiers.Routes.SelectMany(r => r.Shadows).Distinct()]);
                    // A newer node has changed the tables: this node may misread them.
                    isOutdated = await store.IsNewerAsync(stop.Token);
                }
                // 1.
                if (!isOutdated && await store.ClaimRerunAsync(ofShadows, stop.Token) is ({ } task, { } rerun)) await RunAsync(task, rerun, stop.Token);
                else await Task.Delay(node.Poll > BetweenLooks ? node.Poll : BetweenLooks, time, stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                LogNotRun(logger, e.GetBaseException().Message);
                await Task.Delay(BetweenLooks, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    async Task RunAsync(BridgeTask task, TaskRerun rerun, CancellationToken stopping)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var alive = new Timer(_ => _ = KeepAsync(rerun, stop), null, TaskStore.RerunHeartbeat, TaskStore.RerunHeartbeat);
        try
        {
            // 2.
            if (task.Locked is { } locked) throw locked;
            if (rerun.IsToPost && classification.RouteOf(task) is { Hold: true }) throw new ClassifierException("The route of this task holds results for an operator, so a further evaluation is not posted at once. Run it again without --post.");
            var shadow = rerun.Shadow == TaskRerun.OfOperator ? null : rerun.Shadow;
            using var place = shadow is null ? await slots.OpenAsync(stop.Token) : await slots.OpenBesideAsync(stop.Token);
            var result = await classification.RunAsync(new TaskLease(task, time.GetTimestamp(), stop.Token, stop.Token), place, new RunCost(), shadow);

            // 3.
            if (!await store.SaveRerunAsync(rerun, task.Objects, result)) return;
            LogSaved(logger, task.Number);

            // 4. Not cancelled when the bridge stops: it would not be known whether the post arrived.
            if (rerun.IsToPost) await PostAsync(task, rerun, result.Json);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await store.ReleaseRerunAsync(rerun);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Another node has taken over the rerun.
        }
        catch (Exception e) when (e is not (StorageException or TaskMovedOnException))
        {
            var failure = TaskFailure.Of(e);
            LogFailed(logger, task.Number, failure.LogMessage);
            await store.EndRerunAsync(rerun, RerunState.Failed, failure.Message, cause: failure.Cause);
        }
    }

    async Task PostAsync(BridgeTask task, TaskRerun rerun, byte[] json)
    {
        var outcome = await platform.PostResultsAsync(task.PlatformId, () => new FencedContent(json, PassAsync), platform.Authorize(null), CancellationToken.None);
        TaskTelemetry.Posted(outcome.Status);
        LogPosted(logger, task.Number, outcome.Summary);
        if (outcome.Status is PostStatus.Accepted) await store.EndRerunAsync(rerun, RerunState.Done, null, $"the new result is posted as a further evaluation: {outcome.Summary}");
        else await store.EndRerunAsync(rerun, RerunState.Failed, outcome.Status is PostStatus.Uncertain ? $"The platform {outcome.Detail.TrimEnd('.')}. {TaskStore.NotCertain}" : $"The new result is not posted. The platform {outcome.Detail}", "posting the new result failed");

        // A node that was frozen until another took over the rerun never sends the complete post.
        async ValueTask PassAsync()
        {
            if (!await store.RenewRerunAsync(rerun)) throw new TaskMovedOnException(task.Number, null, task.FencingToken);
        }
    }

    /// <summary>Sends the rerun's heartbeat, and stops the run if another node has taken over the rerun.</summary>
    async Task KeepAsync(TaskRerun rerun, CancellationTokenSource stop)
    {
        try
        {
            if (!await store.RenewRerunAsync(rerun)) await stop.CancelAsync();
        }
        catch (Exception e) when (e is StorageException or ObjectDisposedException)
        {
            // The next heartbeat reports it, or the rerun has just ended.
        }
    }

    [LoggerMessage(210, LogLevel.Information, "Task {Task}: classified again; the new result is saved beside the task's own")]
    static partial void LogSaved(ILogger logger, long task);

    [LoggerMessage(211, LogLevel.Warning, "Task {Task}: classifying it again failed: {Why}")]
    static partial void LogFailed(ILogger logger, long task, string why);

    [LoggerMessage(212, LogLevel.Information, "Task {Task}: post of the new result: the platform {How}")]
    static partial void LogPosted(ILogger logger, long task, string how);

    [LoggerMessage(213, LogLevel.Warning, "Tasks to classify again could not be read from the database; the bridge tries again within a second: {Why}")]
    static partial void LogNotRun(ILogger logger, string why);
}
