using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Web.Live;

/// <summary>
/// Notices that tasks have changed, on whichever node: reads the newest rows of the event log once a second, for all pages that are open on this node together, and not at all while none is open.
/// </summary>
sealed class ChangeWatch(IDbContextFactory<TaskDatabase> databases, TimeProvider time) : IDisposable
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>On PostgreSQL, transactions become visible in another order than the one in which they took their numbers: so many rows are looked at again.</summary>
    const int LookBack = 200;

    /// <summary>Rows of one look. More changes at a time are a change of everything.</summary>
    const int Most = 2000;

    readonly SemaphoreSlim looking = new(1);
    readonly HashSet<long> seen = [];
    long newest = -1;
    long looked;
    long number;
    readonly List<Changes> found = [];

    /// <param name="Number">Grows with each look that found something.</param>
    /// <param name="Tasks">The tasks that have changed since the caller's last number; null: too many to tell.</param>
    public sealed record Changes(long Number, IReadOnlySet<long>? Tasks);

    /// <summary>Looks whose changes are kept, for callers that have missed some.</summary>
    const int Kept = 60;

    /// <summary>Waits for the next check, which several callers share, and returns what has changed since a number that the caller knows.</summary>
    public async Task<Changes> NextAsync(long known, CancellationToken cancellationToken)
    {
        await Task.Delay(BetweenLooks, time, cancellationToken);
        return await NowAsync(known, cancellationToken);
    }

    /// <summary>The same at once.</summary>
    public async Task<Changes> NowAsync(long known, CancellationToken cancellationToken)
    {
        await looking.WaitAsync(cancellationToken);
        try
        {
            if (looked == 0 || time.GetElapsedTime(looked) >= BetweenLooks / 2) await LookAsync(cancellationToken);
            var missed = found.Where(each => each.Number > known).ToList();
            return new Changes(number, missed.Count < number - known || missed.Exists(each => each.Tasks is null) ? null : missed.SelectMany(each => each.Tasks!).ToHashSet());
        }
        finally
        {
            looking.Release();
        }
    }

    public void Dispose() => looking.Dispose();

    async Task LookAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var isFirst = newest < 0 || time.GetElapsedTime(looked) > TimeSpan.FromMinutes(1);
        if (isFirst) newest = await database.Set<Tasks.TaskEvent>().OrderByDescending(e => e.Id).Select(e => e.Id).FirstOrDefaultAsync(cancellationToken);
        var from = newest - LookBack;
        var rows = await database.Set<Tasks.TaskEvent>().Where(e => e.Id > from).OrderBy(e => e.Id).Take(Most).Select(e => new { e.Id, e.TaskNumber }).ToListAsync(cancellationToken);
        looked = time.GetTimestamp();
        var changed = rows.Where(row => !seen.Contains(row.Id)).ToList();
        seen.Clear();
        if (rows.Count > 0) newest = Math.Max(newest, rows[^1].Id);
        foreach (var row in rows.Where(row => row.Id > newest - LookBack)) seen.Add(row.Id);
        // A page that begins to look now was made a moment ago.
        if (changed.Count == 0 && !isFirst) return;
        found.Add(new Changes(++number, rows.Count == Most || isFirst ? null : changed.Select(row => row.TaskNumber).ToHashSet()));
        if (found.Count > Kept) found.RemoveAt(0);
    }
}
