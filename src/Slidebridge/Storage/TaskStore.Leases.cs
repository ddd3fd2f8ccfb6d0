using System.Security.Cryptography;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Storage;

/// <content>
/// Leases of workers elsewhere: docs/decisions/workers.md.
/// <code>
/// accepted ─1─ leased (a new fencing token) ──► running ─2─ renewed … ─3─ result saved ──► classified or held; any node delivers
///     ▲                                           │
///     └── failed, released, or not renewed ───────┘
/// </code>
/// </content>
sealed partial class TaskStore
{
    /// <summary>Leases a waiting task to a worker, as a part of the caller's commit.</summary>
    /// <param name="task">The task.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="until">By the database's clock.</param>
    public void Lease(BridgeTask task, string worker, DateTimeOffset until)
    {
        var now = time.GetUtcNow();
        task.FencingToken++;
        task.Attempts++;
        Move(task, TaskState.Running, $"classifier {task.Classifier} started on worker {worker} (run {task.FencingToken})");
        (task.ClaimedAt, task.Node, task.LeasedUntil) = (now, StoredWorker.NodeOf(worker), until);
    }

    /// <summary>The run of a lease that the worker holds, for its next step; null: the worker does not hold it any more.</summary>
    public async Task<TaskLease?> FindLeaseAsync(long number, int fencingToken, string worker, CancellationToken cancellationToken)
    {
        var task = await FindAsync(number, cancellationToken);
        return task is { LeasedUntil: not null } && task.FencingToken == fencingToken && task.Node == StoredWorker.NodeOf(worker) ? new TaskLease(task, time.GetTimestamp(), CancellationToken.None, CancellationToken.None) : null;
    }

    /// <summary>Renews a worker's leases, as a part of the caller's commit.</summary>
    /// <param name="database">The caller's commit.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="held">The leases that it holds: each task with its fencing token.</param>
    /// <param name="lifetime">From now.</param>
    /// <param name="arrival">A lease that is older than this and that the worker does not name never reached it: it is taken back, and does not count as a crash.</param>
    /// <returns>The leases that are the worker's no longer.</returns>
    public async Task<IReadOnlyList<long>> RenewAsync(TaskDatabase database, string worker, IReadOnlyDictionary<long, int> held, TimeSpan lifetime, TimeSpan arrival)
    {
        var (now, until, node) = (time.GetUtcNow(), await database.NowAsync(time, CancellationToken.None) + lifetime, StoredWorker.NodeOf(worker));
        // Without the rows themselves: hundreds of workers renew their leases all the time.
        var rows = await database.Tasks.Where(t => t.LeasedUntil != null && t.Node == node).Select(t => new { t.Number, t.FencingToken, t.ClaimedAt }).ToListAsync();
        var (lost, renewed) = (held.Keys.ToHashSet(), new List<long>());
        foreach (var row in rows)
        {
            // Another change of this commit may have ended the lease.
            if (database.TrackedTask(row.Number) is { } tracked && (tracked.LeasedUntil is null || tracked.Node != node)) continue;
            if (held.TryGetValue(row.Number, out var token) && token == row.FencingToken)
            {
                renewed.Add(row.Number);
                lost.Remove(row.Number);
            }
            else if (row.ClaimedAt < now - arrival && await database.FindTaskAsync(row.Number) is { LeasedUntil: not null } task && task.FencingToken == row.FencingToken)
            {
                TakeBack(task, $"worker {worker} did not receive the task", TimeSpan.Zero, isCrash: false);
            }
        }
        if (renewed.Count > 0) await database.Tasks.Where(t => renewed.Contains(t.Number) && t.LeasedUntil != null && t.Node == node).ExecuteUpdateAsync(set => set.SetProperty(t => t.LeasedUntil, until));
        return [.. lost];
    }

    /// <summary>Ends the run of a node or worker that is lost, as a part of the caller's commit: the task waits for another.</summary>
    /// <param name="task">The running task.</param>
    /// <param name="why">For its event log.</param>
    /// <param name="wait">Time before it may run again.</param>
    /// <param name="isCrash">The node or worker may have died of it.</param>
    public void TakeBack(BridgeTask task, string why, TimeSpan wait, bool isCrash)
    {
        if (task.State is not TaskState.Running) return; // Its run has just ended.
        task.FencingToken++; // Late steps of the run are refused.
        if (isCrash) CountCrash(task);
        Move(task, TaskState.Accepted, wait > TimeSpan.Zero ? $"{why}; the next run begins in {Duration.Text(wait)}" : why);
        (task.ClaimedAt, task.NotBefore) = (null, wait > TimeSpan.Zero ? time.GetUtcNow() + wait : null);
        if (task.NotBefore is { } again) signal.WakeAt(again);
    }

    /// <summary>Counts a run that did not end.</summary>
    static void CountCrash(BridgeTask task)
    {
        task.Crashes++;
        if (task.IsAlone) task.LoneCrashes++;
        (task.CrashNode, task.CrashWasLone) = (task.Node, task.IsAlone);
    }

    /// <summary>The machine of a worker was taken away, as its engine says, as a part of the caller's commit: its tasks wait for another worker, and are not blamed, also if its lease has ended since.</summary>
    /// <param name="database">The caller's commit.</param>
    /// <param name="worker">The worker's name.</param>
    /// <param name="why">For the event log.</param>
    public async Task ForgiveAsync(TaskDatabase database, string worker, string why)
    {
        var node = StoredWorker.NodeOf(worker);
        foreach (var task in await database.Tasks.Where(t => t.LeasedUntil != null && t.Node == node).ToListAsync()) TakeBack(task, why, TimeSpan.Zero, isCrash: false);
        foreach (var task in await database.Tasks.Where(t => t.CrashNode == node && t.State == TaskState.Accepted).ToListAsync())
        {
            task.Crashes = Math.Max(0, task.Crashes - 1);
            if (task.CrashWasLone) task.LoneCrashes = Math.Max(0, task.LoneCrashes - 1);
            (task.CrashNode, task.CrashWasLone, task.NotBefore) = (null, false, null);
        }
    }

    /// <summary>Records that a worker runs no other task: if it dies now, it is the task's fault.</summary>
    /// <inheritdoc cref="ITaskStore.AdvanceAsync" path="/exception"/>
    public Task BeginAloneAsync(TaskLease lease) => StepAsync(lease, task => task.IsAlone = true);

    /// <summary>Moves a task that no run has acquired to the group of workers that its route names now.</summary>
    public Task HandOverAsync(long number, string group, string classifier) => TryCommitAsync(async database =>
    {
        if (await database.FindTaskAsync(number) is { State: TaskState.Accepted or TaskState.Running, LeasedUntil: null } task)
        {
            Move(task, TaskState.Accepted, $"waits for a worker of the group {group}");
            (task.Group, task.Classifier, task.ClaimedAt) = (group, classifier, null);
        }
    });

    /// <summary>Keeps a part of a result. A part that comes again replaces the first one.</summary>
    /// <exception cref="TaskMovedOnException">The lease is the worker's no longer.</exception>
    public Task KeepPartAsync(TaskLease lease, int part, byte[] bytes) => commits.CommitAsync(async database =>
    {
        Check(await database.FindTaskAsync(lease.Number), lease);
        if (await database.Parts.FindAsync(lease.Number, lease.FencingToken, part) is { } old) old.Bytes = bytes;
        else database.Parts.Add(new ResultPart { TaskNumber = lease.Number, FencingToken = lease.FencingToken, Part = part, Bytes = bytes });
        return true;
    });

    /// <summary>The parts of a run, one after the other; null if they are not these bytes.</summary>
    /// <param name="lease">The run.</param>
    /// <param name="parts">Their number.</param>
    /// <param name="length">Their length together.</param>
    /// <param name="sha256">Their SHA-256, in hexadecimal.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<byte[]?> JoinPartsAsync(TaskLease lease, int parts, long length, string sha256, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var own = database.Parts.AsNoTracking().Where(p => p.TaskNumber == lease.Number && p.FencingToken == lease.FencingToken && p.Part < parts);
        if (await own.SumAsync(p => (long)p.Bytes.Length, cancellationToken) != length) return null;
        var (joined, at) = (new byte[length], 0L);
        await foreach (var bytes in own.OrderBy(p => p.Part).Select(p => p.Bytes).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (bytes.Length > length - at) return null;
            bytes.CopyTo(joined, at);
            at += bytes.Length;
        }
        return at == length && Convert.ToHexStringLower(SHA256.HashData(joined)) == sha256 ? joined : null;
    }

    /// <summary>Deletes the parts of a task's runs.</summary>
    public Task DropPartsAsync(long number) => TryCommitAsync(database => database.Parts.Where(p => p.TaskNumber == number).ExecuteDeleteAsync());

    /// <summary>Whether the saved result of a task is that of a run.</summary>
    public async Task<bool> HasResultOfAsync(long number, int fencingToken, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Results.AnyAsync(r => r.TaskNumber == number && r.FencingToken == fencingToken, cancellationToken);
    }
}
