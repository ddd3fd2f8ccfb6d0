using Quartz;

namespace Slidebridge.Tasks;

/// <summary>
/// Quartz, with its own store in <c>quartz.db</c>. The jobs are derived from the tasks' rows, so this store may be lost:
/// docs/decisions/engine.md.
/// </summary>
static class TaskEngine
{
    public static void Configure(IQuartzBuilder quartz, DataDirectory data, int concurrency)
    {
        quartz.ConfigureScheduler(scheduler =>
        {
            scheduler.InstanceName = "slidebridge";
            scheduler.IdleWaitTime = TimeSpan.FromSeconds(1);
            scheduler.ShutdownJobInterruption = ShutdownJobInterruption.Always;
        });
        quartz.UseDefaultThreadPool(concurrency);
        quartz.UsePersistentStore(store =>
        {
            store.ProvisionSchema();
            store.UseSqlite($"Data Source={data.File("quartz.db")};Default Timeout=30");
            // A task that waits its turn for long is late, not misfired.
            store.ConfigureStore(options => options.MisfireThreshold = TimeSpan.FromDays(7));
        });
    }
}
