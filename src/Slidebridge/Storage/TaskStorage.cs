using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Slidebridge.Storage;

/// <summary>
/// Where tasks are stored: in PostgreSQL for many nodes, or in <c>tasks.db</c>, SQLite with a write-ahead log. Every commit is flushed to disk
/// (<c>synchronous=FULL</c>), because a webhook is acknowledged once its row is committed.
/// </summary>
static class TaskStorage
{
    public static IServiceCollection AddTaskStorage(this IServiceCollection services, DatabaseOptions database, DataDirectory? data) => database.Postgres is { } postgres
        ? services.AddPooledDbContextFactory<PostgresTaskDatabase>(options => ConfigurePostgres(options, postgres))
            .AddSingleton<IDbContextFactory<TaskDatabase>, Databases<PostgresTaskDatabase>>()
        : services.AddPooledDbContextFactory<SqliteTaskDatabase>(options => ConfigureSqlite(options, (data ?? throw new ArgumentNullException(nameof(data), "SQLite needs a data directory.")).File("tasks.db")))
            .AddSingleton<IDbContextFactory<TaskDatabase>, Databases<SqliteTaskDatabase>>();

    /// <summary>Creates the tables, or migrates those of an earlier version; one node does so, the others wait.</summary>
    /// <param name="databases">The database.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="NewerDatabaseException">A newer Slidebridge has changed the database.</exception>
    public static async Task PrepareAsync(IDbContextFactory<TaskDatabase> databases, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        // A database that does not exist yet has no migrations; asking for them would fail on PostgreSQL. MigrateAsync creates the database.
        if (await database.Database.CanConnectAsync(cancellationToken)) await CheckVersionAsync(database, cancellationToken);
        await database.MigrateAloneAsync(cancellationToken);
    }

    /// <summary>Checks that no newer Slidebridge has changed the tables, because this version would misread them.</summary>
    /// <exception cref="NewerDatabaseException">A newer one has.</exception>
    public static async Task CheckVersionAsync(TaskDatabase database, CancellationToken cancellationToken)
    {
        if (await FindUnknownAsync(database, cancellationToken) is { } unknown) throw new NewerDatabaseException(unknown);
    }

    /// <summary>The newest migration in the database that this version does not know, or null.</summary>
    public static async Task<string?> FindUnknownAsync(TaskDatabase database, CancellationToken cancellationToken) =>
        (await database.Database.GetAppliedMigrationsAsync(cancellationToken)).Except(database.Database.GetMigrations()).LastOrDefault();

    /// <summary>Checks that the tables are exactly this version's, for a caller that may not change them.</summary>
    /// <exception cref="NewerDatabaseException">The tables are a newer version's.</exception>
    /// <exception cref="OlderDatabaseException">The tables are an older version's, or do not exist.</exception>
    public static async Task CheckSameVersionAsync(IDbContextFactory<TaskDatabase> databases, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await CheckVersionAsync(database, cancellationToken);
        if ((await database.Database.GetPendingMigrationsAsync(cancellationToken)).Any()) throw new OlderDatabaseException();
    }

    static void ConfigureSqlite(DbContextOptionsBuilder options, string path) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ConnectionString)
        .AddInterceptors(new FlushedCommits())
        .ConfigureWarnings(Unchecked);

    static void ConfigurePostgres(DbContextOptionsBuilder options, string connection) => options.UseNpgsql(connection).ConfigureWarnings(Unchecked);

    /// <summary>Tests check that the model has no change without a migration. Checking at each start would build the model again, for a quarter of a second.</summary>
    static void Unchecked(WarningsConfigurationBuilder warnings) => warnings.Ignore(RelationalEventId.PendingModelChangesWarning);

    /// <summary>One kind of database, for callers that accept any kind.</summary>
    sealed class Databases<T>(IDbContextFactory<T> databases) : IDbContextFactory<TaskDatabase> where T : TaskDatabase
    {
        public TaskDatabase CreateDbContext() => databases.CreateDbContext();

        public async Task<TaskDatabase> CreateDbContextAsync(CancellationToken cancellationToken) => await databases.CreateDbContextAsync(cancellationToken);
    }

    /// <summary>
    /// WAL is a property of the file, <c>synchronous</c> one of each connection. A read-only connection, such as EF's check whether the database exists, can set
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

/// <summary>A newer Slidebridge has changed the database.</summary>
sealed class NewerDatabaseException(string migration)
    : SlidebridgeException($"The task database was made by a newer Slidebridge (this version does not know its migration {migration}). Start the newer version, or restore the backup that was made before the upgrade.");

/// <summary>The database is an older Slidebridge's, and the caller may not migrate it.</summary>
sealed class OlderDatabaseException() : SlidebridgeException(
    "The task database was made by an older Slidebridge, or is empty. Use the older version's commands, or start this version's bridge once: it migrates the database.");
