using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Usage;

/// <summary>The time of the fleet's workers that was paid, whether they worked or not.</summary>
static class PaidWorkers
{
    /// <summary>Adds it to the sums of their groups.</summary>
    /// <param name="database">The database.</param>
    /// <param name="range">Only the time within it.</param>
    /// <param name="keys">By what the sums were made: <see cref="UsageKey.Group"/> and times.</param>
    /// <param name="sums">The sums of tasks.</param>
    /// <param name="now">Until when workers that have not ended were paid.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IReadOnlyList<UsageSum>> AddAsync(TaskDatabase database, UsageRange range, IReadOnlyList<UsageKey> keys, IReadOnlyList<UsageSum> sums, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (first, last) = (range.First.Start, range.Last.End < now ? range.Last.End : now);
        var paid = new Dictionary<(string?, string?, string), (double Seconds, double? Cost)>();
        foreach (var worker in await database.FleetWorkers.AsNoTracking().Where(w => w.StartedAt < last && (w.EndedAt == null || w.EndedAt > first)).ToListAsync(cancellationToken))
        {
            var (start, end) = (Max(worker.StartedAt!.Value, first), worker.EndedAt < last ? worker.EndedAt.Value : last);
            while (start < end)
            {
                // A day is a part of a month.
                var part = keys.Contains(UsageKey.Day) || keys.Contains(UsageKey.Month) ? Min(UsagePeriod.Parse(UsagePeriod.DayName(start))!.Value.End, end) : end;
                var key = (keys.Contains(UsageKey.Month) ? UsagePeriod.MonthName(start) : null, keys.Contains(UsageKey.Day) ? UsagePeriod.DayName(start) : null, worker.Group);
                var (seconds, cost) = paid.GetValueOrDefault(key);
                var more = (part - start).TotalSeconds;
                paid[key] = (seconds + more, worker.Price is { } price ? (cost ?? 0) + more / 3600 * price : cost);
                start = part;
            }
        }
        var known = sums.ToDictionary(sum => (sum.Month, sum.Day, sum.Group!));
        foreach (var key in paid.Keys) known.TryAdd(key, new UsageSum { Month = key.Item1, Day = key.Item2, Group = key.Item3 });
        return [.. known.Select(each => paid.TryGetValue(each.Key, out var time) ? With(each.Value, time.Seconds, time.Cost) : each.Value)];
    }

    static UsageSum With(UsageSum sum, double seconds, double? cost) => sum with
    {
        PaidSeconds = Math.Round(seconds, 3),
        Cost = cost is { } money ? Math.Round(money, 4) : null,
        CostPerScan = cost is { } all && sum.CompletedScans > 0 ? Math.Round(all / sum.CompletedScans, 4) : null,
    };

    static DateTimeOffset Max(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    static DateTimeOffset Min(DateTimeOffset a, DateTimeOffset b) => a < b ? a : b;
}
