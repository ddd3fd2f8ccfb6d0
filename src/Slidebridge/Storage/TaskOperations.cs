using Microsoft.EntityFrameworkCore;
using Slidebridge.Security;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>What an operator can do with a task. Each operation is one commit; the task's event log and the audit log record it with the caller's name.</summary>
sealed class TaskOperations(TaskStore store, RunningTasks running, TaskSignal signal, HoldOptions holds, TimeProvider time)
{
    /// <summary>Returns the task after the operation, or null if there is no such task; and why the operation was refused, or null.</summary>
    public delegate Task<(BridgeTask? Task, string? Refused)> Operation(long number, Caller caller);

    /// <summary>An operation with a reason, which the task's event log and the audit log keep.</summary>
    public delegate Task<(BridgeTask? Task, string? Refused)> Decision(long number, Caller caller, string? reason);

    /// <summary>Maximum characters of a reason.</summary>
    public const int LongestReason = 500;

    /// <summary>The operations by their names.</summary>
    public IReadOnlyDictionary<string, Operation> All => new Dictionary<string, Operation> { ["retry"] = RetryAsync, ["cancel"] = CancelAsync, ["redeliver"] = RedeliverAsync, ["delete"] = DeleteAsync };

    /// <summary>The decisions about a held result, by their names.</summary>
    public IReadOnlyDictionary<string, Decision> Decisions => new Dictionary<string, Decision> { ["release"] = ReleaseAsync, ["reject"] = RejectAsync };

    /// <summary>Restarts a failed or cancelled task, or retries a waiting one now. A saved result is not computed again.</summary>
    public Task<(BridgeTask?, string?)> RetryAsync(long number, Caller caller) => OperateAsync("task retry", number, caller, async (database, task) =>
    {
        if (task.State is TaskState.Completed) return "The task is completed. To deliver its result again, redeliver it; to classify it again, rerun it.";
        if (task.State is TaskState.Running) return "The task is running.";
        if (task.State is TaskState.Held) return "The task's result is held. Release or reject it.";
        if (task.FailureIsReported) return "The bridge reported the task's failure to the platform, which would show a second evaluation beside that report. Request the analysis again on the platform.";
        if (task.VerifyAt is not null)
        {
            task.VerifyAt = DateTimeOffset.UnixEpoch;
            return null;
        }
        if (!task.State.IsEnded())
        {
            if (task.NotBefore is null) return $"The task is {task.State.Name()} and does not wait for an attempt.";
            store.Move(task, task.State, "next attempt moved to now", caller.Name);
            return null;
        }
        var from = !task.HasResult || task.ReportsFailure || task.Rejection is not null ? TaskState.Accepted : task.HeldUntil is not null ? TaskState.Held : task.Posts > 0 ? TaskState.Delivering : TaskState.Classified;
        if (task.VerifiedAt is null && task.Secrets is null) return "The platform did not confirm the task, and its token and URLs were deleted. Request the analysis again on the platform.";
        if (from is TaskState.Accepted && task.Secrets is null) return "The task has no result, and the URLs of its slides were deleted because they had expired or --keep-results was over. Request the analysis again on the platform.";
        await store.RestartAsync(database, task, from, "retried", caller.Name);
        if (from is TaskState.Held) task.NotBefore = task.HeldUntil = time.GetUtcNow() + holds.Limit;
        // The bridge asks the platform once more about a task that was not confirmed.
        if (task.VerifiedAt is null) (task.VerifyAt, task.EndedAt) = (DateTimeOffset.UnixEpoch, null);
        return null;
    });

    /// <summary>Cancels a task and stops the classifier that runs on it. Refused once a post was started, because a post cannot be undone.</summary>
    public async Task<(BridgeTask?, string?)> CancelAsync(long number, Caller caller)
    {
        var outcome = await OperateAsync("task cancel", number, caller, (_, task) =>
        {
            if (task.State.IsEnded()) return Task.FromResult<string?>($"The task is already {task.State.Name()}.");
            if (task.State is TaskState.Delivering) return Task.FromResult<string?>("The task's result may already be on the platform; a post cannot be undone.");
            store.Move(task, TaskState.Cancelled, "cancelled", caller.Name);
            return Task.FromResult<string?>(null);
        });
        // On another node, TaskWatch stops the run.
        if (outcome is { Task: not null, Refused: null })
        {
            TaskTelemetry.Ended(TaskState.Cancelled);
            running.Stop(number);
        }
        return outcome;
    }

    /// <summary>Lets a held result be delivered.</summary>
    public Task<(BridgeTask?, string?)> ReleaseAsync(long number, Caller caller, string? reason) => DecideAsync("task release", number, caller, reason, task =>
    {
        store.Move(task, TaskState.Classified, "released", caller.Name, reason);
        (task.HeldUntil, task.DeliverUntil) = (null, null);
    });

    /// <summary>Rejects a held result: it is not delivered, and the task fails.</summary>
    public Task<(BridgeTask?, string?)> RejectAsync(long number, Caller caller, string? reason) => DecideAsync("task reject", number, caller, reason, task =>
    {
        // A run ends the task, and reports the failure to the platform if that is configured.
        store.Move(task, TaskState.Held, "rejected", caller.Name, reason);
        task.Rejection = $"Rejected by {caller.Name}: {reason}";
    }, needsReason: true);

    Task<(BridgeTask?, string?)> DecideAsync(string action, long number, Caller caller, string? reason, Action<BridgeTask> decide, bool needsReason = false) => OperateAsync(action, number, caller, (_, task) =>
    {
        var refused = task.State is not TaskState.Held ? $"The task's result is not held: the task is {task.State.Name()}."
            : task.Rejection is not null ? "The task's result was rejected already."
            : reason?.Length > LongestReason ? $"The reason has more than {LongestReason} characters."
            : needsReason && string.IsNullOrWhiteSpace(reason) ? "A rejection needs a reason."
            : null;
        if (refused is null) decide(task);
        return Task.FromResult(refused);
    }, reason?.Length > LongestReason ? null : reason);

    /// <summary>Delivers a saved result again. As after an uncertain post, the bridge checks the platform first: a result that is on the platform is not posted again.</summary>
    public Task<(BridgeTask?, string?)> RedeliverAsync(long number, Caller caller) => OperateAsync("task redeliver", number, caller, async (database, task) =>
    {
        if (!task.HasResult) return "The task has no saved result.";
        if (task.HeldUntil is not null && !task.ReportsFailure) return task.Rejection is null ? "The task's result was not released." : "The task's result was rejected.";
        if (task.FailureIsReported) return "The task's saved result is only the report of its failure, and that was delivered.";
        if (!task.State.IsEnded() && task.ClaimedAt is not null) return "The task's result is being delivered.";
        if (task.State.IsEnded()) await store.RestartAsync(database, task, TaskState.Delivering, "delivered again", caller.Name);
        else store.Move(task, task.State, "delivered again", caller.Name);
        return null;
    });

    /// <summary>
    /// Classifies an ended task again. A completed task stays completed, and its new result is stored beside the posted one; because the platform appends results, it is posted only if the operator asks for that.
    /// A failed or cancelled task whose result is to be posted restarts instead, and its saved result is dropped.
    /// </summary>
    public Task<(BridgeTask?, string?)> RerunAsync(long number, Caller caller, bool isToPost) => OperateAsync("task rerun", number, caller, async (database, task) =>
    {
        if (!task.State.IsEnded()) return $"The task is {task.State.Name()}; it can be classified again once it has ended.";
        if (task.VerifiedAt is null) return "The platform did not confirm the task, so its slides are not read.";
        if (await database.Reruns.FindAsync(number, TaskRerun.OfOperator) is { State: not (RerunState.Done or RerunState.Failed) } earlier) return $"The task is already being classified again, for {earlier.Who}.";
        if (task.Secrets is null) return $"The URLs of the task's slides were deleted because they had expired. {FreshUrls}";
        if (task.ExpiresAt is { } expiry && expiry <= time.GetUtcNow() && task.StagedOn is null) return $"The URLs of the task's slides expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC. {FreshUrls}";
        if (!isToPost || task.State is TaskState.Completed) await store.AskForRerunAsync(database, task, caller.Name, isToPost);
        else if (task.FailureIsReported) return "The bridge reported the task's failure to the platform, which would show a second evaluation beside that report. Request the analysis again on the platform.";
        else await store.RestartAsync(database, task, TaskState.Accepted, "classified again from the start, to be posted", caller.Name);
        return null;
    });

    const string FreshUrls = "Copy a new debug request of the task from the platform, and run 'slidebridge send --run FILE' with it; or request the analysis again on the platform.";

    /// <summary>
    /// Erases everything about an ended task except that it ended, when, and the company that is billed: if its webhook is sent again, it must not cause a second evaluation.
    /// A task that the platform never confirmed is deleted completely.
    /// </summary>
    public async Task<(BridgeTask?, string?)> DeleteAsync(long number, Caller caller)
    {
        var outcome = await OperateAsync("task delete", number, caller, (database, task) => EraseAsync(database, task, caller));
        if (outcome.Refused is null) store.TellErased([number]);
        return outcome;
    }

    async Task<string?> EraseAsync(TaskDatabase database, BridgeTask task, Caller caller)
    {
        var number = task.Number;
        if (!task.State.IsEnded()) return $"The task is {task.State.Name()}; it can be deleted once it has ended.";
        if (await database.Requests.AnyAsync(r => r.TaskNumber == number) || database.Requests.Local.Any(r => r.TaskNumber == number)) return "A webhook for the task waits to be verified; delete the task after that.";
        await Retention.EraseAsync(database, task);
        database.RemoveRange(await database.Set<TaskEvent>().Where(e => e.TaskNumber == number).ToListAsync());
        if (task.VerifiedAt is null)
        {
            database.Remove(task);
            return null;
        }
        (task.CaseNumber, task.Model, task.Scans, task.Objects, task.StagedOn) = (null, null, [], "", null);
        store.Move(task, task.State, "deleted", caller.Name);
        return null;
    }

    /// <summary>The line of the audit log is part of the operation's commit, also if the operation is refused.</summary>
    async Task<(BridgeTask? Task, string? Refused)> OperateAsync(string action, long number, Caller caller, Func<TaskDatabase, BridgeTask, Task<string?>> act, string? reason = null)
    {
        var outcome = await store.OperateAsync(number, async (database, task) =>
        {
            var refused = await act(database, task);
            database.Record(AuditEntry.Of(time.GetUtcNow(), caller, action, $"task {number}", refused is not null ? $"refused: {refused}" : reason is null ? null : $"reason: {reason}"));
            return refused;
        });
        signal.Wake();
        return outcome;
    }
}
