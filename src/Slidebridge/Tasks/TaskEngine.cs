using System.Data.Common;
using Microsoft.Data.Sqlite;
using Quartz;

namespace Slidebridge.Tasks;

/// <summary>
/// Quartz, with its own store in <c>quartz.db</c>. The jobs are derived from the tasks' rows, so this store may be lost:
/// docs/decisions/engine.md.
/// </summary>
static class TaskEngine
{
    /// <summary>The execution group of the tasks that are still to be classified.</summary>
    public const string Classifications = "classifications";

    /// <summary>Tasks that open slides, wait for the classifier or make their first post, beside those that are classified. They cost memory only.</summary>
    const int BesideClassification = 64;

    /// <summary>Threads for deliveries that are tried again: a backlog of a million tasks does not hold up the results of those that are done.</summary>
    const int Deliveries = 32;

    public static void Configure(IQuartzBuilder quartz, DataDirectory data, int concurrency)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = "slidebridge";
            scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
            scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        quartz.UseDefaultThreadPool(concurrency + BesideClassification + Deliveries);
        quartz.UseExecutionLimits(limits => limits.ForGroup(Classifications, concurrency + BesideClassification));
        quartz.UsePersistentStore(store =>
        {
            store.ProvisionSchema();
            store.UseSqlite(new UnflushedSqlite(), $"Data Source={data.File("quartz.db")};Default Timeout=30");
            // A task that waits its turn for long is late, not misfired.
            store.ConfigureStore(options => options.MisfireThreshold = TimeSpan.FromDays(7));
        });
    }

    /// <summary>
    /// Connections that do not wait for the disk at each commit (<c>synchronous=NORMAL</c> with a write-ahead log: whole after a crash,
    /// perhaps without its last commits). What is lost is derived again.
    /// </summary>
    sealed class UnflushedSqlite : DbProviderFactory
    {
        public override DbConnection CreateConnection() => new Connection();

        public override DbCommand CreateCommand() => new SqliteCommand();

        public override DbParameter CreateParameter() => new SqliteParameter();

        sealed class Connection : SqliteConnection
        {
            public override void Open()
            {
                base.Open();
                using var command = CreateCommand();
                command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;";
                command.ExecuteNonQuery();
            }
        }
    }
}
