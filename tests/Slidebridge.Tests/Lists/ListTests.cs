using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Lists;
using Slidebridge.Tasks;
using Slidebridge.Usage;

namespace Slidebridge.Tests.Lists;

public sealed class ListTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Lists_and_sums_equal_a_full_scan_after_random_changes(int seed)
    {
        await using var world = await ListWorld.CreateAsync();
        await FullScan.AssertEqualAsync(world);
        var tasks = new RandomTasks(world, seed);
        for (var round = 0; round < 3; round++)
        {
            await tasks.ChangeAsync(60);
            await FullScan.AssertEqualAsync(world);
        }
        await world.FoldAllAsync();
        await FullScan.AssertEqualAsync(world);
    }

    [Fact]
    public async Task Changes_and_the_columns_are_written_at_the_same_time()
    {
        await using var world = await ListWorld.CreateAsync();
        await Task.WhenAll(Enumerable.Range(0, 6).Select(i => new RandomTasks(world, i, 1 + i * 10_000).ChangeAsync(60)));
        await FullScan.AssertEqualAsync(world);
    }

    [Fact]
    public async Task Tasks_that_arrive_or_end_do_not_shift_pages_by_cursor()
    {
        await using var world = await ListWorld.CreateAsync();
        var start = DateTimeOffset.UtcNow.AddHours(-1);
        await AddAsync(world, start, 1, 20);
        var first = await world.Lists.PageAsync(new TaskFilter(), new TaskPageRequest(5), Token);
        await AddAsync(world, start.AddMinutes(1), 21, 5);
        await world.FoldAllAsync();
        var second = await world.Lists.PageAsync(new TaskFilter(), new TaskPageRequest(5, first.Next), Token);
        Assert.Equal([20, 19, 18, 17, 16, 15, 14, 13, 12, 11], first.Tasks.Concat(second.Tasks).Select(t => t.Number));
        Assert.Equal(first.Tasks.Select(t => t.Number), (await world.Lists.PageAsync(new TaskFilter(), new TaskPageRequest(5, Before: second.Previous), Token)).Tasks.Select(t => t.Number));
    }

    [Fact]
    public async Task Texts_that_no_task_has_any_more_are_deleted()
    {
        await using var world = await ListWorld.CreateAsync();
        await world.ChangeAsync(database => database.Tasks.AddRange(Enumerable.Range(1, 1100).Select(i => new BridgeTask { Number = i, PlatformId = "x", CompanyId = $"company {i}", AcceptedAt = DateTimeOffset.UnixEpoch })));
        await world.FoldAllAsync();
        Assert.Equal(1, (await world.Lists.CountAsync(new TaskFilter { Company = "company 7" }, Token)).Of(null));
        await world.Commits.CommitAsync(database => database.Tasks.Where(t => t.Number > 10).ExecuteDeleteAsync(Token));
        await world.FoldAllAsync();
        Assert.Equal(1089, await world.Commits.CommitAsync(UnusedTexts.DeleteAsync));
        await world.ChangeAsync(database => database.Tasks.Add(new BridgeTask { Number = 77, PlatformId = "x", CompanyId = "company 77", AcceptedAt = DateTimeOffset.UnixEpoch }));
        foreach (var _ in (int[])[1, 2])
        {
            foreach (var company in (string[])["company 7", "company 77"]) Assert.Equal(1, (await world.Lists.CountAsync(new TaskFilter { Company = company }, Token)).Of(null));
            Assert.Equal(11, (await world.Lists.ValuesAsync(null, Token)).Companies.Count);
            await world.FoldAllAsync();
        }
    }

    /// <summary>Each command that the queries send is explained by SQLite.</summary>
    [Fact]
    public async Task No_query_reads_every_row_of_the_tasks()
    {
        await using var world = await ListWorld.CreateAsync();
        await AddAsync(world, DateTimeOffset.UtcNow.AddHours(-1), 1, 200);
        await world.FoldAllAsync();
        await world.ChangeAsync(database => database.Tasks.Find(7L)!.State = TaskState.Running);
        await using var database = await world.Databases.CreateDbContextAsync(Token);
        var plans = new List<string>();
        using (Explained.By(database.Database.GetConnectionString()!, plans))
        {
            await world.Lists.PageAsync(new TaskFilter { Stain = "HE" }, new TaskPageRequest(5), Token);
            await world.Lists.CountAsync(new TaskFilter { Search = "7" }, Token);
            await world.Lists.ValuesAsync(null, Token);
            await world.Overview.ReadAsync(null, Token);
            await world.Usage.OfAsync(UsageRange.Of(null, null, DateTimeOffset.UtcNow), UsageKeys.Default, [], Token);
        }
        Assert.Contains(plans, plan => plan.Contains("SEARCH t USING", StringComparison.Ordinal));
        Assert.DoesNotContain(plans, plan => plan.StartsWith("SCAN t", StringComparison.Ordinal));
    }

    /// <summary>Explains each command that this test's queries send.</summary>
    sealed class Explained(string connection, List<string> plans) : IObserver<KeyValuePair<string, object?>>, IObserver<DiagnosticListener>, IDisposable
    {
        readonly List<IDisposable> subscriptions = [];

        public static Explained By(string connection, List<string> plans)
        {
            var explained = new Explained(connection, plans);
            explained.subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(explained));
            return explained;
        }

        public void OnNext(DiagnosticListener listener)
        {
            if (listener.Name == DbLoggerCategory.Name) subscriptions.Add(listener.Subscribe(this));
        }

        public void OnNext(KeyValuePair<string, object?> said)
        {
            if (said.Value is not Microsoft.EntityFrameworkCore.Diagnostics.CommandEventData { Command: SqliteCommand sent } || said.Key != Microsoft.EntityFrameworkCore.Diagnostics.RelationalEventId.CommandExecuting.Name) return;
            if (sent.Connection!.ConnectionString != connection || !sent.CommandText.StartsWith("SELECT", StringComparison.Ordinal)) return;
            using var own = new SqliteConnection(connection);
            own.Open();
            using var command = own.CreateCommand();
            command.CommandText = "EXPLAIN QUERY PLAN " + sent.CommandText;
            foreach (SqliteParameter parameter in sent.Parameters) command.Parameters.AddWithValue(parameter.ParameterName, parameter.Value);
            using var lines = command.ExecuteReader();
            while (lines.Read()) plans.Add(lines.GetString(3));
        }

        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void Dispose() => subscriptions.ForEach(s => s.Dispose());
    }

    static Task<bool> AddAsync(ListWorld world, DateTimeOffset at, long first, int count) => world.ChangeAsync(database => database.Tasks.AddRange(Enumerable.Range(0, count).Select(i =>
        new BridgeTask { Number = first + i, PlatformId = "x", AcceptedAt = at.AddSeconds(i), UpdatedAt = at.AddSeconds(i), VerifiedAt = at, Scans = [new TaskScan { ScanId = "1", StainValue = "HE" }] })));
}
