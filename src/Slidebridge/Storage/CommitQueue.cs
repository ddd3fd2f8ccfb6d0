using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// The only writer of the tasks' database in this process. Changes that wait while a commit is flushed to disk go together into the next:
/// SQLite has one writer anyway, and a flush costs the same for one row as for fifty. On PostgreSQL other nodes write too: a change that
/// meets another's is applied anew to what that one left.
/// </summary>
/// <remarks>A change either is committed or throws to its caller, <see cref="StorageException"/> where the database failed; one that throws takes no other with it.</remarks>
sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>Changes in one commit at the most: keeps the wait of the first one short.</summary>
    const int LargestBatch = 128;

    /// <summary>Tries of a change that meets other nodes' changes of the same task.</summary>
    const int MostTries = 5;

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
        var batch = new List<Change>(LargestBatch);
        TaskDatabase? database = null;
        while (await waiting.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && waiting.Reader.TryRead(out var change)) batch.Add(change);

            (database, var failure) = await TryCommitAsync(database, batch);
            // What met another's change, or was there already, is applied anew to what is there; the others lose nothing by it.
            if (failure is { InnerException: DbUpdateException } && batch.Count > 1) (database, failure) = await TryCommitAsync(database, batch);
            if (failure is null) continue;
            // The batch as a whole failed: each on its own, so that only the culprit fails. One that threw may have met what another of the batch had changed.
            foreach (var change in batch)
            {
                for (var tries = 1; ; tries++)
                {
                    (database, failure) = await TryCommitAsync(database, [change]);
                    if (failure is null) break;
                    if (failure.InnerException is DbUpdateException && tries < MostTries) continue;
                    change.Failed(failure);
                    break;
                }
            }
        }
        if (database is not null) await database.DisposeAsync();
        await TruncateLogAsync();
    }

    /// <summary>What the write-ahead log still holds of deleted rows goes with it.</summary>
    async Task TruncateLogAsync()
    {
        try
        {
            await using var database = await databases.CreateDbContextAsync();
            await database.TruncateLogAsync(CancellationToken.None);
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException or ObjectDisposedException)
        {
            // The next start, or the next sweep, does it.
        }
    }

    /// <summary>Applies and commits in one transaction.</summary>
    /// <param name="database">An open context to go on with, or null: one is opened.</param>
    /// <returns>The context to go on with, null where it failed; and why it failed.</returns>
    async Task<(TaskDatabase?, StorageException?)> TryCommitAsync(TaskDatabase? database, List<Change> batch)
    {
        try
        {
            if (database is null)
            {
                database = await databases.CreateDbContextAsync();
                await database.Database.OpenConnectionAsync();
            }
            await using (var transaction = await database.Database.BeginTransactionAsync())
            {
                foreach (var change in batch) await ApplyAsync(change, database);
                await database.SaveChangesAsync();
                await transaction.CommitAsync();
            }
            database.ChangeTracker.Clear();
        }
        catch (Exception e)
        {
            if (database is not null) await CloseAsync(database);
            return (null, new StorageException(e));
        }
        foreach (var change in batch)
        {
            if (change.Error is null) change.Committed();
            else change.Failed(change.Error);
        }
        return (database, null);
    }

    /// <summary>What a change itself throws is its caller's, once the batch is committed; what the database throws is the batch's.</summary>
    static async Task ApplyAsync(Change change, TaskDatabase database)
    {
        change.Error = null;
        try
        {
            await change.ApplyAsync(database);
        }
        catch (Exception e) when (e is not (DbException or DbUpdateException or InvalidOperationException { InnerException: DbException }))
        {
            change.Error = e;
        }
    }

    static async Task CloseAsync(TaskDatabase database)
    {
        try
        {
            database.ChangeTracker.Clear();
            await database.DisposeAsync();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            // Its connection is gone already. Whatever a broken one throws, the queue goes on.
        }
    }

    /// <summary>Commits what waits, then takes no more.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
    }
}
