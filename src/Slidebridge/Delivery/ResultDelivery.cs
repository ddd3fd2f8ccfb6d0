using System.Diagnostics;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;
using Slidebridge.Units;

namespace Slidebridge.Delivery;

/// <summary>
/// Posts a saved result exactly once, as far as the platform allows: it appends a result that is posted twice, and has no idempotency key.
/// What is known is stored in the task's state, and so survives a crash at any point:
/// <code>
///                ┌────────────────── certainly not there ──────────────────┐
///                ▼                                                         │
/// classified ─1─ record the intent ──► delivering ─2─ post ─3─┬─ 2xx ──► completed
///  (certainly                        (may be there)           ├─ 4xx ──► failed, with the platform's words
///   not there)                             ▲                  ├─ not arrived ──► classified, again later
///                                          └── uncertain ─────┘
/// delivering, after a crash or an uncertain end: 4. wait for the settle time, check the case's evaluations; there ──► completed; not there ──► 1
/// </code>
/// docs/decisions/exactly-once-delivery.md describes the cases that this cannot decide; docs/decisions/fencing.md describes what happens between nodes.
/// </summary>
sealed partial class ResultDelivery(IDeliveryStore store, IResultPlatform platform, Settling settling, FailureReports reports, DeliveryOptions options, TimeProvider time, ILogger<ResultDelivery> logger) : IDelivery
{
    /// <summary>One attempt with the result that an earlier run saved.</summary>
    public async Task ResumeAsync(TaskLease lease)
    {
        // A saved result needs no slide; if the task's token is lost, the API key is used.
        if (lease.Task.Locked is { } locked) LogNoToken(logger, lease.Number, locked.LogMessage);
        await DeliverAsync(lease, await store.FindResultAsync(lease.Number, lease.Stopping) ?? throw new UnreachableException($"Task {lease.Number} is {lease.Task.State} without a result."));
    }

    /// <summary>One attempt. After it, the task has ended or is rescheduled.</summary>
    /// <param name="lease">The delivering run. Its task is <see cref="TaskState.Classified"/>, certainly not on the platform, or <see cref="TaskState.Delivering"/>, perhaps on it.</param>
    /// <param name="results">The saved result.</param>
    public async Task DeliverAsync(TaskLease lease, byte[] results)
    {
        var task = lease.Task;
        var authorization = platform.Authorize(task.Token);
        try
        {
            if (task.State is TaskState.Delivering || WasPostedBeforeItEnded(task))
            {
                // 4. Never post again before checking the platform, and never check before a post that may still be on its way has had its time.
                await settling.WaitAsync(lease, lease.Draining);
                using var look = TaskTelemetry.Stage(TaskStage.Look);
                if (await platform.HasResultAsync(task.PlatformId, task.Number, authorization, lease.Draining))
                {
                    await CompleteAsync(lease, "found on the platform");
                    return;
                }
            }
            // A token is needed anyway: if there is none, no intent is recorded.
            await authorization.TokenAsync(lease.Stopping);
        }
        catch (PlatformException e)
        {
            await RescheduleAsync(lease, task.State, e.Message, e.Message, options.Backoff.Wait(task.Delays + 1, e.RetryAfter));
            return;
        }

        // 1. From here on, a crash leaves "may be there".
        var fence = new PostFence(store, lease, options.Settle, time);
        if (!await store.BeginPostAsync(lease)) return;

        // 2. Not cancelled when the bridge stops: the platform could still process the post, and its outcome would not be known.
        var outcome = await PostAsync(lease, results, authorization, fence);
        TaskTelemetry.Posted(outcome.Status);

        // 3.
        switch (outcome.Status)
        {
            case PostStatus.Accepted:
                await CompleteAsync(lease, outcome.Summary);
                break;
            case PostStatus.Refused:
                await RefusedAsync(lease, outcome);
                break;
            case PostStatus.NotArrived:
                await RescheduleAsync(lease, TaskState.Classified, $"The platform {outcome.Summary}", $"The platform {outcome.Detail}", options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter));
                break;
            default:
                settling.Ended(lease.Number, task.Posts);
                await RescheduleAsync(lease, TaskState.Delivering, $"The platform {outcome.Summary}", $"The platform {outcome.Detail}", Longer(options.Settle, options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter)));
                break;
        }
    }

    /// <summary>Ends a permanently failed task; if configured, reports the failure to the platform as a result.</summary>
    /// <param name="lease">The run that failed.</param>
    /// <param name="plain">Why, in one sentence for the pathologist.</param>
    /// <param name="failure">Why, for the operator.</param>
    public async Task FailAsync(TaskLease lease, string plain, TaskChanges failure)
    {
        if (await reports.EndAsync(store, lease, plain, failure) is { } report) await DeliverAsync(lease, report);
    }

    async Task<PostOutcome> PostAsync(TaskLease lease, byte[] results, TaskAuthorization authorization, PostFence fence)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Post);
        try
        {
            return await platform.PostResultsAsync(lease.Task.PlatformId, () => new FencedContent(results, fence.PassAsync), authorization, CancellationToken.None);
        }
        catch (StorageException e)
        {
            // The last byte was not sent.
            return new PostOutcome(PostStatus.NotArrived, $"did not receive the result: {e.Message}");
        }
    }

    /// <summary>The task ended after a post, and was restarted: the post may have arrived, but if the result was erased, the state no longer shows that.</summary>
    static bool WasPostedBeforeItEnded(BridgeTask task) => task is { Posts: > 0, EndedAt: not null };

    /// <summary>Completes the task; if its result reports a failure, marks it as failed.</summary>
    async Task CompleteAsync(TaskLease lease, string how)
    {
        if (lease.Task.ReportsFailure) await store.AdvanceAsync(lease, TaskState.Failed, $"the failure was reported to the platform: {how}", new TaskChanges { Delays = 0 });
        else await store.AdvanceAsync(lease, TaskState.Completed, $"delivered: {how}", new TaskChanges { Recovers = true, Delays = 0 });
        settling.Forget(lease.Number);
        LogDelivered(logger, lease.Number, how);
    }

    async Task RescheduleAsync(TaskLease lease, TaskState state, string why, string told, TimeSpan wait)
    {
        var left = lease.Task.DeliverUntil - time.GetUtcNow() ?? options.Window;
        if (left <= TimeSpan.Zero)
        {
            await GiveUpAsync(lease, state, told, why);
            return;
        }
        // However long the platform asks to wait, there is a last attempt at the end of the window.
        await store.RescheduleAsync(lease, state, wait < left ? wait : left, new TaskChanges { Error = told, Delays = lease.Task.Delays + 1, DeliverWithin = lease.Task.DeliverUntil is null ? options.Window : null });
        LogRescheduled(logger, lease.Number, why, wait);
        TaskTelemetry.Retried("deliver", state.ToString());
    }

    /// <summary>Gives up only after an attempt, never without one: a bridge that was off for a weekend checks and posts once more.</summary>
    Task GiveUpAsync(TaskLease lease, TaskState state, string why, string logged) => state is TaskState.Delivering
        ? EndAsync(lease, $"Not delivered within {Duration.Text(options.Window)}, and it is not known whether the platform has the result: {why}", "It is not known whether the platform has its result.", $"not delivered within {Duration.Text(options.Window)}, and it is not known whether the platform has the result: {logged}", mayBeThere: true)
        : EndAsync(lease, $"Not delivered within {Duration.Text(options.Window)}: {why}", "The platform did not receive its result.", $"not delivered within {Duration.Text(options.Window)}: {logged}", mayBeThere: false);

    /// <summary>The platform has stored nothing, so the failure can still be reported instead of the result.</summary>
    async Task RefusedAsync(TaskLease lease, PostOutcome outcome)
    {
        var why = $"The platform refused the result: {outcome.Detail}";
        const string Plain = "The platform did not accept its result.";
        // A task that was completed before has a good result, which the platform had.
        if (lease.Task.EndedAt is null && reports.Of(lease.Task, Plain) is { } report)
        {
            await reports.SaveAsync(store, lease, report, new TaskChanges { Error = why, Plain = Plain });
            await DeliverAsync(lease, report);
        }
        else await EndAsync(lease, why, Plain, $"the platform refused the result: {outcome.Summary}", mayBeThere: false);
    }

    async Task EndAsync(TaskLease lease, string why, string plain, string logged, bool mayBeThere)
    {
        // A report that the platform certainly does not have is dropped: the task may be retried. What it reports stays the reason.
        await store.AdvanceAsync(lease, TaskState.Failed, "failed", new TaskChanges { Error = why, Plain = lease.Task.ReportsFailure ? null : plain, ReportsFailure = lease.Task.ReportsFailure && !mayBeThere ? false : null });
        settling.Forget(lease.Number);
        LogFailed(logger, lease.Number, logged.TrimEnd('.'));
    }

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(200, LogLevel.Information, "Task {Task}: delivered ({How})")]
    static partial void LogDelivered(ILogger logger, long task, string how);

    [LoggerMessage(201, LogLevel.Warning, "Task {Task}: delivery rescheduled, next attempt in {Wait}: {Why}")]
    static partial void LogRescheduled(ILogger logger, long task, string why, TimeSpan wait);

    [LoggerMessage(203, LogLevel.Error, "Task {Task}: the bridge delivers the result with the API key: {Why}")]
    static partial void LogNoToken(ILogger logger, long task, string why);

    // Without the platform's words, which may quote anything and are stored with the task.
    [LoggerMessage(202, LogLevel.Error, "Task {Task}: failed: {Why}; the task's last error contains the platform's words")]
    static partial void LogFailed(ILogger logger, long task, string why);
}
