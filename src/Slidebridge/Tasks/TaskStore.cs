using Microsoft.EntityFrameworkCore;

namespace Slidebridge.Tasks;

/// <summary>
/// The life of every task, on disk. Each step names the states it may start from, so that a step that comes late, from a run
/// that another has overtaken, changes nothing and throws.
/// </summary>
sealed class TaskStore(IDbContextFactory<TaskDatabase> databases, CommitQueue commits, TimeProvider time)
{
    /// <summary>Stores a new task; false when its number is there already, and then nothing is changed.</summary>
    public Task<bool> AcceptAsync(BridgeTask task)
    {
        task.Events.Add(Event(TaskState.Accepted, "stored on disk"));
        return commits.CommitAsync(async database =>
        {
            if (await database.Tasks.FindAsync(task.Number) is not null) return false;
            database.Tasks.Add(task);
            return true;
        });
    }

    /// <summary>Moves a task on and records it as an event.</summary>
    /// <param name="number">The task.</param>
    /// <param name="from">The states in which this step makes sense.</param>
    /// <param name="to">The state after it.</param>
    /// <param name="what">What happened, for the event log.</param>
    /// <param name="change">Further changes of the row.</param>
    /// <exception cref="TaskMovedOnException">The task is in another state.</exception>
    public Task AdvanceAsync(long number, ReadOnlySpan<TaskState> from, TaskState to, string what, Action<BridgeTask>? change = null)
    {
        var allowed = from.ToArray();
        return commits.CommitAsync(async database =>
        {
            var task = await database.Tasks.FindAsync(number);
            if (task is null || !allowed.Contains(task.State)) throw new TaskMovedOnException(number, task?.State);
            task.State = to;
            task.UpdatedAt = time.GetUtcNow();
            task.NotBefore = null;
            change?.Invoke(task);
            task.Events.Add(Event(to, what));
            if (to.IsEnded()) EraseSecrets(task);
            return true;
        });
    }

    /// <summary>A task without its result and events, or null.</summary>
    public async Task<BridgeTask?> FindAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.AsNoTracking().FirstOrDefaultAsync(t => t.Number == number, cancellationToken);
    }

    /// <summary>A task with its events, or null.</summary>
    public async Task<BridgeTask?> FindWithEventsAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.AsNoTracking().AsSplitQuery().Include(t => t.Events.OrderBy(e => e.Id))
            .FirstOrDefaultAsync(t => t.Number == number, cancellationToken);
    }

    /// <summary>The saved result's JSON, or null.</summary>
    public async Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Results.Where(r => r.TaskNumber == number).Select(r => r.Json).FirstOrDefaultAsync(cancellationToken);
    }

    /// <summary>Tasks, the newest first, and how many there are in all.</summary>
    public async Task<(IReadOnlyList<BridgeTask> Tasks, int Total)> ListAsync(TaskState? state, int offset, int limit, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        var tasks = database.Tasks.AsNoTracking().Where(t => state == null || t.State == state);
        var total = await tasks.CountAsync(cancellationToken);
        var page = await tasks.OrderByDescending(t => t.AcceptedAt).ThenByDescending(t => t.Number)
            .Skip(offset).Take(limit).ToListAsync(cancellationToken);
        return (page, total);
    }

    /// <summary>Every task that needs work, the oldest first, with the moment it is due.</summary>
    public async Task<IReadOnlyList<DueTask>> UnfinishedAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Tasks.Where(t => !TaskStates.Ended.Contains(t.State)).OrderBy(t => t.AcceptedAt)
            .Select(t => new DueTask(t.Number, t.NotBefore, t.State == TaskState.Classified || t.State == TaskState.Delivering)).ToListAsync(cancellationToken);
    }

    /// <summary>Whether the store answers.</summary>
    public async Task<bool> IsReachableAsync(CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        return await database.Database.CanConnectAsync(cancellationToken);
    }

    TaskEvent Event(TaskState state, string what) => new() { At = time.GetUtcNow(), State = state, What = what };

    /// <summary>A finished task needs no token, a completed one no URL either. (A failed one may be tried again with its slides.)</summary>
    static void EraseSecrets(BridgeTask task)
    {
        task.Token = null;
        if (task.State is not TaskState.Completed) return;
        task.Request = null;
        foreach (var scan in task.Scans) scan.Urls = [];
    }
}

/// <summary>A task that needs work.</summary>
/// <param name="Number">The task.</param>
/// <param name="NotBefore">When it is due; null: now.</param>
/// <param name="IsClassified">Only its delivery is left.</param>
readonly record struct DueTask(long Number, DateTimeOffset? NotBefore, bool IsClassified);

/// <summary>A step came too late: the task is no longer in a state from which it may be taken.</summary>
sealed class TaskMovedOnException(long number, TaskState? state)
    : Exception($"Task {number} has moved on to {state?.ToString() ?? "nothing"}.");
