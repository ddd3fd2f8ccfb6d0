using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>Queries of the store: each uses a separate context, outside the queue of changes.</summary>
sealed partial class TaskStore
{
    public async Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.AsNoTracking().FirstOrDefaultAsync(t => t.Number == number, cancellationToken);
    }

    /// <summary>A task's company, or null: it has none, or there is no such task.</summary>
    public async Task<string?> FindCompanyAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.Where(t => t.Number == number).Select(t => t.CompanyId).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>A task with its events, or null.</summary>
    public async Task<BridgeTask?> FindWithEventsAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.AsNoTracking().AsSplitQuery().Include(t => t.Events.OrderBy(e => e.Id))
            .FirstOrDefaultAsync(t => t.Number == number, cancellationToken);
    }

    public async Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Results.Where(r => r.TaskNumber == number).Select(r => r.Json).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Another text for each result that a task had; null: it has none now.</summary>
    /// <param name="number">The task.</param>
    /// <param name="of">Null: the task's own result; else of the last rerun (<see cref="TaskRerun.OfOperator"/>) or of a shadow classifier.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<string?> FindResultVersionAsync(long number, string? of, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (of is null) return await database.Results.Where(r => r.TaskNumber == number).Select(r => new { r.FencingToken, r.Json.Length }).FirstOrDefaultAsync(cancellationToken) is { } own ? $"{own.FencingToken} {own.Length}" : null;
        return await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow == of && r.Json != null).Select(r => new { r.UpdatedAt, r.Json!.Length }).FirstOrDefaultAsync(cancellationToken) is { } rerun ? $"{rerun.UpdatedAt.UtcTicks} {rerun.Length}" : null;
    }

    /// <summary>A part of a result's JSON; null if there is no such result.</summary>
    /// <inheritdoc cref="FindResultVersionAsync"/>
    public async Task<byte[]?> FindResultPartAsync(long number, string? of, long offset, int length, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // Both databases have substr for bytes, which EF does not know; the whole result may have hundreds of megabytes.
        var part = of is null
            ? database.Database.SqlQuery<byte[]>($"""SELECT substr("Json", {offset + 1}, {length}) AS "Value" FROM results WHERE "TaskNumber" = {number}""")
            : database.Database.SqlQuery<byte[]>($"""SELECT substr("Json", {offset + 1}, {length}) AS "Value" FROM reruns WHERE "TaskNumber" = {number} AND "Shadow" = {of} AND "Json" IS NOT NULL""");
        return (await part.ToListAsync(cancellationToken)).FirstOrDefault();
    }

    /// <summary>The results of some tasks, without those that are large.</summary>
    public async Task<IReadOnlyDictionary<long, byte[]>> FindSmallResultsAsync(IReadOnlyCollection<long> numbers, CancellationToken cancellationToken)
    {
        const int Largest = 256 << 10;
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Results.Where(r => EF.Parameter(numbers).Contains(r.TaskNumber) && r.Json.Length <= Largest).Select(r => new { r.TaskNumber, r.Json }).ToDictionaryAsync(r => r.TaskNumber, r => r.Json, cancellationToken);
    }

    /// <summary>What made a task's result and its last rerun's: UTF-8 JSON, or null.</summary>
    public async Task<(byte[]? Result, byte[]? Rerun)> FindProvenanceAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return (await database.Results.Where(r => r.TaskNumber == number).Select(r => r.Provenance).FirstOrDefaultAsync(cancellationToken),
            await database.Reruns.Where(r => r.TaskNumber == number && r.Shadow == TaskRerun.OfOperator).Select(r => r.Provenance).FirstOrDefaultAsync(cancellationToken));
    }

    /// <summary>The byte ranges that were read for a task's result: UTF-8 JSON, or null.</summary>
    /// <param name="number">The task.</param>
    /// <param name="of">Null: of the task's own result; else of the last rerun (<see cref="TaskRerun.OfOperator"/>) or of a shadow classifier.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public async Task<byte[]?> FindLedgerAsync(long number, string? of, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await (of is null ? database.Results.Where(r => r.TaskNumber == number).Select(r => r.Ledger) : database.Reruns.Where(r => r.TaskNumber == number && r.Shadow == of).Select(r => r.Ledger)).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>What the task's classifier wrote in its last run, or null.</summary>
    public async Task<string?> FindLogAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Logs.Where(l => l.TaskNumber == number).Select(l => l.Text).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>A scan's picture, or null.</summary>
    public async Task<ScanPicture?> FindPictureAsync(long number, string scanId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Pictures.AsNoTracking().FirstOrDefaultAsync(p => p.TaskNumber == number && p.ScanId == scanId, cancellationToken);
    }

    /// <summary>The scans of a task that have a picture.</summary>
    public async Task<IReadOnlySet<string>> FindPicturedAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Pictures.Where(p => p.TaskNumber == number).Select(p => p.ScanId).ToHashSetAsync(cancellationToken);
    }

    public async Task<bool> HasPictureAsync(long number, string scanId, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Pictures.AnyAsync(p => p.TaskNumber == number && p.ScanId == scanId, cancellationToken);
    }

    /// <summary>All tasks that any node of the database has claimed. Not those that workers have leased.</summary>
    public async Task<IReadOnlyList<DueTask>> ClaimedAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.Where(t => t.ClaimedAt != null && t.LeasedUntil == null && !TaskStates.Ended.Contains(t.State)).OrderBy(t => t.Turn)
            .Select(t => new DueTask(t.Number, t.State, t.Group)).ToListAsync(cancellationToken);
    }

    /// <summary>Those of these runs that no longer own their task: it was cancelled or taken over.</summary>
    public async Task<IReadOnlyList<TaskLease>> MovedOnAsync(IReadOnlyCollection<TaskLease> runs, CancellationToken cancellationToken)
    {
        var numbers = runs.Select(r => r.Number).ToList();
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var rows = await database.Tasks.Where(t => numbers.Contains(t.Number)).Select(t => new { t.Number, t.FencingToken, t.State }).ToDictionaryAsync(t => t.Number, cancellationToken);
        return [.. runs.Where(r => !rows.TryGetValue(r.Number, out var row) || row.FencingToken != r.FencingToken || row.State.IsEnded())];
    }

    /// <summary>Whether the database answers, and is of this version.</summary>
    /// <exception cref="NewerDatabaseException">A newer Slidebridge has changed it.</exception>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!await database.Database.CanConnectAsync(cancellationToken)) return false;
        await TaskStorage.CheckVersionAsync(database, cancellationToken);
        return true;
    }

    /// <summary>Whether a newer Slidebridge has changed the tables.</summary>
    public async Task<bool> IsNewerAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await TaskStorage.FindUnknownAsync(database, cancellationToken) is not null;
    }
}
