using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;

namespace Slidebridge.Tasks;

/// <summary>
/// The only writer of the tasks' database. Changes that wait while a commit is flushed to disk go together into the next:
/// SQLite has one writer anyway, and a flush costs the same for one row as for fifty.
/// </summary>
/// <remarks>A change either is committed or throws to its caller, <see cref="StorageException"/> where the database failed; one that throws takes no other with it.</remarks>
sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>Changes in one commit at the most: keeps the wait of the first one short.</summary>
    const int LargestBatch = 128;

    readonly Channel<Change> waiting = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    readonly IDbContextFactory<TaskDatabase> databases;
    readonly Task loop;

    public CommitQueue(IDbContextFactory<TaskDatabase> databases)
    {
        this.databases = databases;
        loop = Task.Run(RunAsync);
    }

    /// <summary>A change of tracked entities. It checks before it changes anything, for what it changed before it throws is not undone.</summary>
    abstract class Change
    {
        public abstract Task ApplyAsync(TaskDatabase database);
        public abstract void Committed();
        public abstract void Failed(Exception e);
        public Exception? Error { get; set; }
    }

    sealed class Change<T>(Func<TaskDatabase, Task<T>> apply) : Change
    {
        readonly TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        T? result;

        public Task<T> Done => done.Task;
        public override async Task ApplyAsync(TaskDatabase database) => result = await apply(database);
        public override void Committed() => done.TrySetResult(result!);
        public override void Failed(Exception e) => done.TrySetException(e);
    }

    /// <summary>Applies a change and returns once it is on disk.</summary>
    public Task<T> CommitAsync<T>(Func<TaskDatabase, Task<T>> apply)
    {
        var change = new Change<T>(apply);
        return waiting.Writer.TryWrite(change) ? change.Done : throw new ObjectDisposedException(nameof(CommitQueue));
    }

    async Task RunAsync()
    {
        // One context and its open connection for the life of the queue.
        await using var database = await databases.CreateDbContextAsync();
        var connected = false;
        var batch = new List<Change>(LargestBatch);
        while (await waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && waiting.Reader.TryRead(out var change)) batch.Add(change);

            if (!connected) connected = await TryConnectAsync(database);
            if (await TryCommitAsync(database, batch) is not { } failure) continue;
            if (batch is [var only])
            {
                only.Failed(failure);
                continue;
            }
            // The batch as a whole failed: each on its own, so that only the culprit fails.
            foreach (var change in batch.Where(c => c.Error is null))
                if (await TryCommitAsync(database, [change]) is { } error) change.Failed(error);
        }
    }

    /// <summary>Opened once, so that its pragmas are set once. Where that fails, each commit tries for itself and tells its callers why.</summary>
    static async Task<bool> TryConnectAsync(TaskDatabase database)
    {
        try
        {
            await database.Database.OpenConnectionAsync();
            return true;
        }
        catch (Exception)
        {
            return false;
        }
    }

    static async Task<Exception?> TryCommitAsync(TaskDatabase database, List<Change> batch)
    {
        try
        {
            foreach (var change in batch)
            {
                try
                {
                    await change.ApplyAsync(database);
                }
                catch (Exception e)
                {
                    change.Error = e;
                    change.Failed(e);
                }
            }
            await database.SaveChangesAsync();
        }
        catch (Exception e)
        {
            return new StorageException(e);
        }
        finally
        {
            database.ChangeTracker.Clear();
        }
        foreach (var change in batch.Where(c => c.Error is null)) change.Committed();
        return null;
    }

    /// <summary>Commits what waits, then takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
    }
}

/// <summary>The tasks' database failed, as on a full disk. That is not the fault of the task whose step it was.</summary>
sealed class StorageException(Exception inner) : Exception($"The tasks' database failed: {inner.GetBaseException().Message}", inner);
