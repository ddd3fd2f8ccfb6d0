using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Lists;
using Slidebridge.Overview;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Usage;
using Spectre.Console;
using static Slidebridge.Bench.BenchCommands;

namespace Slidebridge.Bench.Lists;

/// <param name="Tasks">Tasks of the database.</param>
/// <param name="Rounds">How often each query runs.</param>
/// <param name="Postgres">A PostgreSQL server where databases may be made, or null for SQLite.</param>
/// <param name="Keep">The folder of a SQLite database that is kept and used again, or null.</param>
sealed record ListsBenchOptions(int Tasks, int Rounds, string? Postgres, string? Keep);

/// <summary>Lists, filters, counts, usage and the overview of a large database.</summary>
static class ListsBench
{
    public static async Task<int> RunAsync(ListsBenchOptions options, CancellationToken cancellationToken)
    {
        var folder = options.Keep ?? Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;
        try
        {
            using var data = new DataDirectory(folder);
            var database = new DatabaseOptions(options.Postgres is { } server ? await BenchDatabase.MakeAsync(server, cancellationToken) : null);
            await using var services = new ServiceCollection().AddLogging().AddTaskStorage(database, data).AddSingleton(TimeProvider.System).AddSingleton<CommitQueue>().AddSingleton<TaskLists>().AddSingleton<UsageQuery>().AddSingleton<OverviewQuery>()
                .BuildServiceProvider();
            await FillAsync(services, options.Tasks, cancellationToken);
            await MeasureAsync(services, options, cancellationToken);
            return 0;
        }
        finally
        {
            SqliteConnection.ClearAllPools();
            if (options.Keep is null) Directory.Delete(folder, recursive: true);
        }
    }

    static async Task FillAsync(IServiceProvider services, int tasks, CancellationToken cancellationToken)
    {
        var databases = services.GetRequiredService<IDbContextFactory<TaskDatabase>>();
        await TaskStorage.PrepareAsync(databases, cancellationToken);
        await using var database = await databases.CreateDbContextAsync(cancellationToken);
        if (await database.Blocks.AnyAsync(cancellationToken)) return;
        var watch = Stopwatch.StartNew();
        await GeneratedTasks.AddAsync(database, tasks, DateTimeOffset.UtcNow, cancellationToken);
        AnsiConsole.WriteLine($"{tasks} tasks were added in {Number(watch.Elapsed.TotalSeconds)} s.");
        watch.Restart();
        var fold = new ColumnFold(services.GetRequiredService<CommitQueue>(), databases, TimeProvider.System, NullLogger<ColumnFold>.Instance);
        var longest = TimeSpan.Zero;
        for (var (folded, one) = (1, Stopwatch.StartNew()); folded > 0; one.Restart())
        {
            folded = await fold.FoldAsync();
            if (one.Elapsed > longest) longest = one.Elapsed;
        }
        AnsiConsole.WriteLine($"Their columns were made in {Number(watch.Elapsed.TotalSeconds)} s, at most {Number(longest.TotalMilliseconds, "N0")} ms in one commit.");
        if (database is PostgresTaskDatabase) await database.Database.ExecuteSqlRawAsync("VACUUM ANALYZE", cancellationToken);
    }

    static async Task MeasureAsync(IServiceProvider services, ListsBenchOptions options, CancellationToken cancellationToken)
    {
        var (lists, usage, overview) = (services.GetRequiredService<TaskLists>(), services.GetRequiredService<UsageQuery>(), services.GetRequiredService<OverviewQuery>());
        var middle = (await lists.PageAsync(new TaskFilter(), new TaskPageRequest(1, Offset: options.Tasks / 2), cancellationToken)).Next;
        var oldest = (await lists.PageAsync(new TaskFilter(), new TaskPageRequest(1, Offset: options.Tasks - 51), cancellationToken)).Previous;
        var (since, until) = (DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(-70));
        var table = new Table().AddColumns($"{options.Tasks} tasks, {(options.Postgres is null ? "SQLite" : "PostgreSQL")}", "found", "median ms", "worst ms", "CPU ms");
        foreach (var column in table.Columns.Skip(1)) column.RightAligned();

        await PageAsync("first page", new TaskFilter());
        await PageAsync("page in the middle", new TaskFilter(), new TaskPageRequest(50, middle));
        await PageAsync("page before the middle", new TaskFilter(), new TaskPageRequest(50, Before: middle));
        await PageAsync("last page", new TaskFilter(), new TaskPageRequest(50, oldest));
        await PageAsync("the same by offset", new TaskFilter(), new TaskPageRequest(50, Offset: options.Tasks * 4 / 5));
        foreach (var (name, filter) in Filters(options.Tasks, since, until))
        {
            await PageAsync($"page: {name}", filter);
            await TimeAsync($"counts: {name}", async () => (await lists.CountAsync(filter, cancellationToken)).Of(filter.States));
        }
        await TimeAsync("counts of all", async () => (await lists.CountAsync(new TaskFilter(), cancellationToken)).Of(null));
        await TimeAsync("values of the filters", async () => (await lists.ValuesAsync(null, cancellationToken)).Companies.Count);
        var now = DateTimeOffset.UtcNow;
        var year = new UsageRange(UsagePeriod.MonthOf(now.AddDays(-365)), UsagePeriod.MonthOf(now));
        var month = new UsageRange(UsagePeriod.MonthOf(now.AddDays(-60)), UsagePeriod.MonthOf(now.AddDays(-60)));
        foreach (var key in Enum.GetValues<UsageKey>())
        {
            await TimeAsync($"usage of a year by {key.Name()}", async () => (await usage.OfAsync(year, [key], [], cancellationToken)).Count);
            await TimeAsync($"usage of a month by {key.Name()}", async () => (await usage.OfAsync(month, [key], [], cancellationToken)).Count);
        }
        await TimeAsync("usage of a year by month, company", async () => (await usage.OfAsync(year, UsageKeys.Default, [], cancellationToken)).Count);
        await TimeAsync("usage of a year by every key", async () => (await usage.OfAsync(year, Enum.GetValues<UsageKey>(), [], cancellationToken)).Count);
        await TimeAsync("overview", async () => (await overview.ReadAsync(null, cancellationToken)).Hours.Sum(hour => hour.Completed));
        AnsiConsole.Write(table);

        Task PageAsync(string name, TaskFilter filter, TaskPageRequest? request = null) => TimeAsync(name, async () => (await lists.PageAsync(filter, request ?? new TaskPageRequest(50), cancellationToken)).Tasks.Count);

        async Task TimeAsync(string name, Func<Task<int>> query)
        {
            var (times, processor, found) = (new List<double>(), new List<double>(), 0);
            for (var round = 0; round <= options.Rounds; round++)
            {
                var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
                found = await query();
                if (round == 0) continue; // The first one warms up.
                times.Add(watch.Elapsed.TotalMilliseconds);
                processor.Add((Environment.CpuUsage.TotalTime - before).TotalMilliseconds);
            }
            table.AddRow(name, $"{found}", Number(Median(times)), Number(times.Max()), Number(Median(processor)));
        }
    }

    static IEnumerable<(string Name, TaskFilter Filter)> Filters(int tasks, DateTimeOffset since, DateTimeOffset until) =>
    [
        ("a state", new TaskFilter { States = [TaskState.Failed] }),
        ("a state of few", new TaskFilter { States = [TaskState.Held] }),
        ("a company", new TaskFilter { Company = "company-7" }),
        ("a company of 20 old tasks", new TaskFilter { Company = GeneratedTasks.RareCompany }),
        ("no such company", new TaskFilter { Company = "nobody" }),
        ("a model", new TaskFilter { Model = "model-3" }),
        ("a classifier", new TaskFilter { Classifier = "python:classifier-4.py" }),
        ("a stain", new TaskFilter { Stain = "stain-2" }),
        ("a group", new TaskFilter { Group = "group-2" }),
        ("a worker", new TaskFilter { Node = "worker-77" }),
        ("30 days", new TaskFilter { Since = since, Until = until }),
        ("company, model, stain, failed", new TaskFilter { Company = "company-7", Model = "model-3", Stain = "stain-2", States = [TaskState.Failed] }),
        ("no such combination", new TaskFilter { Company = GeneratedTasks.RareCompany, Node = "worker-1999", States = [TaskState.Failed] }),
        ("two permitted companies", new TaskFilter { Companies = ["company-7", "company-8"] }),
        ("a task's number", new TaskFilter { Search = $"{GeneratedTasks.FirstTask + tasks / 3}" }),
        ("a case's number", new TaskFilter { Search = $"{GeneratedTasks.FirstCase + tasks / 3}" }),
        ("a scan's id", new TaskFilter { Search = $"{GeneratedTasks.FirstScan + tasks / 3 * 2}" }),
        ("a number that nothing has", new TaskFilter { Search = "77" }),
    ];
}
