using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Npgsql;
using Slidebridge.Tasks;

namespace Slidebridge.Storage;

/// <summary>The task tables; the same in both databases, each with separate migrations.</summary>
abstract class TaskDatabase(DbContextOptions options) : DbContext(options)
{
    public DbSet<BridgeTask> Tasks => Set<BridgeTask>();

    /// <summary>
    /// Compiled once for each model: every step of a run begins with this query, and <see cref="DbSet{T}.FindAsync(object[])"/> builds and translates its expression at each call.
    /// </summary>
    static readonly ConditionalWeakTable<IModel, Func<TaskDatabase, long, Task<BridgeTask?>>> ByNumber = [];

    /// <summary>Kept, because <see cref="DbSet{T}.Local"/> compares every tracked row with its original at each call.</summary>
    LocalView<BridgeTask>? tracked;

    public DbSet<ScanPicture> Pictures => Set<ScanPicture>();

    public DbSet<SavedResult> Results => Set<SavedResult>();

    public DbSet<ClassifierLog> Logs => Set<ClassifierLog>();

    /// <summary>Ended tasks that are classified again, for operators and by shadow classifiers.</summary>
    public DbSet<TaskRerun> Reruns => Set<TaskRerun>();

    /// <summary>Webhooks for task numbers that already have a row, until they are verified.</summary>
    public DbSet<TaskRequest> Requests => Set<TaskRequest>();

    /// <summary>The key ring of a cluster.</summary>
    public DbSet<StoredKey> Keys => Set<StoredKey>();

    public DbSet<StoredToken> Tokens => Set<StoredToken>();

    public DbSet<StoredSession> Sessions => Set<StoredSession>();

    public DbSet<StoredWorker> Workers => Set<StoredWorker>();

    /// <summary>Parts of results that workers send, until the result is complete.</summary>
    public DbSet<ResultPart> Parts => Set<ResultPart>();

    /// <summary>The workers that the fleet has asked for.</summary>
    public DbSet<FleetWorker> FleetWorkers => Set<FleetWorker>();

    /// <summary>What the fleet's controller remembers of each group.</summary>
    public DbSet<FleetState> Fleets => Set<FleetState>();

    /// <summary>Events that are not sent yet.</summary>
    public DbSet<OutgoingEvent> Outbox => Set<OutgoingEvent>();

    /// <summary>Who did or saw what. New lines are added by <see cref="Record"/>.</summary>
    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    /// <summary>How far runs are, for other nodes.</summary>
    public DbSet<StoredProgress> Progress => Set<StoredProgress>();

    /// <summary>The tasks by columns, for lists and sums.</summary>
    public DbSet<ColumnBlock> Blocks => Set<ColumnBlock>();

    public DbSet<BlockColumn> Columns => Set<BlockColumn>();

    public DbSet<ColumnValue> ColumnValues => Set<ColumnValue>();

    /// <summary>Tasks whose columns are not up to date.</summary>
    public DbSet<ChangedTask> ChangedTasks => Set<ChangedTask>();

    /// <summary>Lines of this commit, until <see cref="AuditChain"/> gives them their numbers.</summary>
    public List<AuditEntry> Unnumbered { get; } = [];

    /// <summary>Adds a line to the audit log, as a part of this commit.</summary>
    public void Record(AuditEntry entry) => Unnumbered.Add(entry);

    /// <summary>A task's row, tracked; null if there is none. A row that is tracked already is not read again.</summary>
    public ValueTask<BridgeTask?> FindTaskAsync(long number) =>
        TrackedTask(number) is { } task ? new(task)
            : new(ByNumber.GetValue(Model, _ => EF.CompileAsyncQuery((TaskDatabase database, long wanted) => database.Tasks.FirstOrDefault(task => task.Number == wanted)))(this, number));

    /// <summary>A task's row, if this context tracks it.</summary>
    public BridgeTask? TrackedTask(long number) => (tracked ??= Tasks.Local).FindEntry(number)?.Entity;

    protected override void OnModelCreating(ModelBuilder model)
    {
        model.Entity<BridgeTask>(task =>
        {
            task.ToTable("tasks");
            task.HasKey(t => t.Number);
            task.Property(t => t.Number).ValueGeneratedNever();
            task.Ignore(t => t.FailureIsReported).Ignore(t => t.Token).Ignore(t => t.Request).Ignore(t => t.Locked);
            task.Property(t => t.Proof).HasConversion<string>();
            task.Property(t => t.State).HasConversion<string>().IsConcurrencyToken();
            // Whether the platform has confirmed the task decides whether its further steps are sent as events.
            task.Property(t => t.VerifiedAt).IsConcurrencyToken();
            // The column names are those of the first version: nodes of an earlier version that still run must find them.
            task.Property(t => t.FencingToken).HasColumnName("Run").IsConcurrencyToken();
            task.Property(t => t.Attempts).HasColumnName("Runs");
            task.Property(t => t.ClaimedAt).HasColumnName("AdmittedAt");
            task.HasIndex(t => new { t.State, t.AcceptedAt });
            // For queries that run many times a second: which task is next, and how many tasks of a company or a node are claimed.
            task.HasIndex(t => new { t.State, t.ClaimedAt, t.Turn });
            task.HasIndex(t => new { t.CompanyId, t.State, t.ClaimedAt, t.Turn });
            // For leases that were not renewed.
            task.HasIndex(t => t.LeasedUntil);
            // For the claims that the bridge must ask the platform about.
            task.HasIndex(t => t.VerifyAt);
            // For a month's usage, and for tasks old enough to be erased.
            task.HasIndex(t => t.EndedAt);
            // A task is one row, read and written as a whole.
            task.OwnsMany(t => t.Scans, scan =>
            {
                scan.ToJson("Scans");
                scan.Ignore(s => s.Stain).Ignore(s => s.Urls);
                scan.OwnsMany(s => s.Warnings);
                scan.Navigation(s => s.Warnings).UsePropertyAccessMode(PropertyAccessMode.Property);
            });
            task.HasMany(t => t.Events).WithOne().HasForeignKey(e => e.TaskNumber);
            task.HasMany(t => t.Requests).WithOne().HasForeignKey(r => r.TaskNumber);
            task.HasMany(t => t.Pictures).WithOne().HasForeignKey(p => p.TaskNumber);
            task.HasOne(t => t.Result).WithOne().HasForeignKey<SavedResult>(r => r.TaskNumber);
            task.HasOne(t => t.Log).WithOne().HasForeignKey<ClassifierLog>(l => l.TaskNumber);
            task.HasMany<TaskRerun>().WithOne().HasForeignKey(r => r.TaskNumber);
        });
        model.Entity<TaskRerun>(rerun =>
        {
            rerun.ToTable("reruns");
            rerun.HasKey(r => new { r.TaskNumber, r.Shadow });
            // Nodes of an earlier version do not know the column.
            rerun.Property(r => r.Shadow).HasDefaultValue(TaskRerun.OfOperator);
            rerun.Property(r => r.State).HasConversion<string>().IsConcurrencyToken();
            rerun.Property(r => r.Turn).IsConcurrencyToken();
            rerun.HasIndex(r => r.State);
        });
        model.Entity<TaskEvent>(step =>
        {
            step.ToTable("events");
            step.HasKey(e => e.Id);
            step.Property(e => e.State).HasConversion<string>();
            step.Ignore(e => e.Text);
        });
        model.Entity<TaskRequest>(request =>
        {
            request.ToTable("requests");
            request.HasKey(r => r.Id);
            request.HasIndex(r => r.VerifyAt);
        });
        model.Entity<StoredKey>(key =>
        {
            key.ToTable("keys");
            key.HasKey(k => k.Name);
        });
        model.Entity<StoredToken>(token =>
        {
            token.ToTable("tokens");
            token.HasKey(t => t.Id);
            token.Property(t => t.Role).HasConversion<string>();
            token.Property(t => t.RevokedAt).IsConcurrencyToken();
        });
        model.Entity<StoredSession>(session =>
        {
            session.ToTable("sessions");
            session.HasKey(s => s.Id);
            session.HasIndex(s => s.ExpiresAt);
        });
        model.Entity<StoredWorker>(worker =>
        {
            worker.ToTable("workers");
            worker.HasKey(w => w.Name);
            worker.Property(w => w.Instance).IsConcurrencyToken();
        });
        model.Entity<ResultPart>(part =>
        {
            part.ToTable("result_parts");
            part.HasKey(p => new { p.TaskNumber, p.FencingToken, p.Part });
            part.HasOne<BridgeTask>().WithMany().HasForeignKey(p => p.TaskNumber);
        });
        model.Entity<FleetWorker>(worker =>
        {
            worker.ToTable("fleet_workers");
            worker.HasKey(w => w.Name);
            worker.HasIndex(w => new { w.Group, w.EndedAt });
        });
        model.Entity<FleetState>(state =>
        {
            state.ToTable("fleets");
            state.HasKey(s => s.Group);
            state.Property(s => s.Pass).IsConcurrencyToken();
        });
        model.Entity<AuditEntry>(entry =>
        {
            entry.ToTable("audit");
            entry.HasKey(e => e.Number);
            entry.Property(e => e.Number).ValueGeneratedNever();
            entry.HasIndex(e => e.At);
        });
        model.Entity<OutgoingEvent>(outgoing =>
        {
            outgoing.ToTable("outbox");
            outgoing.HasKey(e => e.Id);
            // For queries that run every second: what is due, and is it its subject's first?
            outgoing.HasIndex(e => new { e.Sink, e.NextAt });
            outgoing.HasIndex(e => new { e.Sink, e.Subject, e.Id });
        });
        model.Entity<ScanPicture>(picture =>
        {
            picture.ToTable("pictures");
            picture.HasKey(p => new { p.TaskNumber, p.ScanId });
        });
        model.Entity<SavedResult>(result =>
        {
            result.ToTable("results");
            result.HasKey(r => r.TaskNumber);
            result.Property(r => r.TaskNumber).ValueGeneratedNever();
        });
        model.Entity<ClassifierLog>(log =>
        {
            log.ToTable("logs");
            log.HasKey(l => l.TaskNumber);
            log.Property(l => l.TaskNumber).ValueGeneratedNever();
        });
        model.Entity<StoredProgress>(progress =>
        {
            progress.ToTable("progress");
            progress.HasKey(p => p.Node);
        });
        model.Entity<ColumnBlock>(block =>
        {
            block.ToTable("column_blocks");
            block.HasKey(b => b.Id);
            block.Property(b => b.Id).ValueGeneratedNever();
        });
        model.Entity<BlockColumn>(column =>
        {
            column.ToTable("columns");
            column.HasKey(c => new { c.Block, c.Column });
            // For searches: which blocks may have a number? The rows themselves are large.
            column.HasIndex(c => new { c.Column, c.Least, c.Most, c.Block });
        });
        model.Entity<ColumnValue>(value =>
        {
            value.ToTable("column_values");
            value.HasKey(v => v.Id);
            value.Property(v => v.Id).ValueGeneratedNever();
        });
        model.Entity<ChangedTask>(changed =>
        {
            changed.ToTable("changed_tasks");
            changed.HasKey(c => c.Id);
        });
        // Bytes are replaced, never changed in place. EF's own comparer would keep a copy of each picture and result that it tracks.
        var sameBytes = new ValueComparer<byte[]>((a, b) => ReferenceEquals(a, b), bytes => RuntimeHelpers.GetHashCode(bytes), bytes => bytes);
        foreach (var property in model.Model.GetEntityTypes().SelectMany(type => type.GetProperties()).Where(property => property.ClrType == typeof(byte[]))) property.SetValueComparer(sameBytes);
    }

    /// <summary>Several processes may use the database.</summary>
    public virtual bool IsShared => false;

    /// <summary>Until the end of this transaction, no other node runs code that calls this. SQLite has one process and one writer anyway.</summary>
    public virtual Task AloneAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>The same for code that appends to the audit log.</summary>
    public virtual Task AuditAloneAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Whether this transaction may claim events: one node at a time does. It does not wait, so that it neither delays the claiming of tasks nor can deadlock with <see cref="AloneAsync"/>,
    /// whatever the order in which changes of one commit call the two.
    /// </summary>
    public virtual Task<bool> TryClaimEventsAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Whether this transaction may bring the columns up to date: one node at a time does.</summary>
    public virtual Task<bool> TryFoldAsync(CancellationToken cancellationToken) => Task.FromResult(true);

    /// <summary>Begins a transaction whose queries all see the database as it is now, and which no writer waits for.</summary>
    public abstract Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken);

    /// <summary>The time of the clock that all nodes share, for claims that end by themselves. With one process, that process's own clock.</summary>
    public virtual Task<DateTimeOffset> NowAsync(TimeProvider time, CancellationToken cancellationToken) => Task.FromResult(time.GetUtcNow());

    /// <summary>Migrates the tables to this version, one node at a time.</summary>
    public virtual Task MigrateAloneAsync(CancellationToken cancellationToken) => Database.MigrateAsync(cancellationToken);

    /// <summary>Makes sure that deleted data is not in the files any more. For database servers and their backups, see docs/security.md.</summary>
    public virtual Task WipeAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Empties the write-ahead log of a database that is a local file: a clean stop leaves one file.</summary>
    public virtual Task TruncateLogAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Times are stored as UTC ticks: SQLite has no type for them, and numbers can be sorted.</summary>
    protected override void ConfigureConventions(ModelConfigurationBuilder conventions) =>
        conventions.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    internal sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(moment => moment.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}

/// <summary>SQLite, in <c>tasks.db</c>, for one process.</summary>
sealed class SqliteTaskDatabase(DbContextOptions<SqliteTaskDatabase> options) : TaskDatabase(options)
{
    /// <summary>A larger file is not rewritten, because webhooks wait meanwhile: <c>secure_delete</c> has overwritten the deleted data, and only free pages remain.</summary>
    const long LargestVacuum = 256L << 20;

    /// <summary>Rewrites the file without its free pages, and empties the write-ahead log, which still contains deleted pages.</summary>
    public override async Task WipeAsync(CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var size = await Database.SqlQuery<long>($"SELECT page_count * page_size AS Value FROM pragma_page_count(), pragma_page_size()").SingleAsync(cancellationToken);
            if (size <= LargestVacuum) await Database.ExecuteSqlRawAsync("VACUUM", cancellationToken);
            await TruncateLogAsync(cancellationToken);
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    /// <summary>EF's own transactions would wait for the writer.</summary>
    public override async Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        return (await Database.UseTransactionAsync(((SqliteConnection)Database.GetDbConnection()).BeginTransaction(deferred: true), cancellationToken))!;
    }

    public override Task TruncateLogAsync(CancellationToken cancellationToken) => Database.ExecuteSqlRawAsync("PRAGMA wal_checkpoint(TRUNCATE)", cancellationToken);
}

/// <summary>PostgreSQL, for all nodes.</summary>
sealed class PostgresTaskDatabase(DbContextOptions<PostgresTaskDatabase> options) : TaskDatabase(options)
{
    static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    /// <summary>Arbitrary lock numbers that no other user of the database locks.</summary>
    const long Admission = 0x51_1D_EB_41, Schema = 0x51_1D_EB_42, AuditLog = 0x51_1D_EB_43, Events = 0x51_1D_EB_44, Fold = 0x51_1D_EB_45;

    public override bool IsShared => true;

    public override Task AloneAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({Admission})", cancellationToken);

    public override Task AuditAloneAsync(CancellationToken cancellationToken) =>
        Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock({AuditLog})", cancellationToken);

    public override Task<bool> TryClaimEventsAsync(CancellationToken cancellationToken) =>
        Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({Events}) AS "Value" """).SingleAsync(cancellationToken);

    public override Task<bool> TryFoldAsync(CancellationToken cancellationToken) =>
        Database.SqlQuery<bool>($"""SELECT pg_try_advisory_xact_lock({Fold}) AS "Value" """).SingleAsync(cancellationToken);

    public override Task<IDbContextTransaction> BeginSnapshotAsync(CancellationToken cancellationToken) => Database.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);

    public override async Task<DateTimeOffset> NowAsync(TimeProvider time, CancellationToken cancellationToken) =>
        new(await Database.SqlQuery<DateTime>($"""SELECT clock_timestamp() AS "Value" """).SingleAsync(cancellationToken), TimeSpan.Zero);

    /// <summary>EF's own lock ends with each migration's transaction: if two nodes both find two migrations missing, both could run the second at the same time.</summary>
    public override async Task MigrateAloneAsync(CancellationToken cancellationToken)
    {
        var creator = Database.GetService<IRelationalDatabaseCreator>();
        try
        {
            if (!await creator.ExistsAsync(cancellationToken)) await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another node has done it already.
        }
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            while (!await Database.SqlQuery<bool>($"""SELECT pg_try_advisory_lock({Schema}) AS "Value" """).SingleAsync(cancellationToken)) await Task.Delay(BetweenLooks, cancellationToken);
            await Database.MigrateAsync(cancellationToken);
            await Database.ExecuteSqlAsync($"SELECT pg_advisory_unlock({Schema})", cancellationToken);
        }
        finally
        {
            await Database.CloseConnectionAsync(); // This also releases the lock if it is still held: the connection is reset.
        }
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder conventions)
    {
        base.ConfigureConventions(conventions);
        conventions.Properties<string>().HaveConversion<Storable>();
    }

    /// <summary>PostgreSQL's text cannot contain NUL or an unpaired surrogate. A program's or the platform's words may contain them, and a step that quotes them must not fail because of that.</summary>
    internal sealed class Storable() : ValueConverter<string, string>(text => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Replace('\0', '\uFFFD'))), text => text);
}
