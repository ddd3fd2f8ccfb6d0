using Microsoft.EntityFrameworkCore;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// The life of every task, on disk. A run acquires a task with a new fencing token; each of its steps commits only while no later run has acquired the
/// task, and while the task is in the state in which this run left it, so that a step that comes late changes nothing and throws.
/// </summary>
sealed partial class TaskStore(IDbContextFactory<TaskDatabase> databases, CommitQueue commits, TaskVault vault, TaskSignal signal, NodeOptions node, TimeProvider time) : IDeliveryStore
{
    /// <summary>Of a step whose commit fails: two minutes in all.</summary>
    const int MostTries = 120;

    static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    public async Task<BridgeTask?> AcquireAsync(long number, string classifier)
    {
        int? own = null;
        var acquired = await commits.CommitAsync(async database =>
        {
            var task = await database.Tasks.FindAsync(number);
            if (task is null || task.State.IsEnded() || task.ClaimedAt is null) return null;
            // Nothing is fetched or posted for a task that the platform has not confirmed.
            if (task.VerifiedAt is null) return null;
            // Its commit had no answer, and is there: acquired again, it would be counted as a crash.
            if (task.FencingToken == own && task.Node == node.Name) return task;
            own = ++task.FencingToken;
            task.UpdatedAt = time.GetUtcNow();
            if (task.State is TaskState.Running)
            {
                task.Crashes++;
                task.Attempts++;
                task.Events.Add(Event(TaskState.Running, $"taken over by {node.Name} (run {task.FencingToken}), for {task.Node} did not end its run: classifier {classifier} started anew"));
            }
            else if (task.State is TaskState.Accepted)
            {
                task.Attempts++;
                Move(task, TaskState.Running, $"classifier {classifier} started at {node.Name} (run {task.FencingToken})");
            }
            else if (task.State.IsToDeliver() && task.Node is not null && task.Node != node.Name)
            {
                task.Events.Add(Event(task.State, $"delivery goes on at {node.Name} (run {task.FencingToken})"));
            }
            task.Node = node.Name;
            return task;
        });
        return acquired is null ? null : vault.TryUnlock(acquired);
    }

    public async Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null)
    {
        await StepAsync(lease, Step(to, what, changes));
        if (to.IsEnded()) TaskTelemetry.Ended(to);
    }

    public Task SaveResultAsync(TaskLease lease, byte[] json, string what, TaskChanges changes)
    {
        var step = Step(TaskState.Classified, what, changes);
        return StepAsync(lease, task =>
        {
            step(task);
            (task.HasResult, task.ResultObjects) = (true, lease.Task.Objects);
        }, async database =>
        {
            if (await database.Results.FindAsync(lease.Number) is { } old) old.Json = json;
            else database.Results.Add(new SavedResult { TaskNumber = lease.Number, Json = json });
        });
    }

    public async Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes)
    {
        var (step, again) = (Step(to, "put off", changes), time.GetUtcNow() + wait);
        await StepAsync(lease, task =>
        {
            step(task);
            (task.ClaimedAt, task.NotBefore) = (null, again);
        });
        signal.WakeAt(again);
    }

    public async Task ReleaseAsync(TaskLease lease, string why, TimeSpan wait = default)
    {
        var again = wait > TimeSpan.Zero ? time.GetUtcNow() + wait : (DateTimeOffset?)null;
        await StepAsync(lease, task =>
        {
            Move(task, task.State is TaskState.Running ? TaskState.Accepted : task.State, why);
            (task.ClaimedAt, task.NotBefore) = (null, again);
        });
        if (again is { } moment) signal.WakeAt(moment);
    }

    public async Task<bool> BeginPostAsync(TaskLease lease)
    {
        var isBegun = false;
        await StepAsync(lease, row =>
        {
            // The row decides, not the lease: a webhook may have given the task other slides since.
            isBegun = row.ResultObjects == row.Objects;
            return isBegun
                ? task =>
                {
                    Move(task, TaskState.Delivering, "post begun");
                    task.Posts++;
                }
            : task =>
            {
                Move(task, TaskState.Accepted, "its saved result was made from other slides than it has now: begins anew");
                Reset(task, TaskState.Accepted);
            };
        }, database => isBegun ? Task.CompletedTask : DropResultAsync(database, lease.Number));
        if (!isBegun) signal.Wake();
        return isBegun;
    }

    public Task ChargeAsync(TaskLease lease, RunCost cost) => TryCommitAsync(async database =>
    {
        if (await database.Tasks.FindAsync(lease.Number) is { } task) cost.AddTo(task);
    });

    // Where it fails, the task's job is found by another node, or at the next start.
    public Task UnclaimAsync(long number) => TryCommitAsync(async database =>
    {
        var task = await database.Tasks.FindAsync(number);
        if (task is { State: TaskState.Accepted, ClaimedAt: not null } && task.Node == node.Name) task.ClaimedAt = null;
    });

    public Task VerifyLeaseAsync(TaskLease lease) => commits.CommitAsync(async database =>
    {
        var task = Check(await database.Tasks.FindAsync(lease.Number), lease);
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

    public Task KeepLogAsync(TaskLease lease, string text) => TryCommitAsync(async database =>
    {
        if (await FindOwnAsync(database, lease) is null) return;
        if (await database.Logs.FindAsync(lease.Number) is { } old) old.Text = text;
        else database.Logs.Add(new ClassifierLog { TaskNumber = lease.Number, Text = text });
    });

    public Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings) => TryCommitAsync(async database =>
    {
        if (await FindOwnAsync(database, lease) is not { } task) return;
        foreach (var (scanId, warning) in warnings)
        {
            if (task.Scans.Find(s => s.ScanId == scanId) is not { } scan || scan.Warnings.Exists(w => w.Code == warning.Code && w.Message == warning.Message)) continue;
            scan.Warnings.Add(new ScanWarning { Code = warning.Code, Message = warning.Message });
            task.Events.Add(Event(task.State, $"warning of scan {scanId}: {warning.Message} ({warning.Code})"));
        }
    });

    public Task KeepPictureAsync(TaskLease lease, ScanPicture picture) => commits.CommitAsync(async database =>
    {
        if (await FindOwnAsync(database, lease) is not { } task || task.State.IsEnded()) return false;
        if (await database.Pictures.AnyAsync(p => p.TaskNumber == picture.TaskNumber && p.ScanId == picture.ScanId)) return false;
        database.Pictures.Add(picture);
        return true;
    });

    /// <summary>A run's own task; null where it was overtaken: then what it has may be of other slides than the task has now.</summary>
    static async Task<BridgeTask?> FindOwnAsync(TaskDatabase database, TaskLease lease) =>
        await database.Tasks.FindAsync(lease.Number) is { } task && task.FencingToken == lease.FencingToken ? task : null;

    /// <summary>The row's move to a state, with its event.</summary>
    /// <exception cref="InvalidOperationException">No task makes this move: <see cref="TaskStates.Transitions"/>.</exception>
    public void Move(BridgeTask task, TaskState to, string what, string? who = null, string? words = null)
    {
        if (!task.State.MayBecome(to)) throw new InvalidOperationException($"Task {task.Number} cannot go from {task.State.Name()} to {to.Name()} ({what}).");
        var now = time.GetUtcNow();
        task.State = to;
        task.UpdatedAt = now;
        task.NotBefore = null;
        task.Events.Add(Event(to, what, who, words));
        if (!to.IsEnded()) return;
        task.EndedAt ??= now;
        task.ClaimedAt = null;
        EraseSecrets(task);
    }

    /// <summary>A task that had ended begins anew from a state: <see cref="TaskState.Accepted"/>, or <see cref="TaskState.Delivering"/> with the result it has.</summary>
    public async Task RestartAsync(TaskDatabase database, BridgeTask task, TaskState from, string what, string? who = null)
    {
        Reset(task, from);
        Move(task, from, what, who);
        if (from is TaskState.Accepted) await DropResultAsync(database, task.Number);
    }

    static void Reset(BridgeTask task, TaskState from)
    {
        (task.NotBefore, task.ClaimedAt) = (null, null);
        (task.Delays, task.Crashes, task.DeliverUntil) = (0, 0, null);
        (task.LastError, task.LastCause) = (null, null);
        if (from is TaskState.Accepted) (task.HasResult, task.ResultObjects, task.ReportsFailure) = (false, null, false);
    }

    static async Task DropResultAsync(TaskDatabase database, long number)
    {
        if (await database.Results.FindAsync(number) is { } old) database.Results.Remove(old);
    }

    /// <summary>Commits what no run is worth failing for: where the database is away, it is left out.</summary>
    async Task TryCommitAsync(Func<TaskDatabase, Task> change)
    {
        try
        {
            await commits.CommitAsync(async database =>
            {
                await change(database);
                return true;
            });
        }
        catch (StorageException)
        {
            // Left out.
        }
    }

    Action<BridgeTask> Step(TaskState to, string what, TaskChanges? changes)
    {
        var now = time.GetUtcNow();
        return task =>
        {
            Move(task, to, what, words: changes?.Error);
            changes?.ApplyTo(task, now);
        };
    }

    /// <inheritdoc cref="StepAsync(TaskLease, Func{BridgeTask, Action{BridgeTask}}, Func{TaskDatabase, Task})"/>
    Task StepAsync(TaskLease lease, Action<BridgeTask> step, Func<TaskDatabase, Task>? further = null) => StepAsync(lease, _ => step, further);

    /// <summary>A run's step, in the database and then in its lease. It outlives a database that is away for a while.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="plan">Chooses the step by the row as it is now.</param>
    /// <param name="further">Further changes of the database.</param>
    async Task StepAsync(TaskLease lease, Func<BridgeTask, Action<BridgeTask>> plan, Func<TaskDatabase, Task>? further = null)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var (step, isOver) = await commits.CommitAsync(async database =>
                {
                    var row = Check(await database.Tasks.FindAsync(lease.Number), lease);
                    var planned = plan(row);
                    planned(row);
                    if (further is not null) await further(database);
                    return (planned, row.State.IsEnded());
                });
                // A run takes no step after the one that ends its task, and that one encrypts the task's secrets again.
                if (!isOver) step(lease.Task);
                return;
            }
            catch (StorageException) when (tries < MostTries && !lease.Stopping.IsCancellationRequested)
            {
                await Task.Delay(BetweenTries, time);
            }
        }
    }

    static BridgeTask Check(BridgeTask? task, TaskLease lease) => task is not null && task.FencingToken == lease.FencingToken && task.State == lease.Task.State
        ? task : throw new TaskMovedOnException(lease.Number, task, lease.FencingToken);

    TaskEvent Event(TaskState state, string what, string? who = null, string? words = null) => new() { At = time.GetUtcNow(), State = state, What = what, Who = who, Words = words };

    /// <summary>
    /// A completed task needs no token. Its URLs stay, encrypted, for as long as they live: an operator may have it classified again. Of a failed or cancelled task the token stays, too:
    /// it may be retried, and one that the platform did not confirm be verified again. <see cref="Retention"/> erases them then.
    /// </summary>
    void EraseSecrets(BridgeTask task)
    {
        if (task.State is TaskState.Completed) task.Secrets = vault.WithoutToken(task);
        task.VerifyAt = null;
    }
}
