using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>What an operator can do with a task. Each is one commit, in the task's event log with who did it.</summary>
sealed class TaskOperations(TaskStore store, RunningTasks running, TaskSignal signal, TimeProvider time)
{
    /// <summary>The task after it, or null where there is none; and why it was refused, or null.</summary>
    public delegate Task<(BridgeTask? Task, string? Refused)> Operation(long number, string who);

    /// <summary>The operations by their names.</summary>
    public IReadOnlyDictionary<string, Operation> All => new Dictionary<string, Operation> { ["retry"] = RetryAsync, ["cancel"] = CancelAsync, ["redeliver"] = RedeliverAsync, ["delete"] = DeleteAsync };

    /// <summary>A task that failed or was cancelled begins anew; one that waits for its next try has it now. A result that was saved is not computed again.</summary>
    public Task<(BridgeTask?, string?)> RetryAsync(long number, string who) => OperateAsync(number, async (database, task) =>
    {
        if (task.State is TaskState.Completed) return "It is completed. To have its result delivered again, redeliver it; to have it classified again, rerun it.";
        if (task.State is TaskState.Running) return "It is running.";
        if (task.FailureIsReported) return "The platform was told that it failed, and would show a second evaluation beside that. Ask for the analysis anew on the platform.";
        if (task.VerifyAt is not null)
        {
            task.VerifyAt = DateTimeOffset.UnixEpoch;
            return null;
        }
        if (!task.State.IsEnded())
        {
            if (task.NotBefore is null) return $"It is {task.State.Name()} and waits for no try.";
            store.Move(task, task.State, "next try brought forward", who);
            return null;
        }
        var from = !task.HasResult || task.ReportsFailure ? TaskState.Accepted : task.Posts > 0 ? TaskState.Delivering : TaskState.Classified;
        if (task.VerifiedAt is null && task.Secrets is null) return "The platform did not confirm it, and its token and URLs were deleted. Ask for the analysis anew on the platform.";
        if (from is TaskState.Accepted && task.Secrets is null) return "Its slides' URLs were deleted, for they had expired or were kept long enough (--keep-results), and it has no result. Ask for the analysis anew on the platform.";
        await store.RestartAsync(database, task, from, "retried", who);
        // What the platform did not confirm is asked about once more.
        if (task.VerifiedAt is null) (task.VerifyAt, task.EndedAt) = (DateTimeOffset.UnixEpoch, null);
        return null;
    });

    /// <summary>Ends a task. A classifier that runs on it is told to stop. Refused once a post was begun: it cannot be called back.</summary>
    public async Task<(BridgeTask?, string?)> CancelAsync(long number, string who)
    {
        var outcome = await OperateAsync(number, (_, task) =>
        {
            if (task.State.IsEnded()) return Task.FromResult<string?>($"It is {task.State.Name()} already.");
            if (task.State is TaskState.Delivering) return Task.FromResult<string?>("Its result may be on the platform already; a post cannot be called back.");
            store.Move(task, TaskState.Cancelled, "cancelled", who);
            return Task.FromResult<string?>(null);
        });
        // On another node, TaskWatch sees it.
        if (outcome is { Task: not null, Refused: null })
        {
            TaskTelemetry.Ended(TaskState.Cancelled);
            running.Stop(number);
        }
        return outcome;
    }

    /// <summary>Has a saved result delivered, with the same look before it as after an uncertain post: what is on the platform is not posted again.</summary>
    public Task<(BridgeTask?, string?)> RedeliverAsync(long number, string who) => OperateAsync(number, async (database, task) =>
    {
        if (!task.HasResult) return "It has no saved result.";
        if (task.FailureIsReported) return "What it saved was the report that it failed, and that was delivered.";
        if (!task.State.IsEnded() && task.ClaimedAt is not null) return "It is being delivered.";
        if (task.State.IsEnded()) await store.RestartAsync(database, task, TaskState.Delivering, "delivered again", who);
        else store.Move(task, task.State, "delivered again", who);
        return null;
    });

    /// <summary>
    /// Has an ended task classified once more. A completed task stays completed, and its new result is kept beside the posted one; the platform appends, so it is posted only where that is asked for.
    /// A failed or cancelled task whose result is to be posted begins anew instead, without the result that it has.
    /// </summary>
    public Task<(BridgeTask?, string?)> RerunAsync(long number, string who, bool isToPost) => OperateAsync(number, async (database, task) =>
    {
        if (!task.State.IsEnded()) return $"It is {task.State.Name()}: it can be classified again once it has ended.";
        if (task.VerifiedAt is null) return "The platform did not confirm it, so its slides are not read.";
        if (await database.Reruns.FindAsync(number) is { State: not (RerunState.Done or RerunState.Failed) } earlier) return $"It is being classified again already, for {earlier.Who}.";
        if (task.Secrets is null) return $"Its slides' URLs were deleted, for they had expired. {FreshUrls}";
        if (task.ExpiresAt is { } expiry && expiry <= time.GetUtcNow() && task.StagedOn is null) return $"Its slides' URLs expired at {expiry:yyyy-MM-dd HH:mm:ss} UTC. {FreshUrls}";
        if (!isToPost || task.State is TaskState.Completed) await store.AskForRerunAsync(database, task, who, isToPost);
        else if (task.FailureIsReported) return "The platform was told that it failed, and would show a second evaluation beside that. Ask for the analysis anew on the platform.";
        else await store.RestartAsync(database, task, TaskState.Accepted, "classified again from the start, to be posted", who);
        return null;
    });

    const string FreshUrls = "Copy a new debug request of the task from the platform, and run 'slidebridge send --run FILE' with it; or ask for the analysis anew on the platform.";

    /// <summary>
    /// Erases all that is known of an ended task but that it ended, when, and for which company it is billed: a webhook that is sent again must not make a second evaluation.
    /// One that the platform never confirmed goes without a trace.
    /// </summary>
    public Task<(BridgeTask?, string?)> DeleteAsync(long number, string who) => OperateAsync(number, async (database, task) =>
    {
        if (!task.State.IsEnded()) return $"It is {task.State.Name()}: it can be deleted once it has ended.";
        if (await database.Requests.AnyAsync(r => r.TaskNumber == number) || database.Requests.Local.Any(r => r.TaskNumber == number)) return "A webhook for it waits to be verified: delete it after that.";
        await Retention.EraseAsync(database, task);
        database.RemoveRange(await database.Set<TaskEvent>().Where(e => e.TaskNumber == number).ToListAsync());
        if (task.VerifiedAt is null)
        {
            database.Remove(task);
            return null;
        }
        (task.CaseNumber, task.Model, task.Scans, task.Objects, task.StagedOn) = (null, null, [], "", null);
        store.Move(task, task.State, "deleted", who);
        return null;
    });

    async Task<(BridgeTask? Task, string? Refused)> OperateAsync(long number, Func<TaskDatabase, BridgeTask, Task<string?>> act)
    {
        var outcome = await store.OperateAsync(number, act);
        signal.Wake();
        return outcome;
    }
}
