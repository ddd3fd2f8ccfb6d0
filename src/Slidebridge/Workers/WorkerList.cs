using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Workers;

/// <summary>Who works for the bridge elsewhere, and on what.</summary>
sealed class WorkerList(IDbContextFactory<TaskDatabase> databases, LeaseOptions lease, TimeProvider time)
{
    /// <summary>The workers of the last day, those at work first, and those that the fleet has requested and that are not there yet.</summary>
    public async Task<IReadOnlyList<WorkerJson>> ReadAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var now = time.GetUtcNow();
        var since = now - WorkerRegistry.Forgotten;
        var rows = await database.Workers.AsNoTracking().Where(w => w.SeenAt > since).OrderBy(w => w.Name).ToListAsync(cancellationToken);
        var tasks = (await database.Tasks.Where(t => t.LeasedUntil != null).Select(t => new { t.Node, t.Number, t.ClaimedAt }).ToListAsync(cancellationToken)).ToLookup(t => t.Node);
        var requested = await database.FleetWorkers.AsNoTracking().Where(w => w.EndedAt == null && w.WorkedAt == null && !w.IsAdopted).OrderBy(w => w.AskedAt).ToListAsync(cancellationToken);
        IEnumerable<WorkerJson> known = rows.Select(row => WorkerJson.Of(row, [.. tasks[StoredWorker.NodeOf(row.Name)].OrderBy(t => t.ClaimedAt).Select(t => t.Number)], now, lease.Time));
        return [.. known.Concat(requested.Where(w => !rows.Exists(row => row.Name == w.Name)).Select(WorkerJson.Of)).OrderBy(w => w.State is "left" or "lost")];
    }
}

/// <summary>A worker as the API and the commands show it.</summary>
/// <param name="State"><c>working</c>, <c>waiting</c>, <c>left</c> (it said so) or <c>lost</c> (it is not heard of); <c>queued</c> (the fleet has requested it, and it has no machine) or <c>starting</c>.</param>
/// <param name="Tasks">The tasks that it has leased.</param>
/// <param name="Machine">The machine's name; of a worker that is not there yet, what its engine says about it.</param>
/// <param name="Since">When its process first asked for tasks; of a worker that is not there yet: when it was requested.</param>
/// <param name="SeenAt">Null: never.</param>
sealed record WorkerJson(
    string Name, string State, IReadOnlyList<long> Tasks, IReadOnlyList<string> Groups, IReadOnlyList<string> Classifiers, string Machine, string? Gpu, string Version, string Token, DateTimeOffset Since, DateTimeOffset? SeenAt)
{
    public static WorkerJson Of(StoredWorker row, IReadOnlyList<long> tasks, DateTimeOffset now, TimeSpan lifetime) => new(
        row.Name, row.LeftAt is not null ? "left" : !row.IsThere(now, lifetime) ? "lost" : tasks.Count > 0 ? "working" : "waiting",
        tasks, row.Groups, row.Classifiers, row.Machine, row.Gpu, row.Version, row.Token, row.Since, row.SeenAt);

    public static WorkerJson Of(FleetWorker requested) => new(
        requested.Name, requested.StartedAt is null ? "queued" : "starting", [], [requested.Group], [], requested.Why ?? "", null, "", "", requested.AskedAt, null);
}
