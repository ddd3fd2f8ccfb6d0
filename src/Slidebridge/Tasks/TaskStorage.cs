using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Slidebridge.Tasks;

/// <summary>
/// Where tasks are kept: <c>tasks.db</c>, SQLite with a write-ahead log, every commit flushed to disk (<c>synchronous=FULL</c>),
/// for the committed row is the acknowledgement.
/// </summary>
static class TaskStorage
{
    public static IServiceCollection AddTaskStorage(this IServiceCollection services, DataDirectory data) =>
        services.AddPooledDbContextFactory<TaskDatabase>(options => Configure(options, data.File("tasks.db")));

    /// <summary>Creates the tables, or brings those of an earlier version up to date.</summary>
    public static async Task PrepareAsync(IDbContextFactory<TaskDatabase> databases, CancellationToken cancellationToken)
    {
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        await database.Database.MigrateAsync(cancellationToken);
    }

    internal static void Configure(DbContextOptionsBuilder options, string path) => options
        .UseSqlite(new SqliteConnectionStringBuilder { DataSource = path, DefaultTimeout = 30 }.ConnectionString)
        .AddInterceptors(new FlushedCommits());

    /// <summary>WAL is a property of the file, <c>synchronous</c> one of each connection.</summary>
    sealed class FlushedCommits : DbConnectionInterceptor
    {
        const string Pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;";

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData)
        {
            using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            command.ExecuteNonQuery();
        }

        public override async Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    /// <summary>Lets <c>dotnet ef migrations add</c> find the context.</summary>
    internal sealed class AtDesignTime : IDesignTimeDbContextFactory<TaskDatabase>
    {
        public TaskDatabase CreateDbContext(string[] args)
        {
            var options = new DbContextOptionsBuilder<TaskDatabase>();
            Configure(options, "design-time.db");
            return new TaskDatabase(options.Options);
        }
    }
}
