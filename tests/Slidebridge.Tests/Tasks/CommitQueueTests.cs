using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Tasks;

public sealed class CommitQueueTests
{
    /// <summary>A store on a real SQLite file.</summary>
    sealed class Storage : IAsyncDisposable
    {
        readonly TemporaryFolder folder = new();
        readonly ServiceProvider services;

        Storage()
        {
            var data = new DataDirectory(folder.File("data"));
            services = new ServiceCollection().AddSingleton(_ => data).AddTaskStorage(new DatabaseOptions(Postgres: null), data).AddSingleton<CommitQueue>().BuildServiceProvider();
            _ = services.GetRequiredService<DataDirectory>();
        }

        public CommitQueue Commits => services.GetRequiredService<CommitQueue>();

        public IDbContextFactory<TaskDatabase> Databases => services.GetRequiredService<IDbContextFactory<TaskDatabase>>();

        public static async Task<Storage> CreateAsync()
        {
            var storage = new Storage();
            await TaskStorage.PrepareAsync(storage.Databases, TestContext.Current.CancellationToken);
            return storage;
        }

        public async Task<long[]> NumbersAsync()
        {
            await using var database = await Databases.CreateDbContextAsync();
            return await database.Tasks.Select(t => t.Number).Order().ToArrayAsync();
        }

        public async ValueTask DisposeAsync()
        {
            await services.DisposeAsync();
            Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
            folder.Dispose();
        }
    }

    static Task<bool> AddAsync(Storage storage, long number, string? id) => storage.Commits.CommitAsync(database =>
    {
        database.Tasks.Add(new BridgeTask { Number = number, PlatformId = id!, Scans = [] });
        return Task.FromResult(true);
    });

    [Fact]
    public async Task A_commit_is_on_disk_when_it_returns()
    {
        await using var storage = await Storage.CreateAsync();
        await AddAsync(storage, 1, "a");
        Assert.Equal(1, Assert.Single(await storage.NumbersAsync()));
    }

    [Fact]
    public async Task A_change_that_throws_takes_no_other_with_it()
    {
        await using var storage = await Storage.CreateAsync();
        var changes = Enumerable.Range(1, 40).Select(i => i % 7 == 0
            ? storage.Commits.CommitAsync<bool>(_ => throw new InvalidOperationException($"{i}"))
            : AddAsync(storage, i, "a")).ToArray();
        foreach (var (change, i) in changes.Select((c, i) => (c, i + 1)))
            if (i % 7 == 0) Assert.Equal($"{i}", (await Assert.ThrowsAsync<InvalidOperationException>(() => change)).Message);
            else Assert.True(await change);
        Assert.Equal(Enumerable.Range(1, 40).Where(i => i % 7 != 0).Select(i => (long)i), await storage.NumbersAsync());
    }

    [Fact]
    public async Task A_change_that_the_database_refuses_fails_alone()
    {
        await using var storage = await Storage.CreateAsync();
        var changes = Enumerable.Range(1, 20).Select(i => AddAsync(storage, i, i == 10 ? null : "a")).ToArray();
        await Assert.ThrowsAsync<StorageException>(() => changes[9]);
        foreach (var change in changes.Where((_, i) => i != 9)) Assert.True(await change);
        Assert.Equal(19, (await storage.NumbersAsync()).Length);
    }

    [Fact]
    public async Task What_waits_is_committed_before_the_queue_closes()
    {
        await using var storage = await Storage.CreateAsync();
        var changes = Enumerable.Range(1, 30).Select(i => AddAsync(storage, i, "a")).ToArray();
        await storage.Commits.DisposeAsync();
        Assert.All(changes, change => Assert.True(change.IsCompletedSuccessfully));
        Assert.Equal(30, (await storage.NumbersAsync()).Length);
    }
}
