using Microsoft.EntityFrameworkCore;
using Slidebridge.Fleet.Engines;
using Slidebridge.Storage;
using Slidebridge.Workers;

namespace Slidebridge.Fleet;

/// <summary>Knows which workers of a group with <see cref="FleetGroup.Least"/> stay without work: the first ones by name.</summary>
sealed class KeptWorkers(FleetOptions options, IDbContextFactory<TaskDatabase> databases, LeaseOptions lease, TimeProvider time) : IKeptWorkers
{
    public async Task<bool> IsKeptAsync(string worker, CancellationToken cancellationToken)
    {
        if (options.Groups.FirstOrDefault(g => g.Least > 0 && FleetNames.IsOf(g.Group, worker)) is not { } group) return false;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var alive = time.GetUtcNow() - lease.Time;
        var prefix = group.Group + "-";
        var there = await database.Workers.Where(w => w.LeftAt == null && w.SeenAt > alive && w.Name.StartsWith(prefix)).Select(w => w.Name).ToListAsync(cancellationToken);
        return there.Where(name => FleetNames.IsOf(group.Group, name)).Order(StringComparer.Ordinal).Take(group.Least).Contains(worker);
    }
}
