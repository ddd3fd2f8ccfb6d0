using System.Data.Common;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>
/// The only writer of the task database in this process. Changes that arrive while a commit is flushed to disk are committed together in the next one:
/// SQLite has one writer anyway, and a flush costs the same for one row as for fifty. On PostgreSQL other nodes write too: a change that
/// conflicts with another node's change is applied again to the new row.
/// </summary>
/// <remarks>A change is committed or throws to its caller, <see cref="StorageException"/> if the database failed. A change that throws does not affect the others.</remarks>
sealed class CommitQueue : IAsyncDisposable
{
    /// <summary>Maximum changes in one commit: keeps the wait of the first one short.</summary>
    const int LargestBatch = 128;

    /// <summary>Attempts at a change that conflicts with other nodes' changes of the same task.</summary>
    const int MostTries = 5;

    readonly Channel<Change> waiting = Channel.CreateUnbounded<Change>(new UnboundedChannelOptions { SingleReader = true });
    readonly IDbContextFactory<TaskDatabase> databases;
    readonly ICommitRows? rows;
    readonly Task loop;

    /// <param name="databases">The database.</param>
    /// <param name="rows">Adds rows to each commit, or null.</param>
    public CommitQueue(IDbContextFactory<TaskDatabase> databases, ICommitRows? rows = null)
    {
        (this.databases, this.rows) = (databases, rows);
        loop = Task.Run(RunAsync);
    }

    /// <summary>Each commit also adds rows that follow from its changes of tracked entities. So a change of a task's state must not bypass the tracker.</summary>
    public bool AddsRows => rows is not null;

    /// <summary>A change of tracked entities. It must do its checks before it changes anything, because changes made before it throws are not undone.</summary>
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
            // A change that conflicts with another node's change, or whose row already exists, is applied again to the current rows; the other changes of the batch are not affected.
            if (failure is { InnerException: DbUpdateException } && batch.Count > 1) (database, failure) = await TryCommitAsync(database, batch);
            if (failure is null) continue;
            // The whole batch failed: commit each change separately, so that only the faulty one fails. A change that threw may have conflicted with another of the batch.
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

    /// <summary>Also removes deleted rows that are still in the write-ahead log.</summary>
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
    /// <param name="database">An open context to reuse, or null: a new one is opened.</param>
    /// <returns>The context to reuse, null if it failed; and why it failed.</returns>
    async Task<(TaskDatabase?, StorageException?)> TryCommitAsync(TaskDatabase? database, List<Change> batch)
    {
        var hasRows = false;
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
                hasRows = rows?.AddTo(database) ?? false;
                await AuditChain.LinkAsync(database);
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
        if (hasRows) rows!.Committed();
        return (database, null);
    }

    /// <summary>An exception of the change itself goes to its caller, once the batch is committed; an exception of the database fails the whole batch.</summary>
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
            database.Unnumbered.Clear(); // The context goes back to its pool.
            await database.DisposeAsync();
        }
        catch (Exception e) when (e is DbException or InvalidOperationException or IOException)
        {
            // The connection is already closed. Whatever a broken connection throws, the queue continues.
        }
    }

    /// <summary>Commits the waiting changes, then accepts no more.</summary>
    public async ValueTask DisposeAsync()
    {
        waiting.Writer.TryComplete();
        await loop;
    }
}
