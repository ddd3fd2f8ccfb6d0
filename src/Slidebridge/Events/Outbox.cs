using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;

namespace Slidebridge.Events;

/// <summary>
/// The rows that wait to be sent. A row is due if it is the first of its subject, its wait is over and no sender has claimed it: so a subject's events are sent in order, one at a time,
/// by whichever node claims them. The claim ends by itself, in case its node dies.
/// </summary>
sealed class Outbox(CommitQueue commits, IDbContextFactory<TaskDatabase> databases, TimeProvider time)
{
    /// <summary>Longer than an attempt with the commit after it. If it ends earlier, an event is sent twice.</summary>
    static readonly TimeSpan ClaimLasts = TimeSpan.FromSeconds(45);

    static IQueryable<OutgoingEvent> Due(TaskDatabase database, string sink, DateTimeOffset now) => database.Outbox
        .Where(e => e.Sink == sink && e.NextAt <= now && (e.ClaimedUntil == null || e.ClaimedUntil <= now))
        .Where(e => !database.Outbox.Any(earlier => earlier.Sink == sink && earlier.Subject == e.Subject && earlier.Id < e.Id))
        .OrderBy(e => e.NextAt).ThenBy(e => e.Id);

    /// <summary>Claims due events of a receiver. Null: another node claims events right now.</summary>
    public async Task<IReadOnlyList<OutgoingEvent>?> ClaimAsync(string sink, string claim, int most, CancellationToken cancellationToken)
    {
        await using (var look = await databases.CreateDbContextAsync(cancellationToken))
            if (!await Due(look, sink, await look.NowAsync(time, cancellationToken)).AnyAsync(cancellationToken)) return [];
        return await commits.CommitAsync<IReadOnlyList<OutgoingEvent>?>(async database =>
        {
            if (!await database.TryClaimEventsAsync(CancellationToken.None)) return null;
            var now = await database.NowAsync(time, CancellationToken.None);
            var due = await Due(database, sink, now).Take(most).ToListAsync(CancellationToken.None);
            foreach (var row in due) (row.Claim, row.ClaimedUntil) = (claim, now + ClaimLasts);
            return due;
        });
    }

    /// <summary>Removes an event that its receiver has acknowledged, or that is given up.</summary>
    public Task RemoveAsync(OutgoingEvent sent, string claim) => commits.CommitAsync(database =>
        database.Outbox.Where(e => e.Id == sent.Id && e.Claim == claim).ExecuteDeleteAsync());

    /// <summary>Ends a claim after a failed attempt; the next one is made after a wait.</summary>
    public Task RescheduleAsync(OutgoingEvent failed, string claim, TimeSpan wait) => commits.CommitAsync(async database =>
    {
        var next = await database.NowAsync(time, CancellationToken.None) + wait;
        return await database.Outbox.Where(e => e.Id == failed.Id && e.Claim == claim)
            .ExecuteUpdateAsync(set => set.SetProperty(e => e.Tries, e => e.Tries + 1).SetProperty(e => e.NextAt, next).SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null));
    });

    /// <summary>Ends claims without an attempt: their node stops.</summary>
    public Task ReleaseAsync(string claim) => commits.CommitAsync(database =>
        database.Outbox.Where(e => e.Claim == claim).ExecuteUpdateAsync(set => set.SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null)));

    /// <summary>Ends all claims on a receiver's events.</summary>
    public Task ReleaseAllAsync(string sink) => commits.CommitAsync(database =>
        database.Outbox.Where(e => e.Sink == sink && e.ClaimedUntil != null).ExecuteUpdateAsync(set => set.SetProperty(e => e.ClaimedUntil, (DateTimeOffset?)null)));

    /// <summary>Removes the events of a receiver that are older than its window, except those that are being sent now.</summary>
    /// <returns>How many.</returns>
    public Task<int> ExpireAsync(string sink, DateTimeOffset before, int most) => commits.CommitAsync(async database =>
    {
        if (!await database.TryClaimEventsAsync(CancellationToken.None)) return 0;
        var now = await database.NowAsync(time, CancellationToken.None);
        return await database.Outbox.Where(e => e.Sink == sink && e.At < before && (e.ClaimedUntil == null || e.ClaimedUntil <= now)).OrderBy(e => e.Id).Take(most).ExecuteDeleteAsync();
    });
}
