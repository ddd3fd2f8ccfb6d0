using Microsoft.EntityFrameworkCore;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Security;
using Slidebridge.Settings;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Workers;

/// <summary>The workers that have asked for tasks: who they are, whether they fit, and which of their leases still hold.</summary>
sealed class WorkerRegistry(TaskStore store, CommitQueue commits, IDbContextFactory<TaskDatabase> databases, ClassifierOptions classifiers, LeaseOptions lease, TimeProvider time)
{
    /// <summary>Maximum classifiers and groups of one worker.</summary>
    const int MostNames = 100;

    const int LongestText = 200;

    /// <summary>Maximum workers of one token within a day.</summary>
    const int MostOfToken = 2000;

    /// <summary>A worker that was not seen for this long is not listed any more.</summary>
    public static readonly TimeSpan Forgotten = TimeSpan.FromDays(1);

    /// <summary>Why a worker gets no tasks, in a sentence; null: it fits.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="caller">The owner of the token that it shows.</param>
    public WorkerRefusal? Check(WorkerDescription worker, Caller caller)
    {
        if (worker.Protocol != WorkProtocol.Version)
            return new(409, $"This worker speaks version {worker.Protocol} of the protocol, and the bridge version {WorkProtocol.Version}. Install the same version of Slidebridge on both ({Provenance.BridgeProvenance.Own.Version} here).");
        if (!ValueKind.IsName(worker.Name)) return new(400, $"A worker's name has 1 to {ValueKind.LongestName} letters, digits, '-', '_' and '.'.");
        if (worker.Instance.Length is 0 or > LongestText || worker.Version.Length > LongestText || worker.Machine.Length > LongestText || worker.Gpu?.Length > LongestText
            || worker.Groups.Count > MostNames || worker.Classifiers.Count > MostNames || worker.Groups.Concat(worker.Classifiers).Any(name => name is null or { Length: 0 or > LongestText }))
            return new(400, $"A text of this worker's description is empty or longer than {LongestText} characters, or it has more than {MostNames} groups or classifiers.");
        if (caller.Groups is { Count: > 0 } own && worker.Groups.FirstOrDefault(group => !own.Contains(group)) is { } foreign)
            return new(403, $"The token of {caller.Name} is for the group {string.Join(", ", own)}, not for {foreign}.");
        if (FittingOf(worker, caller).Count > 0) return null;
        var known = classifiers.Defined.Where(d => d.Worker is not null).Select(d => $"{d.Name} (group {d.Worker!.Group})").ToList();
        return new(409, known.Count == 0
            ? "This bridge has no classifier for workers: define one in its slidebridge.json, such as \"classifiers\": { \"nuclei\": { \"kind\": \"worker\", \"group\": \"gpu\" } }, and a route to it."
            : $"No classifier of this worker ({string.Join(", ", worker.Classifiers)}) is one that the bridge gives to its groups. The bridge's classifiers for workers are: {string.Join(", ", known)}. Give the worker a classifier of that name (--classifier or --config) and the group (--group).");
    }

    /// <summary>The bridge's classifiers for workers that a worker runs, in its groups: it leases tasks of these, and no others.</summary>
    public IReadOnlyList<ClassifierDefinition> FittingOf(WorkerDescription worker, Caller caller)
    {
        var groups = GroupsOf(worker, caller);
        return [.. classifiers.Defined.Where(d => d.Worker is { } use && groups.Contains(use.Group) && worker.Classifiers.Contains(d.Name))];
    }

    /// <summary>The groups whose tasks a worker takes.</summary>
    IReadOnlyList<string> GroupsOf(WorkerDescription worker, Caller caller) =>
        worker.Groups.Count > 0 ? worker.Groups : caller.Groups is { Count: > 0 } own ? own : [.. classifiers.WorkerGroups];

    /// <summary>Records that a worker asks for tasks, in the database once in a while.</summary>
    /// <returns>Why it gets none, or null.</returns>
    public async Task<WorkerRefusal?> EnterAsync(WorkerDescription worker, Caller caller, Func<BridgeTask, TimeSpan> waitAfterCrash, CancellationToken cancellationToken)
    {
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
        {
            var known = await database.Workers.AsNoTracking().FirstOrDefaultAsync(w => w.Name == worker.Name, cancellationToken);
            if (known?.Instance == worker.Instance && known.LeftAt is null && known.SeenAt > time.GetUtcNow() - lease.Heartbeat && known.Token == caller.Name) return null;
        }
        return await commits.CommitAsync(async database =>
        {
            var now = time.GetUtcNow();
            var row = await database.Workers.FindAsync(worker.Name);
            if (row is not null && row.Instance != worker.Instance && row.IsThere(now, lease.Time))
                return new WorkerRefusal(409, $"A worker named {worker.Name} is at work on {row.Machine}, last seen {(now - row.SeenAt).TotalSeconds:0} s ago. Give this one another --name; if the other one has crashed, its name is free {Duration.Text(lease.Time)} after it was last seen.");
            if (row is null)
            {
                if (await database.Workers.CountAsync(w => w.Token == caller.Name) >= MostOfToken) return new WorkerRefusal(429, $"The token of {caller.Name} has had {MostOfToken} workers within a day. Give workers that start again the same --name.");
                await database.Workers.Where(w => w.SeenAt < now - Forgotten).ExecuteDeleteAsync();
                database.Workers.Add(row = new StoredWorker { Name = worker.Name, Instance = "", Token = "", Groups = [], Classifiers = [], Version = "", Machine = "" });
            }
            if (row.Instance != worker.Instance)
            {
                row.Since = now;
                // An earlier start of the process has died.
                var node = StoredWorker.NodeOf(worker.Name);
                // Other changes of this commit may have ended a lease.
                var left = (await database.Tasks.Where(t => t.LeasedUntil != null && t.Node == node).ToListAsync()).Where(t => t.LeasedUntil is not null && t.Node == node).ToList();
                foreach (var task in left)
                    store.TakeBack(task, $"worker {worker.Name} started again and did not finish its run", waitAfterCrash(task), isCrash: IsSuspect(task, left));
            }
            (row.Instance, row.Token, row.Groups, row.Classifiers) = (worker.Instance, caller.Name, [.. GroupsOf(worker, caller)], [.. worker.Classifiers]);
            (row.Version, row.Machine, row.Gpu, row.SeenAt, row.LeftAt) = (worker.Version, worker.Machine, worker.Gpu, now, null);
            return null;
        });
    }

    /// <summary>Whether a task may be what ended its worker: not if another of the worker's tasks ran alone there, and this one only waited.</summary>
    public static bool IsSuspect(BridgeTask task, IEnumerable<BridgeTask> leases) => task.IsAlone || !leases.Any(other => other.IsAlone && other.Node == task.Node);

    /// <summary>Renews a worker's leases.</summary>
    /// <param name="worker">The worker.</param>
    /// <param name="caller">The owner of the token that it shows.</param>
    /// <param name="held">The leases that it holds.</param>
    /// <param name="progress">How far their runs are, by <see cref="TaskStore.RunOf"/>, for other nodes.</param>
    /// <param name="isLeaving">It ends now.</param>
    /// <returns>The leases that are lost; or null: another process works under this name now.</returns>
    public Task<IReadOnlyList<LeaseId>?> RenewAsync(WorkerDescription worker, Caller caller, IReadOnlyList<LeaseId> held, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> progress, bool isLeaving) => commits.CommitAsync<IReadOnlyList<LeaseId>?>(async database =>
    {
        var now = time.GetUtcNow();
        // Another change of this commit may have added the worker, or given its name to another process.
        if (database.Workers.Local.FindEntry(worker.Name)?.Entity is { } changed)
        {
            if (changed.Instance != worker.Instance || changed.Token != caller.Name) return null;
            (changed.SeenAt, changed.LeftAt) = (now, isLeaving ? now : changed.LeftAt);
        }
        else if (await SeeAsync() == 0)
        {
            return null;
        }
        var tokens = held.GroupBy(one => one.Task).ToDictionary(g => g.Key, g => g.Max(one => one.FencingToken));
        var lost = await store.RenewAsync(database, worker.Name, tokens, lease.Time, arrival: isLeaving ? TimeSpan.Zero : lease.Time / 2);
        if (progress.Count > 0) await store.KeepProgressAsync(database, StoredWorker.NodeOf(worker.Name), progress);
        return [.. held.Where(one => lost.Contains(one.Task) || tokens[one.Task] != one.FencingToken)];

        // In one statement, without the row: hundreds of workers do so all the time.
        Task<int> SeeAsync() => database.Workers.Where(w => w.Name == worker.Name && w.Instance == worker.Instance && w.Token == caller.Name)
            .ExecuteUpdateAsync(set => set.SetProperty(w => w.SeenAt, now).SetProperty(w => w.LeftAt, w => isLeaving ? now : w.LeftAt));
    });
}

/// <param name="Status">The HTTP status.</param>
/// <param name="Why">One or two sentences for the worker's owner.</param>
sealed record WorkerRefusal(int Status, string Why);
