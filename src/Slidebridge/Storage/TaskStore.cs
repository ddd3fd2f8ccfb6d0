using Microsoft.EntityFrameworkCore;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// The life of every task, on disk. A run takes a task and numbers itself by that; each of its steps names the states it may start from and
/// commits only while no later run has taken the task, so that a step that comes late changes nothing and throws.
/// </summary>
sealed partial class TaskStore(IDbContextFactory<TaskDatabase> databases, CommitQueue commits, TaskVault vault, NodeOptions node, TimeProvider time)
{
    /// <summary>Two minutes in all.</summary>
    const int MostTries = 120;

    static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    /// <summary>Begins a run: fences all earlier ones off. Null where there is nothing to run.</summary>
    /// <exception cref="LostKeyException">Its token and URLs cannot be decrypted.</exception>
    public async Task<BridgeTask?> TakeAsync(long number, string classifier)
    {
        int? own = null;
        return await commits.CommitAsync(async database =>
        {
            var task = await database.Tasks.FindAsync(number);
            if (task is null || task.State.IsEnded() || task.AdmittedAt is null) return null;
            // Nothing is fetched or posted for a task that the platform has not confirmed.
            if (task.VerifiedAt is null) return null;
            // Its commit had no answer, and is there: taken again, it would be counted as a crash.
            if (task.Run == own && task.Node == node.Name) return task;
            own = ++task.Run;
            task.UpdatedAt = time.GetUtcNow();
            if (task.State is TaskState.Running)
            {
                task.Crashes++;
                task.Runs++;
                task.Events.Add(Event(TaskState.Running, $"taken over by {node.Name} (run {task.Run}), for {task.Node} did not end its run: classifier {classifier} started anew"));
            }
            else if (task.State is TaskState.Accepted)
            {
                task.Runs++;
                Move(task, TaskState.Running, $"classifier {classifier} started at {node.Name} (run {task.Run})");
            }
            else if (task.State.IsToDeliver() && task.Node is not null && task.Node != node.Name)
            {
                task.Events.Add(Event(task.State, $"delivery goes on at {node.Name} (run {task.Run})"));
            }
            task.Node = node.Name;
            return task;
        });
    }

    /// <summary>Moves a task on and records it as an event.</summary>
    /// <param name="run">The run whose step it is.</param>
    /// <param name="from">The states in which this step makes sense.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="what">What happened, for the event log.</param>
    /// <param name="change">Further changes of the row.</param>
    /// <exception cref="TaskMovedOnException">The task is in another state, or another run has it.</exception>
    /// <param name="words">What somebody else said about it.</param>
    public async Task AdvanceAsync(TaskRun run, TaskState[] from, TaskState to, string what, Action<BridgeTask>? change = null, string? words = null)
    {
        await StepAsync(run, from, (_, task) =>
        {
            Move(task, to, what, words: words);
            change?.Invoke(task);
            return Task.CompletedTask;
        });
        if (to.IsEnded()) TaskTelemetry.Ended(to);
    }

    /// <summary>Records that a post of the saved result begins. False where the result was made from other slides than the task has now: then the task begins anew.</summary>
    /// <exception cref="TaskMovedOnException">The task is in another state, or another run has it.</exception>
    public async Task<bool> BeginPostAsync(TaskRun run)
    {
        var isBegun = false;
        await StepAsync(run, TaskStates.ToDeliver, async (database, task) =>
        {
            isBegun = task.ResultObjects == task.Objects;
            if (isBegun)
            {
                Move(task, TaskState.Delivering, "post begun");
                task.Posts++;
                return;
            }
            await RestartAsync(database, task, TaskState.Accepted);
            Move(task, TaskState.Accepted, "its saved result was made from other slides than it has now: begins anew");
        });
        return isBegun;
    }

    /// <summary>Gives a task out of hand until <paramref name="again"/>, so that any node may take it in hand then.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    public Task PutOffAsync(TaskRun run, TaskState[] from, TaskState to, string what, DateTimeOffset again, Action<BridgeTask>? change = null, string? words = null) =>
        AdvanceAsync(run, from, to, what, task =>
        {
            task.AdmittedAt = null;
            task.NotBefore = again;
            change?.Invoke(task);
        }, words);

    /// <summary>Gives a task out of hand as it is: this node stops, or failed.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    public Task HandBackAsync(TaskRun run, string why, DateTimeOffset? again) => StepAsync(run, [TaskState.Running, .. TaskStates.ToDeliver], (_, task) =>
    {
        Move(task, task.State is TaskState.Running ? TaskState.Accepted : task.State, why);
        (task.AdmittedAt, task.NotBefore) = (null, again);
        return Task.CompletedTask;
    });

    /// <summary>Adds what a run has cost that did not come to its end: it was handed back, called off, or overtaken.</summary>
    public async Task ChargeAsync(long number, RunCost cost)
    {
        try
        {
            await commits.CommitAsync(async database =>
            {
                if (await database.Tasks.FindAsync(number) is { } task) cost.AddTo(task);
                return true;
            });
        }
        catch (StorageException)
        {
            // Then nobody is charged.
        }
    }

    /// <summary>Gives a task out of hand that no run has taken yet.</summary>
    public async Task ReleaseAsync(long number)
    {
        try
        {
            await commits.CommitAsync(async database =>
            {
                var task = await database.Tasks.FindAsync(number);
                if (task is { State: TaskState.Accepted, AdmittedAt: not null } && task.Node == node.Name) task.AdmittedAt = null;
                return true;
            });
        }
        catch (StorageException)
        {
            // Then its job is found by another node, or at the next start.
        }
    }

    /// <summary>Proves that the task is still this run's, at this moment.</summary>
    /// <exception cref="TaskMovedOnException">It is not.</exception>
    public Task ProveAsync(TaskRun run, TaskState state) => commits.CommitAsync(async database =>
    {
        var task = Check(await database.Tasks.FindAsync(run.Number), run, [state]);
        task.UpdatedAt = time.GetUtcNow();
        return true;
    });

    /// <summary>An operator's doing: looks at the task and changes it, or says why not and changes nothing.</summary>
    /// <returns>The task after it, null where there is none; and why it was refused.</returns>
    public Task<(BridgeTask? Task, string? Refused)> OperateAsync(long number, Func<TaskDatabase, BridgeTask, Task<string?>> act) => commits.CommitAsync(async database =>
    {
        var task = await database.Tasks.FindAsync(number);
        return (task, task is null ? null : await act(database, task));
    });

    /// <summary>Saves a run's result.</summary>
    /// <inheritdoc cref="AdvanceAsync"/>
    public Task SaveResultAsync(TaskRun run, TaskState[] from, string what, byte[] json, Action<BridgeTask> change, string? words = null) => StepAsync(run, from, async (database, task) =>
    {
        Move(task, TaskState.Classified, what, words: words);
        change(task);
        (task.HasResult, task.ResultObjects) = (true, run.Task.Objects);
        if (await database.Results.FindAsync(run.Number) is { } old) old.Json = json;
        else database.Results.Add(new SavedResult { TaskNumber = run.Number, Json = json });
    });

    /// <summary>Keeps what a run's classifier wrote, in place of what an earlier one did. A log that cannot be kept is no reason to lose a result.</summary>
    public async Task KeepLogAsync(TaskRun run, string text)
    {
        try
        {
            await commits.CommitAsync(async database =>
            {
                // A run that was overtaken may have worked on other slides than the task has now.
                if (await database.Tasks.FindAsync(run.Number) is not { } task || task.Run != run.Run) return false;
                if (await database.Logs.FindAsync(run.Number) is { } old) old.Text = text;
                else database.Logs.Add(new ClassifierLog { TaskNumber = run.Number, Text = text });
                return true;
            });
        }
        catch (StorageException)
        {
            // Then there is none.
        }
    }

    /// <summary>Keeps what was mended, skipped or doubted of a run's slides, and records what is new of it as steps.</summary>
    public async Task KeepWarningsAsync(TaskRun run, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings)
    {
        try
        {
            await commits.CommitAsync(async database =>
            {
                if (await database.Tasks.FindAsync(run.Number) is not { } task || task.Run != run.Run) return false;
                foreach (var (scanId, warning) in warnings)
                {
                    if (task.Scans.Find(s => s.ScanId == scanId) is not { } scan || scan.Warnings.Exists(w => w.Code == warning.Code && w.Message == warning.Message)) continue;
                    scan.Warnings.Add(new ScanWarning { Code = warning.Code, Message = warning.Message });
                    task.Events.Add(Event(task.State, $"warning of scan {scanId}'s slide: {warning.Message} ({warning.Code})"));
                }
                return true;
            });
        }
        catch (StorageException)
        {
            // Then the log has them.
        }
    }

    /// <summary>Saves a scan's picture; one that is there stays, and one of a run that was overtaken is dropped: it may be of another slide than the task has now.</summary>
    public Task SaveAsync(TaskRun run, ScanPicture picture) => commits.CommitAsync(async database =>
    {
        if (await database.Tasks.FindAsync(run.Number) is not { } task || task.Run != run.Run || task.State.IsEnded()) return false;
        if (await database.Pictures.AnyAsync(p => p.TaskNumber == picture.TaskNumber && p.ScanId == picture.ScanId)) return false;
        database.Pictures.Add(picture);
        return true;
    });

    /// <summary>The row's move to a state, with its event.</summary>
    public void Move(BridgeTask task, TaskState to, string what, string? who = null, string? words = null)
    {
        var now = time.GetUtcNow();
        task.State = to;
        task.UpdatedAt = now;
        task.NotBefore = null;
        task.Events.Add(Event(to, what, who, words));
        if (!to.IsEnded()) return;
        task.EndedAt ??= now;
        task.AdmittedAt = null;
        EraseSecrets(task);
    }

    /// <summary>A task that had ended begins anew from a state: <see cref="TaskState.Accepted"/>, or <see cref="TaskState.Delivering"/> with the result it has.</summary>
    public static async Task RestartAsync(TaskDatabase database, BridgeTask task, TaskState from)
    {
        task.State = from;
        (task.NotBefore, task.AdmittedAt) = (null, null);
        (task.Delays, task.Crashes, task.DeliverUntil) = (0, 0, null);
        (task.LastError, task.LastCause) = (null, null);
        if (from is not TaskState.Accepted) return;
        (task.HasResult, task.ResultObjects, task.ReportsFailure) = (false, null, false);
        if (await database.Results.FindAsync(task.Number) is { } old) database.Results.Remove(old);
    }

    /// <summary>
    /// A run's step: refused to a run that was overtaken. It outlives a database that is away for a while: what a classifier worked out for an hour is not lost to a restart.
    /// </summary>
    async Task StepAsync(TaskRun run, TaskState[] from, Func<TaskDatabase, BridgeTask, Task> step)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await commits.CommitAsync(async database =>
                {
                    await step(database, Check(await database.Tasks.FindAsync(run.Number), run, from));
                    return true;
                });
                return;
            }
            catch (StorageException) when (tries < MostTries && !run.Stopping.IsCancellationRequested)
            {
                await Task.Delay(BetweenTries, time);
            }
        }
    }

    static BridgeTask Check(BridgeTask? task, TaskRun run, TaskState[] from) =>
        task is not null && task.Run == run.Run && from.Contains(task.State) ? task : throw new TaskMovedOnException(run.Number, task, run.Run);

    TaskEvent Event(TaskState state, string what, string? who = null, string? words = null) => new() { At = time.GetUtcNow(), State = state, What = what, Who = who, Words = words };

    /// <summary>
    /// A completed task needs neither token nor URL. Of a failed or cancelled one they stay, encrypted, for as long as its URLs live: it may be retried, and one that the platform did not
    /// confirm be verified again. <see cref="Retention"/> erases them then.
    /// </summary>
    static void EraseSecrets(BridgeTask task)
    {
        if (task.State is TaskState.Completed) task.Secrets = null;
        task.VerifyAt = null;
    }
}
