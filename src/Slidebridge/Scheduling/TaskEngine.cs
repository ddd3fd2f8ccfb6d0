using System.Data.Common;
using Microsoft.Data.Sqlite;
using Quartz;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Execution;
using Slidebridge.Storage;
using Slidebridge.Tasks;

namespace Slidebridge.Scheduling;

/// <summary>
/// Quartz, which runs the claimed tasks. On PostgreSQL it is a cluster: another node runs the jobs of a node that dies. Quartz's store is
/// <c>quartz.db</c>, or tables beside the tasks'. Jobs are derived from the tasks' rows, so the store may be lost: docs/decisions/engine.md.
/// </summary>
static class TaskEngine
{
    /// <summary>The execution group of deliveries: every worker serves it.</summary>
    public const string Deliveries = "deliveries";

    /// <summary>Maximum runs that make their first post, in addition to those that classify. They cost only memory.</summary>
    const int FirstPosts = 64;

    public static void Configure(IQuartzBuilder quartz, DatabaseOptions database, DataDirectory data, NodeOptions node, ClassifierOptions classifier)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = "slidebridge";
            if (database.Postgres is not null) scheduler.InstanceId = node.Name;
            // Only for jobs of other nodes: for its own jobs, this node is woken at once.
            scheduler.IdleWaitTime = node.Poll > TimeSpan.FromSeconds(1) ? node.Poll : TimeSpan.FromSeconds(1);
            scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        // A node without named groups serves all groups, and their deliveries.
        if (node.Serves.Count > 0) quartz.ServeExecutionGroups([Deliveries, .. node.Serves.Select(GroupOf)]);
        var classifications = ClassifierSlots.PlacesOf(classifier, OpenedAhead.Most) + Openings.MostAside + FirstPosts;
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
            // A job that waits for a thread is late, not misfired.
            store.ConfigureStore(options => options.MisfireThreshold = TimeSpan.FromDays(7));
        });
    }

    /// <summary>The execution group of a group's classifications.</summary>
    public static string GroupOf(string group) => "classify:" + group;

    /// <summary>
    /// Connections that do not wait for the disk at each commit (<c>synchronous=NORMAL</c> with a write-ahead log: after a crash the file is intact,
    /// but its last commits may be missing). Missing jobs are derived again from the rows.
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
