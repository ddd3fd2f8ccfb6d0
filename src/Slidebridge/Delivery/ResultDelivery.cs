using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Techcyte;

namespace Slidebridge.Delivery;

/// <summary>
/// Posts a saved result exactly once, as far as the platform allows: it appends what is posted twice, and has no idempotency key.
/// What is known is in the task's state, and so survives a crash at any point:
/// <code>
///                ┌────────────────── certainly not there ──────────────────┐
///                ▼                                                         │
/// classified ─1─ record the intent ──► delivering ─2─ post ─3─┬─ 2xx ──► completed
///  (certainly                        (may be there)           ├─ 4xx ──► failed, with the platform's words
///   not there)                             ▲                  ├─ not arrived ──► classified, again later
///                                          └── uncertain ─────┘
/// delivering, after a crash or an uncertain end: 4. wait for it to settle, look at the case's evaluations; there ──► completed; not there ──► 1
/// </code>
/// docs/decisions/exactly-once-delivery.md tells the cases that this cannot decide, docs/decisions/fencing.md what holds between nodes.
/// </summary>
sealed partial class ResultDelivery(
    TaskStore store, TaskSignal signal, PlatformClient platform, Settling settling, FailureReports reports, RunningTasks runs, DeliveryOptions options, TimeProvider time, ILogger<ResultDelivery> logger)
{
    /// <summary>How long after a result is saved its delivery is given up.</summary>
    public TimeSpan Window => options.Window;

    /// <summary>One try, after which the task has ended or is put off.</summary>
    /// <param name="run">The run whose delivery it is.</param>
    /// <param name="results">The saved result.</param>
    /// <param name="state"><see cref="TaskState.Classified"/>: certainly not on the platform; <see cref="TaskState.Delivering"/>: perhaps.</param>
    public async Task DeliverAsync(TaskRun run, byte[] results, TaskState state)
    {
        var task = run.Task;
        var authorization = platform.Authorize(task.Token);
        try
        {
            if (state is TaskState.Delivering || WasPostedBeforeItEnded(task))
            {
                // 4. Never again before looking, and never before the post that may be under way has had its time.
                using var soon = CancellationTokenSource.CreateLinkedTokenSource(run.Stopping, runs.Draining);
                await settling.WaitAsync(run, soon.Token);
                using var look = TaskTelemetry.Stage(TaskStage.Look);
                if (await IsThereAsync(task, authorization, soon.Token))
                {
                    await CompleteAsync(run, "found on the platform");
                    return;
                }
            }
            // A token is needed anyway: without one, no intent is recorded.
            await authorization.TokenAsync(run.Stopping);
        }
        catch (PlatformException e)
        {
            await PutOffAsync(run, state, e.Message, e.Message, options.Backoff.Wait(task.Delays + 1, e.RetryAfter));
            return;
        }

        // 1. From here on, a crash leaves "may be there".
        var fence = new PostFence(store, run, options.Settle, time);
        if (!await store.BeginPostAsync(run))
        {
            signal.Wake();
            return;
        }
        task.Posts++;

        // 2. A stopping bridge does not cut it off: the platform would go on with it, and nobody would know.
        var outcome = await PostAsync(run, results, authorization, fence);
        TaskTelemetry.Posted(outcome.End);

        // 3.
        switch (outcome.End)
        {
            case PostEnd.Accepted:
                await CompleteAsync(run, outcome.What);
                break;
            case PostEnd.Refused:
                await RefusedAsync(run, $"The platform refused the result: {outcome.Told}");
                break;
            case PostEnd.NotArrived:
                await PutOffAsync(run, TaskState.Classified, $"The platform {outcome.What}", $"The platform {outcome.Told}", options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter));
                break;
            default:
                settling.Ended(run.Number, task.Posts);
                await PutOffAsync(run, TaskState.Delivering, $"The platform {outcome.What}", $"The platform {outcome.Told}", Longer(options.Settle, options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter)));
                break;
        }
    }

    async Task<PostOutcome> PostAsync(TaskRun run, byte[] results, TaskAuthorization authorization, PostFence fence)
    {
        using var stage = TaskTelemetry.Stage(TaskStage.Post);
        try
        {
            return await platform.PostResultsAsync(run.Task.PlatformId, () => new FencedContent(results, fence.PassAsync), authorization, CancellationToken.None);
        }
        catch (StorageException e)
        {
            // Its last byte was held back.
            return new PostOutcome(PostEnd.NotArrived, $"was not sent the result: {e.Message}");
        }
    }

    /// <summary>It ended after a post, and began anew: that the post may have arrived, its state tells no more where its result was erased.</summary>
    static bool WasPostedBeforeItEnded(BridgeTask task) => task is { Posts: > 0, EndedAt: not null };

    /// <summary>Whether a result of this task is on the platform. A post is all or nothing, so any evaluation of the task tells for all.</summary>
    async Task<bool> IsThereAsync(BridgeTask task, TaskAuthorization authorization, CancellationToken cancellationToken) =>
        (await platform.ReadEvaluatedTasksAsync(task.PlatformId, authorization, cancellationToken)).Contains(task.Number);

    /// <summary>The task is completed; or, where its result says that it failed, it has failed and the platform knows.</summary>
    async Task CompleteAsync(TaskRun run, string how)
    {
        if (run.Task.ReportsFailure) await store.AdvanceAsync(run, TaskStates.ToDeliver, TaskState.Failed, $"the platform knows that it failed: {how}", t => t.Delays = 0);
        else await store.AdvanceAsync(run, TaskStates.ToDeliver, TaskState.Completed, $"delivered: {how}", t => t.Delays = 0);
        settling.Forget(run.Number);
        LogDelivered(logger, run.Number, how);
    }

    async Task PutOffAsync(TaskRun run, TaskState state, string why, string told, TimeSpan wait)
    {
        var now = time.GetUtcNow();
        var until = run.Task.DeliverUntil ?? now + options.Window;
        if (now >= until)
        {
            await GiveUpAsync(run, state, told);
            return;
        }
        // However long the platform asks to wait, there is a last try at the end of the window.
        var again = now + wait < until ? now + wait : until;
        await store.PutOffAsync(run, TaskStates.ToDeliver, state, "put off", again, t =>
        {
            t.Delays++;
            (t.LastError, t.LastCause, t.DeliverUntil) = (told, null, until);
        }, told);
        LogPutOff(logger, run.Number, why, wait);
        TaskTelemetry.Retried("deliver", state.ToString());
        signal.WakeAt(again);
    }

    /// <summary>After a try, never instead of one: a bridge that was off for a weekend looks and posts once more.</summary>
    Task GiveUpAsync(TaskRun run, TaskState state, string why) => state is TaskState.Delivering
        ? FailAsync(run, $"Not delivered within {options.Window}, and it is not known whether the platform has the result: {why}", mayBeThere: true)
        : FailAsync(run, $"Not delivered within {options.Window}: {why}", mayBeThere: false);

    /// <summary>The platform has taken nothing, so that the failure can still be reported in the result's place.</summary>
    async Task RefusedAsync(TaskRun run, string why)
    {
        // A task that was completed once has a result that is good, and the platform had it.
        if (run.Task.EndedAt is not null || reports.Of(run.Task, "The platform did not accept its result.") is not { } report)
        {
            await FailAsync(run, why, mayBeThere: false);
            return;
        }
        await store.SaveResultAsync(run, [TaskState.Delivering], "failed, and the platform is told", report, t =>
        {
            (t.Delays, t.ReportsFailure) = (0, true);
            (t.LastError, t.LastCause) = (why, null);
        }, why);
        run.Task.ReportsFailure = true;
        await DeliverAsync(run, report, TaskState.Classified);
    }

    async Task FailAsync(TaskRun run, string why, bool mayBeThere)
    {
        await store.AdvanceAsync(run, TaskStates.ToDeliver, TaskState.Failed, "failed", t =>
        {
            (t.LastError, t.LastCause) = (why, null);
            // A report that the platform certainly does not have stands in nobody's way: the task may be tried anew.
            if (t.ReportsFailure && !mayBeThere) (t.HasResult, t.ReportsFailure) = (false, false);
        }, why);
        settling.Forget(run.Number);
        LogFailed(logger, run.Number);
    }

    static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;

    [LoggerMessage(200, LogLevel.Information, "Task {Task}: delivered ({How})")]
    static partial void LogDelivered(ILogger logger, long task, string how);

    [LoggerMessage(201, LogLevel.Warning, "Task {Task}: delivery put off for {Wait}: {Why}")]
    static partial void LogPutOff(ILogger logger, long task, string why, TimeSpan wait);

    // The platform's words are kept with the task and not logged: what they may quote is not known.
    [LoggerMessage(202, LogLevel.Error, "Task {Task}: not delivered; its last error says why")]
    static partial void LogFailed(ILogger logger, long task);
}
