using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Fleet;

/// <summary>The fleet as operators see it, from the database: any node can tell.</summary>
sealed class FleetStatus(FleetOptions options, IDbContextFactory<TaskDatabase> databases)
{
    public async Task<IReadOnlyList<FleetGroupStatus>> ReadAsync(CancellationToken cancellationToken)
    {
        if (options.Groups.Count == 0) return [];
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var states = await database.Fleets.AsNoTracking().ToDictionaryAsync(s => s.Group, cancellationToken);
        var open = (await database.FleetWorkers.AsNoTracking().Where(w => w.EndedAt == null).ToListAsync(cancellationToken)).ToLookup(w => w.Group);
        return [.. options.Groups.Select(group => Of(group, states.GetValueOrDefault(group.Group), [.. open[group.Group]]))];
    }

    /// <summary>What is wrong with the fleet, in a sentence; null: nothing.</summary>
    public async Task<string?> TroubleAsync(CancellationToken cancellationToken)
    {
        if (options.Groups.Count == 0) return null;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        string[] groups = [.. options.Groups.Select(g => g.Group)];
        return await database.Fleets.Where(s => groups.Contains(s.Group) && s.Trouble != null).OrderBy(s => s.Group).Select(s => s.Trouble).FirstOrDefaultAsync(cancellationToken);
    }

    static FleetGroupStatus Of(FleetGroup group, FleetState? state, IReadOnlyList<FleetWorker> open) => new(
        group.Group, group.Engine.Kind, group.Least, group.Most,
        open.Count(w => w.StartedAt is null && w.WorkedAt is null), open.Count(w => w.StartedAt is not null && w.WorkedAt is null), open.Count(w => w.WorkedAt is not null),
        state?.LookedAt, state?.NotBefore, state?.Trouble);
}

/// <summary>The fleet of one group.</summary>
/// <param name="Queued">Workers that were asked for and have no machine yet.</param>
/// <param name="Starting">Workers with a machine that have not asked for work yet.</param>
/// <param name="There">Workers that have asked for work and have not ended.</param>
/// <param name="LookedAt">When the controller last looked.</param>
/// <param name="NotBefore">No worker is requested before this, because the last starts failed.</param>
/// <param name="Trouble">What is wrong, in sentences; null: nothing.</param>
sealed record FleetGroupStatus(string Group, string Engine, int Least, int Most, int Queued, int Starting, int There, DateTimeOffset? LookedAt, DateTimeOffset? NotBefore, string? Trouble);
