using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Slidebridge.Lists;
using Slidebridge.Overview;
using Slidebridge.Storage;
using Slidebridge.Usage;

namespace Slidebridge.Tests.Lists;

/// <summary>A real task database, and the lists and sums of it.</summary>
sealed class ListWorld : IAsyncDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("slidebridge-lists-").FullName;
    readonly ServiceProvider services;

    ListWorld(string? postgres)
    {
        var data = new DataDirectory(folder);
        services = new ServiceCollection().AddSingleton(_ => data).AddTaskStorage(new DatabaseOptions(postgres), data).AddSingleton(TimeProvider.System)
            .AddSingleton<CommitQueue>().AddSingleton<TaskLists>().AddSingleton<UsageQuery>().AddSingleton<OverviewQuery>().BuildServiceProvider();
        _ = services.GetRequiredService<DataDirectory>();
        // Small, so that few tasks make many blocks.
        Fold = new ColumnFold(Commits, Databases, TimeProvider.System, NullLogger<ColumnFold>.Instance) { Batch = 64, MostTasks = 32 };
    }

    /// <param name="postgres">A PostgreSQL database; null: SQLite.</param>
    public static async Task<ListWorld> CreateAsync(string? postgres = null)
    {
        var world = new ListWorld(postgres);
        await TaskStorage.PrepareAsync(world.Databases, TestContext.Current.CancellationToken);
        return world;
    }

    public CommitQueue Commits => services.GetRequiredService<CommitQueue>();

    public IDbContextFactory<TaskDatabase> Databases => services.GetRequiredService<IDbContextFactory<TaskDatabase>>();

    public TaskLists Lists => services.GetRequiredService<TaskLists>();

    public UsageQuery Usage => services.GetRequiredService<UsageQuery>();

    public OverviewQuery Overview => services.GetRequiredService<OverviewQuery>();

    public ColumnFold Fold { get; }

    public async Task FoldAllAsync()
    {
        while (await Fold.FoldAsync() > 0)
        {
        }
    }

    public Task<bool> ChangeAsync(Action<TaskDatabase> change) => Commits.CommitAsync(database =>
    {
        change(database);
        return Task.FromResult(true);
    });

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        Directory.Delete(folder, recursive: true);
    }
}
