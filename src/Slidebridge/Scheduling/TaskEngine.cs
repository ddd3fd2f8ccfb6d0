using System.Data.Common;
using Microsoft.Data.Sqlite;
using Quartz;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Scheduling;

/// <summary>
/// Quartz, which runs the tasks in hand, on PostgreSQL as a cluster: the jobs of a node that dies are run by another. Its store is
/// <c>quartz.db</c>, or tables beside the tasks'. The jobs are derived from the tasks' rows, so it may be lost: docs/decisions/engine.md.
/// </summary>
static class TaskEngine
{
    /// <summary>The execution group of what is delivered: every worker serves it.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>Runs that make their first post, beside those that are classified. They cost memory only.</summary>
    const int FirstPosts = 64;

    public static void Configure(IQuartzBuilder quartz, DatabaseOptions database, DataDirectory data, NodeOptions node, ClassifierOptions classifier)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = "slidebridge";
            if (database.Postgres is not null) scheduler.InstanceId = node.Name;
            // For jobs of other nodes only: a node is woken by its own.
            scheduler.IdleWaitTime = node.Poll > TimeSpan.FromSeconds(1) ? node.Poll : TimeSpan.FromSeconds(1);
            scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        // A node that serves no group that is named runs the deliveries of all.
        if (node.Serves.Count > 0) quartz.ServeExecutionGroups([Deliveries, .. node.Serves.Select(GroupOf)]);
        var classifications = TaskAdmission.PlacesOf(classifier) + Openings.MostAside + FirstPosts;
        quartz.UseDefaultThreadPool(classifications + TaskAdmission.DeliveryPlaces);
        quartz.UseExecutionLimits(limits => limits.ForGroup(Deliveries, TaskAdmission.DeliveryPlaces).ForOtherGroups(classifications));
        quartz.UsePersistentStore(store =>
        {
            store.ProvisionSchema();
            if (database.Postgres is { } postgres)
            {
                store.UsePostgres(postgres);
                store.UseClustering(clustering => (clustering.CheckinInterval, clustering.CheckinMisfireThreshold) = (node.CheckIn, node.CheckInLimit));
            }
            else
            {
                store.UseSqlite(new UnflushedSqlite(), $"Data Source={data.File("quartz.db")};Default Timeout=30");
            }
            // A job that waits for its thread is late, not misfired.
            store.ConfigureStore(options => options.MisfireThreshold = TimeSpan.FromDays(7));
        });
    }

    /// <summary>The execution group of a group's classifications.</summary>
    public static string GroupOf(string group) => "classify:" + group;

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
