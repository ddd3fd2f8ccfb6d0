using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <content>
/// The progress of runs, where several nodes share the database:
/// <code>
/// a worker's heartbeat ─► the commit that renews its leases ─┐
///                                                            ├─► one row for each node and worker ─► pages of any node
/// a node's own runs, every 5 s, if something has changed ────┘
/// </code>
/// One row for each, not for each task: a task's row has triggers, and is read in blocks.
/// </content>
sealed partial class TaskStore
{
    /// <summary>Maximum characters that a worker's progress may have; more is not kept.</summary>
    const int LongestProgress = 64 << 10;

    /// <summary>A row that was not written for this long belongs to a node that has stopped.</summary>
    static readonly TimeSpan ProgressIsOld = TimeSpan.FromDays(1);

    /// <summary>Keeps the progress of a node's or worker's runs for other nodes, as a part of the caller's commit. With SQLite there are none.</summary>
    /// <param name="database">The caller's commit.</param>
    /// <param name="name">The node's name as a task's row states it.</param>
    /// <param name="runs">For each run the completed part of each scan.</param>
    public async Task KeepProgressAsync(TaskDatabase database, string name, IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>> runs)
    {
        if (!database.IsShared || JsonSerializer.Serialize(runs, ProgressJson.Default.IReadOnlyDictionaryStringIReadOnlyDictionaryStringDouble) is not { Length: <= LongestProgress } json) return;
        var now = time.GetUtcNow().UtcTicks;
        // One statement, because two changes of one commit may be about the same row.
        await database.Database.ExecuteSqlAsync($"""INSERT INTO progress ("Node", "At", "Runs") VALUES ({name}, {now}, {json}) ON CONFLICT ("Node") DO UPDATE SET "At" = EXCLUDED."At", "Runs" = EXCLUDED."Runs" """);
    }

    /// <summary>The name of a run in <see cref="KeepProgressAsync"/>.</summary>
    public static string RunOf(long task, int fencingToken) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{task}-{fencingToken}");

    /// <summary>Deletes the rows of nodes that have stopped.</summary>
    public Task ForgetProgressAsync() => commits.CommitAsync(async database =>
    {
        var before = time.GetUtcNow() - ProgressIsOld;
        return await database.Progress.Where(p => p.At < before).ExecuteDeleteAsync();
    });

    /// <summary>The completed part of each scan of a task that another node or a worker runs; null if it is not known.</summary>
    public async Task<IReadOnlyDictionary<string, double>?> FindProgressAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (!database.IsShared) return null;
        var found = await database.Tasks.Where(t => t.Number == number && t.State == TaskState.Running)
            .Join(database.Progress, t => t.Node, p => p.Node, (t, p) => new { t.FencingToken, p.Runs }).FirstOrDefaultAsync(cancellationToken);
        return found is null ? null : JsonSerializer.Deserialize(found.Runs, ProgressJson.Default.IReadOnlyDictionaryStringIReadOnlyDictionaryStringDouble)?.GetValueOrDefault(RunOf(number, found.FencingToken));
    }
}

[JsonSerializable(typeof(IReadOnlyDictionary<string, IReadOnlyDictionary<string, double>>))]
sealed partial class ProgressJson : JsonSerializerContext;
