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
/// delivering, after a crash or an uncertain end: 4. look at the case's evaluations; there ──► completed; not there ──► 1
/// </code>
/// docs/decisions/exactly-once-delivery.md tells the cases that this cannot decide.
/// </summary>
sealed partial class ResultDelivery(TaskStore store, PlatformClient platform, DeliveryOptions options, TimeProvider time, ILogger<ResultDelivery> logger)
{
    static readonly TaskState[] Open = [TaskState.Classified, TaskState.Delivering];

    readonly DateTimeOffset started = time.GetUtcNow();

    /// <summary>How long after a result is saved its delivery is given up.</summary>
    public TimeSpan Window => options.Window;

    /// <summary>One try. Returns when to call again, or null when the task has ended.</summary>
    /// <param name="task">The task as it was read; its <see cref="BridgeTask.State"/> may be older than <paramref name="state"/>.</param>
    /// <param name="results">The saved result.</param>
    /// <param name="state"><see cref="TaskState.Classified"/>: certainly not on the platform; <see cref="TaskState.Delivering"/>: perhaps.</param>
    public async Task<DateTimeOffset?> DeliverAsync(BridgeTask task, byte[] results, TaskState state, CancellationToken cancellationToken)
    {
        // The platform may still be at work on a post that a crash of ours cut off: at the latest when this process started.
        var cutOff = task.UpdatedAt > started ? task.UpdatedAt : started;
        if (state is TaskState.Delivering && cutOff + options.Settle is var settled && settled > time.GetUtcNow()) return settled;

        var authorization = platform.Authorize(task.Token);
        try
        {
            if (state is TaskState.Delivering)
            {
                // 4. Never again before looking.
                if (await IsThereAsync(task, authorization, cancellationToken)) return await CompleteAsync(task, "found on the platform");
            }
            // A token is needed anyway: without one, no intent is recorded.
            await authorization.TokenAsync(cancellationToken);
        }
        catch (PlatformException e)
        {
            return await PutOffAsync(task, state, e.Message, e.Message, options.Backoff.Wait(task.Delays + 1, e.RetryAfter));
        }

        // 1. From here on, a crash leaves "may be there".
        await store.AdvanceAsync(task.Number, Open, TaskState.Delivering, "post begun", t => t.Posts++);

        // 2. A stopping bridge does not cut it off: the platform would go on with it, and nobody would know.
        var outcome = await platform.PostResultsAsync(task.PlatformId, results, authorization, CancellationToken.None);

        // 3.
        return outcome.End switch
        {
            PostEnd.Accepted => await CompleteAsync(task, outcome.What),
            PostEnd.Refused => await FailAsync(task, $"The platform refused the result: {outcome.Told}"),
            PostEnd.NotArrived => await PutOffAsync(task, TaskState.Classified, $"The platform {outcome.What}", $"The platform {outcome.Told}", options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter)),
            _ => await PutOffAsync(task, TaskState.Delivering, $"The platform {outcome.What}", $"The platform {outcome.Told}", Longer(options.Settle, options.Backoff.Wait(task.Delays + 1, outcome.RetryAfter))),
        };
    }

    /// <summary>Whether a result of this task is on the platform. A post is all or nothing, so any evaluation of the task tells for all.</summary>
    async Task<bool> IsThereAsync(BridgeTask task, TaskAuthorization authorization, CancellationToken cancellationToken) =>
        (await platform.ReadEvaluatedTasksAsync(task.PlatformId, authorization, cancellationToken)).Contains(task.Number);

    async Task<DateTimeOffset?> CompleteAsync(BridgeTask task, string how)
    {
        await store.AdvanceAsync(task.Number, Open, TaskState.Completed, $"delivered: {how}", t => t.Delays = 0);
        LogDelivered(logger, task.Number, how);
        return null;
    }

    async Task<DateTimeOffset?> PutOffAsync(BridgeTask task, TaskState state, string why, string told, TimeSpan wait)
    {
        var again = time.GetUtcNow() + wait;
        if (again > task.DeliverUntil) return await GiveUpAsync(task, state, told);
        await store.AdvanceAsync(task.Number, Open, state, $"put off: {told}", t =>
        {
            t.Delays++;
            t.NotBefore = again;
            t.LastError = told;
        });
        LogPutOff(logger, task.Number, why, wait);
        return again;
    }

    /// <summary>After a try, never instead of one: a bridge that was off for a weekend looks and posts once more.</summary>
    Task<DateTimeOffset?> GiveUpAsync(BridgeTask task, TaskState state, string why) => FailAsync(task,
        state is TaskState.Delivering
            ? $"Not delivered within {options.Window}, and it is not known whether the platform has the result: {why}"
            : $"Not delivered within {options.Window}: {why}");

    async Task<DateTimeOffset?> FailAsync(BridgeTask task, string why)
    {
        await store.AdvanceAsync(task.Number, Open, TaskState.Failed, $"failed: {why}", t => t.LastError = why);
        LogFailed(logger, task.Number);
        return null;
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
