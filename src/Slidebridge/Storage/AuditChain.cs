using Microsoft.EntityFrameworkCore;

namespace Slidebridge.Storage;

/// <summary>Gives the new lines of a commit their numbers and hashes. On PostgreSQL, the nodes that write lines do so one after another until they commit.</summary>
static class AuditChain
{
    public static readonly byte[] Start = new byte[32];

    public static async Task LinkAsync(TaskDatabase database)
    {
        if (database.Unnumbered.Count == 0) return;
        await database.AuditAloneAsync(CancellationToken.None);
        var last = await database.Audit.AsNoTracking().OrderByDescending(entry => entry.Number).Select(entry => new { entry.Number, entry.Hash }).FirstOrDefaultAsync();
        var (number, hash) = (last?.Number ?? 0, last?.Hash ?? Start);
        foreach (var entry in database.Unnumbered)
        {
            (entry.Number, entry.Previous) = (++number, hash);
            entry.Hash = hash = entry.HashOf();
        }
        database.Audit.AddRange(database.Unnumbered);
        database.Unnumbered.Clear();
    }

    /// <summary>The first place where lines in their order are not one unbroken chain, as a sentence; null if they are.</summary>
    /// <param name="previous">The line before, or null: the lines may begin anywhere, because old lines are deleted (<c>--keep-audit</c>).</param>
    /// <param name="entry">The line to check.</param>
    public static string? Break(AuditEntry? previous, AuditEntry entry) =>
        previous is not null && entry.Number != previous.Number + 1 ? $"after line {previous.Number} comes line {entry.Number}"
        : previous is not null && !entry.Previous.AsSpan().SequenceEqual(previous.Hash) ? $"line {entry.Number} does not continue line {previous.Number}: one of them was changed"
        : !entry.Hash.AsSpan().SequenceEqual(entry.HashOf()) ? $"line {entry.Number} was changed"
        : entry.Number == 1 && !entry.Previous.AsSpan().SequenceEqual(Start) ? "line 1 does not begin the chain"
        : null;
}
