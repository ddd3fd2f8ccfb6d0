using Microsoft.EntityFrameworkCore;
using Slidebridge.Slides;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// The steps of every task, on disk. A run acquires a task with a new fencing token; each of its steps commits only while no later run has acquired the
/// task, and while the task is in the state in which this run left it. A late step changes nothing and throws.
/// </summary>
sealed partial class TaskStore(IDbContextFactory<TaskDatabase> databases, CommitQueue commits, TaskVault vault, TaskSignal signal, NodeOptions node, TimeProvider time) : IDeliveryStore
{
    /// <summary>Tasks whose results this node has erased, after the commit: what was made of them goes too.</summary>
    public event Action<IReadOnlyCollection<long>>? Erased;

    public void TellErased(IReadOnlyCollection<long> tasks) => Erased?.Invoke(tasks);

    /// <summary>Maximum attempts at a step whose commit fails: two minutes together.</summary>
    const int MostTries = 120;

    /// <summary>Maximum warnings of one scan.</summary>
    const int MostWarnings = 200;

    static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(1);

    public async Task<BridgeTask?> AcquireAsync(long number, string classifier, bool isAlone = false, TimeSpan waitAfterCrash = default)
    {
        int? own = null;
        var acquired = await commits.CommitAsync(async database =>
        {
            var task = await database.FindTaskAsync(number);
            if (task is null || task.State.IsEnded() || task.ClaimedAt is null || task.LeasedUntil is not null) return null;
            // Nothing is fetched or posted for a task that the platform has not confirmed.
            if (task.VerifiedAt is null) return null;
            // The commit got no answer, but did succeed: if the run acquired the task again, that would count as a crash.
            if (task.FencingToken == own && task.Node == node.Name) return task;
            if (task.State is TaskState.Running && waitAfterCrash > TimeSpan.Zero)
            {
                TakeBack(task, $"node {task.Node} did not finish its run", waitAfterCrash, isCrash: true);
                return null;
            }
            own = ++task.FencingToken;
            task.UpdatedAt = time.GetUtcNow();
            if (task.State is TaskState.Running)
            {
                CountCrash(task);
                task.Attempts++;
                task.Events.Add(Event(TaskState.Running, $"taken over by node {node.Name} (run {task.FencingToken}), because node {task.Node} did not finish its run: classifier {classifier} started again"));
            }
            else if (task.State is TaskState.Accepted)
            {
                task.Attempts++;
                Move(task, TaskState.Running, $"classifier {classifier} started on node {node.Name} (run {task.FencingToken})");
            }
            else if (task.State is TaskState.Classified or TaskState.Delivering && task.Node is not null && task.Node != node.Name)
            {
                task.Events.Add(Event(task.State, $"delivery continues on node {node.Name} (run {task.FencingToken})"));
            }
            (task.Node, task.IsAlone) = (node.Name, isAlone && task.State is TaskState.Running);
            return task;
        });
        return acquired is null ? null : vault.TryUnlock(acquired);
    }

    public async Task AdvanceAsync(TaskLease lease, TaskState to, string what, TaskChanges? changes = null)
    {
        await StepAsync(lease, Step(to, what, changes));
        if (to.IsEnded()) TaskTelemetry.Ended(to);
    }

    public Task SaveResultAsync(TaskLease lease, ClassifiedResult result, string what, TaskChanges changes)
    {
        var step = Step(changes.HoldFor is null ? TaskState.Classified : TaskState.Held, what, changes);
        var isLeased = lease.Task.LeasedUntil is not null;
        return StepAsync(lease, task =>
        {
            step(task);
            // Nobody runs a held task; at the end of its time, any node claims it. A worker's result is delivered by any node, at once.
            if (task.State is TaskState.Held) (task.ClaimedAt, task.NotBefore) = (null, task.HeldUntil);
            else if (isLeased) task.ClaimedAt = null;
            (task.HasResult, task.ResultObjects) = (true, lease.Task.Objects);
        }, async database =>
        {
            if (await database.Results.FindAsync(lease.Number) is { } old) (old.Json, old.Provenance, old.Ledger, old.FencingToken) = (result.Json, result.Provenance, result.Ledger, lease.FencingToken);
            else database.Results.Add(new SavedResult { TaskNumber = lease.Number, Json = result.Json, Provenance = result.Provenance, Ledger = result.Ledger, FencingToken = lease.FencingToken });
            await AskForShadowsAsync(database, lease.Number, changes.Shadows);
        });
    }

    public async Task RescheduleAsync(TaskLease lease, TaskState to, TimeSpan wait, TaskChanges changes)
    {
        var (step, again) = (Step(to, "rescheduled", changes), time.GetUtcNow() + wait);
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
            if (row is { HeldUntil: not null, ReportsFailure: false }) throw new InvalidOperationException($"The result of task {row.Number} was not released.");
            // The row decides, not the lease: a webhook may have given the task other slides since the run began.
            isBegun = row.ResultObjects == row.Objects;
            return isBegun
                ? task =>
                {
                    Move(task, TaskState.Delivering, "post started");
                    task.Posts++;
                }
            : task =>
            {
                Move(task, TaskState.Accepted, "the task restarts: its saved result was made from other slides than it has now");
                Reset(task, TaskState.Accepted);
            };
        }, database => isBegun ? Task.CompletedTask : DropResultAsync(database, lease.Number));
        if (!isBegun) signal.Wake();
        return isBegun;
    }

    public Task ChargeAsync(TaskLease lease, RunCost cost) => TryCommitAsync(async database =>
    {
        if (await database.FindTaskAsync(lease.Number) is { } task) cost.AddTo(task);
    });

    // If this fails, another node finds the task's job, or this one at its next start.
    public Task UnclaimAsync(long number) => TryCommitAsync(async database =>
    {
        var task = await database.FindTaskAsync(number);
        if (task is { State: TaskState.Accepted, ClaimedAt: not null } && task.Node == node.Name) task.ClaimedAt = null;
    });

    public Task VerifyLeaseAsync(TaskLease lease) => commits.CommitAsync(async database =>
    {
        var task = Check(await database.FindTaskAsync(lease.Number), lease);
        task.UpdatedAt = time.GetUtcNow();
        return true;
    });

    /// <summary>An operator's operation: checks the task and changes it, or returns why not and changes nothing.</summary>
    /// <returns>The task after the operation, null if there is none; and why the operation was refused.</returns>
    public Task<(BridgeTask? Task, string? Refused)> OperateAsync(long number, Func<TaskDatabase, BridgeTask, Task<string?>> act) => commits.CommitAsync(async database =>
    {
        var task = await database.FindTaskAsync(number);
        return (task, task is null ? null : await act(database, task));
    });

    public Task KeepLogAsync(TaskLease lease, string text) => TryCommitAsync(async database =>
    {
        // A classifier that goes on after its task was cancelled must not bring back what was erased since.
        if (await FindOwnAsync(database, lease) is not { } task || (task.State.IsEnded() && task.Secrets is null)) return;
        if (await database.Logs.FindAsync(lease.Number) is { } old) old.Text = text;
        else database.Logs.Add(new ClassifierLog { TaskNumber = lease.Number, Text = text });
    });

    public Task KeepWarningsAsync(TaskLease lease, IReadOnlyList<(string ScanId, SlideWarning Warning)> warnings) => TryCommitAsync(async database =>
    {
        if (await FindOwnAsync(database, lease) is not { } task) return;
        foreach (var (scanId, warning) in warnings)
        {
            if (task.Scans.Find(s => s.ScanId == scanId) is not { } scan || scan.Warnings.Count >= MostWarnings || scan.Warnings.Exists(w => w.Code == warning.Code && w.Message == warning.Message)) continue;
            scan.Warnings.Add(new ScanWarning { Code = warning.Code, Message = warning.Message });
            task.Events.Add(Event(task.State, $"warning for scan {scanId}: {warning.Message} ({warning.Code})"));
        }
    });

    public Task KeepPictureAsync(TaskLease lease, ScanPicture picture) => commits.CommitAsync(async database =>
    {
        if (await FindOwnAsync(database, lease) is not { } task || task.State.IsEnded()) return false;
        if (await database.Pictures.AnyAsync(p => p.TaskNumber == picture.TaskNumber && p.ScanId == picture.ScanId)) return false;
        database.Pictures.Add(picture);
        return true;
    });

    /// <summary>The run's task; null if the run no longer owns it: its data may then be of other slides than the task has now.</summary>
    static async Task<BridgeTask?> FindOwnAsync(TaskDatabase database, TaskLease lease) =>
        await database.FindTaskAsync(lease.Number) is { } task && task.FencingToken == lease.FencingToken ? task : null;

    /// <summary>Moves the row to a state, and adds the event.</summary>
    /// <exception cref="InvalidOperationException">The transition is not allowed: <see cref="TaskStates.Transitions"/>.</exception>
    public void Move(BridgeTask task, TaskState to, string what, string? who = null, string? words = null)
    {
        if (!task.State.MayBecome(to)) throw new InvalidOperationException($"Task {task.Number} cannot go from {task.State.Name()} to {to.Name()} ({what}).");
        var now = time.GetUtcNow();
        task.State = to;
        task.UpdatedAt = now;
        task.NotBefore = null;
        if (to is not TaskState.Running) (task.IsAlone, task.LeasedUntil) = (false, null);
        task.Events.Add(Event(to, what, who, words));
        if (!to.IsEnded()) return;
        task.EndedAt ??= now;
        task.ClaimedAt = null;
        EraseSecrets(task);
    }

    /// <summary>Restarts an ended task from a state: <see cref="TaskState.Accepted"/>, or <see cref="TaskState.Delivering"/> with its present result.</summary>
    public async Task RestartAsync(TaskDatabase database, BridgeTask task, TaskState from, string what, string? who = null)
    {
        Reset(task, from);
        Move(task, from, what, who);
        if (from is TaskState.Accepted) await DropResultAsync(database, task.Number);
    }

    static void Reset(BridgeTask task, TaskState from)
    {
        (task.NotBefore, task.ClaimedAt) = (null, null);
        (task.Delays, task.Crashes, task.LoneCrashes, task.DeliverUntil) = (0, 0, 0, null);
        (task.LastError, task.LastCause, task.PlainError) = (null, null, null);
        if (from is TaskState.Accepted) (task.HasResult, task.ResultObjects, task.ReportsFailure, task.HeldUntil, task.Rejection) = (false, null, false, null, null);
    }

    static async Task DropResultAsync(TaskDatabase database, long number)
    {
        if (await database.Results.FindAsync(number) is { } old) database.Results.Remove(old);
        await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow != TaskRerun.OfOperator).ExecuteDeleteAsync();
    }

    /// <summary>Commits a change that must not make a run fail: if the database is down, the change is skipped.</summary>
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
            // Skipped.
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

    /// <summary>A run's step, in the database and then in its lease. Retried while the database is down for a while.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="plan">Chooses the step from the current row.</param>
    /// <param name="further">Further changes of the database.</param>
    async Task StepAsync(TaskLease lease, Func<BridgeTask, Action<BridgeTask>> plan, Func<TaskDatabase, Task>? further = null)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                var (step, isOver) = await commits.CommitAsync(async database =>
                {
                    var row = Check(await database.FindTaskAsync(lease.Number), lease);
                    var planned = plan(row);
                    planned(row);
                    if (further is not null) await further(database);
                    return (planned, row.State.IsEnded());
                });
                // A run takes no step after the one that ends its task, and that step encrypts the task's secrets again.
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
    /// A completed task needs no token. Its URLs stay, encrypted, until they expire: an operator may have it classified again. A failed or cancelled task also keeps its token,
    /// because it may be retried, or verified again if the platform did not confirm it. <see cref="Retention"/> erases the secrets after that.
    /// </summary>
    void EraseSecrets(BridgeTask task)
    {
        if (task.State is TaskState.Completed) task.Secrets = vault.WithoutToken(task);
        task.VerifyAt = null;
    }
}
