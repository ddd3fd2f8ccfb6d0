using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Slidebridge.Storage;

/// <summary>
/// Where tasks are kept: in PostgreSQL for many nodes, or in <c>tasks.db</c>, SQLite with a write-ahead log, every commit flushed to disk
/// (<c>synchronous=FULL</c>), for the committed row is the acknowledgement.
/// </summary>
static class TaskStorage
{
    public static IServiceCollection AddTaskStorage(this IServiceCollection services, DatabaseOptions database, DataDirectory? data) => database.Postgres is { } postgres
        ? services.AddPooledDbContextFactory<PostgresTaskDatabase>(options => ConfigurePostgres(options, postgres))
            .AddSingleton<IDbContextFactory<TaskDatabase>, Databases<PostgresTaskDatabase>>()
        : services.AddPooledDbContextFactory<SqliteTaskDatabase>(options => ConfigureSqlite(options, (data ?? throw new ArgumentNullException(nameof(data), "SQLite lies in a data directory.")).File("tasks.db")))
            .AddSingleton<IDbContextFactory<TaskDatabase>, Databases<SqliteTaskDatabase>>();

    /// <summary>Creates the tables, or brings those of an earlier version up to date; one node at a time does so, the others wait.</summary>
    /// <param name="databases">The database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NewerDatabaseException">A newer Slidebridge has been here.</exception>
    public static async Task PrepareAsync(IDbContextFactory<TaskDatabase> databases, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // A database that is not there yet has no migrations; asking would fail on PostgreSQL, where MigrateAsync creates it.
        if (await database.Database.CanConnectAsync(cancellationToken)) await CheckVersionAsync(database, cancellationToken);
        await database.MigrateAloneAsync(cancellationToken);
    }

    /// <summary>That no newer Slidebridge has changed the tables, which this one would then misread.</summary>
    /// <exception cref="NewerDatabaseException">One has.</exception>
    public static async Task CheckVersionAsync(TaskDatabase database, CancellationToken cancellationToken)
    {
        if (await FindUnknownAsync(database, cancellationToken) is { } unknown) throw new NewerDatabaseException(unknown);
    }

    /// <summary>The newest migration that a newer Slidebridge has made and this one does not know, or null.</summary>
    public static async Task<string?> FindUnknownAsync(TaskDatabase database, CancellationToken cancellationToken) =>
        (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(database.Database.GetMigrations()).LastOrDefault();

    /// <summary>That the tables are exactly this version's, for whoever may not change them.</summary>
    /// <exception cref="NewerDatabaseException">They are a newer version's.</exception>
    /// <exception cref="OlderDatabaseException">They are an older version's, or are not there.</exception>
    public static async Task CheckSameVersionAsync(IDbContextFactory<TaskDatabase> databases, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await CheckVersionAsync(database, cancellationToken);
        if ((await database.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) throw new OlderDatabaseException();
    }

    static void ConfigureSqlite(DbContextOptionsBuilder options, string path) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ConnectionString)
        .AddInterceptors(new FlushedCommits());

    static void ConfigurePostgres(DbContextOptionsBuilder options, string connection) => options.UseNpgsql(connection);

    /// <summary>One kind of database for whoever asks for any.</summary>
    sealed class Databases<T>(IDbContextFactory<T> databases) : IDbContextFactory<TaskDatabase> where T : TaskDatabase
    {
        public TaskDatabase CreateDbContext() => databases.CreateDbContext();

        public async Task<TaskDatabase> CreateDbContextAsync(CancellationToken cancellationToken) => await databases.CreateDbContextAsync(cancellationToken);
    }

    /// <summary>
    /// WAL is a property of the file, <c>synchronous</c> one of each connection. A connection that only reads, as EF's look whether the database is there, can set
    /// neither; and a backup made by <c>VACUUM INTO</c> has no WAL yet.
    /// </summary>
    sealed class FlushedCommits : DbConnectionInterceptor
    {
        const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            if (!IsWritable(connection)) return;
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            if (!IsWritable(connection)) return;
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        static bool IsWritable(DbConnection connection) => new SqliteConnectionStringBuilder(connection.ConnectionString).Mode is not SqliteOpenMode.ReadOnly;
    }

    /// <summary>Lets <c>dotnet ef migrations add NAME --context SqliteTaskDatabase --output-dir Storage/Migrations/Sqlite</c> find the context.</summary>
    internal sealed class SqliteAtDesignTime : IDesignTimeDbContextFactory<SqliteTaskDatabase>
    {
        public SqliteTaskDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<SqliteTaskDatabase>();
            ConfigureSqlite(options, "design-time.db");
            return new SqliteTaskDatabase(options.Options);
        }
    }

    /// <summary>The same for <c>--context PostgresTaskDatabase --output-dir Storage/Migrations/Postgres</c>.</summary>
    internal sealed class PostgresAtDesignTime : IDesignTimeDbContextFactory<PostgresTaskDatabase>
    {
        public PostgresTaskDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<PostgresTaskDatabase>();
            ConfigurePostgres(options, "Host=design-time");
            return new PostgresTaskDatabase(options.Options);
        }
    }
}

/// <summary>The database was changed by a newer Slidebridge than this one.</summary>
sealed class NewerDatabaseException(string migration)
    : SlidebridgeException($"The tasks' database is of a newer Slidebridge (it has {migration}, which this one does not know). Start that version, or restore the backup that was made before the upgrade.");

/// <summary>The database is of an older Slidebridge than this one, and is not this one's to change.</summary>
sealed class OlderDatabaseException() : SlidebridgeException(
    "The tasks' database is of an older Slidebridge, or has no tasks yet. Use that version's commands, or start this one's bridge once, which brings it up to date.");
