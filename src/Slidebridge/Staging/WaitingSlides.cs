using Microsoft.EntityFrameworkCore;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Staging;

/// <summary>What early staging reads from the tasks' rows, and writes to them.</summary>
sealed class WaitingSlides(IDbContextFactory<TaskDatabase> databases, CommitQueue commits, TaskVault vault, StagingDirectory directory, NodeOptions node, TimeProvider time)
{
    /// <summary>Takes tasks that wait, or that this node has claimed, and whose URLs expire before a given time, in the order of expiry; no other node copies the same slides.</summary>
    /// <param name="before">The time.</param>
    /// <param name="waitingSince">Only tasks accepted before this time: an idle bridge starts its tasks at once and soon finishes most, so it copies nothing.</param>
    /// <param name="except">Tasks to skip for now.</param>
    /// <param name="most">Maximum number of tasks.</param>
    /// <param name="cancellationToken">Cancels the query.</param>
    public async Task<IReadOnlyList<BridgeTask>> ClaimAsync(
        DateTimeOffset before, DateTimeOffset waitingSince, IReadOnlyCollection<long> except, int most, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await using (var database = await databases.CreateDbContextAsync(cancellationToken))
            if (!await Choice(database).AnyAsync(cancellationToken)) return [];
        return await commits.CommitAsync(async database =>
        {
            await database.AloneAsync(cancellationToken);
            var chosen = await Choice(database).OrderBy(t => t.ExpiresAt).Take(most).ToListAsync(cancellationToken);
            foreach (var task in chosen) task.StagedOn = directory.Name;
            return Unlock(chosen);
        });

        IQueryable<BridgeTask> Choice(TaskDatabase database) => database.Tasks.Where(t =>
            t.VerifiedAt != null && t.StagedOn == null && t.ExpiresAt > now && t.ExpiresAt < before && t.AcceptedAt < waitingSince && !except.Contains(t.Number)
            && (t.ClaimedAt == null ? t.State == TaskState.Accepted && (node.Serves.Count == 0 || node.Serves.Contains(t.Group))
                : t.Node == node.Name && (t.State == TaskState.Accepted || t.State == TaskState.Running)));
    }

    /// <summary>Records what happened to a task's slides; if they are not on disk, another node may try.</summary>
    public Task RecordAsync(long number, string what, bool isStaged) => commits.CommitAsync(async database =>
    {
        if (await database.FindTaskAsync(number) is not { } task || task.State.IsEnded()) return false;
        if (!isStaged) task.StagedOn = null;
        task.Events.Add(new TaskEvent { At = time.GetUtcNow(), State = task.State, What = what });
        return true;
    });

    /// <summary>The tasks whose slides this directory has, or should have, and that may still read them.</summary>
    public async Task<IReadOnlyList<BridgeTask>> NeededAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return Unlock(await database.Tasks.AsNoTracking().Where(t => t.StagedOn == directory.Name && (t.State == TaskState.Accepted || t.State == TaskState.Running)).ToListAsync(cancellationToken));
    }

    /// <summary>Those whose URLs can be decrypted. A task whose key is lost reports that when it runs.</summary>
    List<BridgeTask> Unlock(List<BridgeTask> tasks)
    {
        var unlocked = new List<BridgeTask>(tasks.Count);
        foreach (var task in tasks)
        {
            try
            {
                unlocked.Add(vault.Unlock(task));
            }
            catch (LostKeyException)
            {
                // Skipped.
            }
        }
        return unlocked;
    }
}
