using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Usage;

/// <summary>A classifier's run on a worker of the fleet, whose time is paid.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Price">The price of the worker's hour; null: the fleet has none.</param>
/// <param name="Duration">How long the classifier worked.</param>
sealed record PaidRun(string Worker, double? Price, TimeSpan Duration)
{
    /// <summary>The worker's price for this time; null without a price. A worker that works on several tasks at a time costs each of them less.</summary>
    public double? Cost => Price * Duration.TotalHours;

    /// <summary>The run; null if the fleet did not start the worker.</summary>
    /// <param name="databases">The database.</param>
    /// <param name="worker">The worker's name, or a node's.</param>
    /// <param name="duration">How long the classifier worked.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<PaidRun?> FindAsync(IDbContextFactory<TaskDatabase> databases, string worker, TimeSpan duration, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.FleetWorkers.AsNoTracking().FirstOrDefaultAsync(w => w.Name == worker, cancellationToken) is { } found ? new PaidRun(worker, found.Price, duration) : null;
    }
}
