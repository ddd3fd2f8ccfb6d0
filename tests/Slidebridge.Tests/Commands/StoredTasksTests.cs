using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Slidebridge.Commands;
using Slidebridge.Storage;
using Slidebridge.Tasks;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Commands;

public sealed class StoredTasksTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_command_does_not_upgrade_the_database_that_it_looks_into()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteTaskDatabase(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={folder.File("tasks.db")};Pooling=False").Options);
        var first = database.Database.GetMigrations().First();
        await database.GetService<IMigrator>().MigrateAsync(first, Token);

        await Assert.ThrowsAsync<OlderDatabaseException>(() => StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), Path.GetDirectoryName(folder.File("tasks.db"))!, Token));
        Assert.Equal([first], await database.Database.GetAppliedMigrationsAsync(Token));

        await database.Database.MigrateAsync(Token);
        await using var tasks = await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), Path.GetDirectoryName(folder.File("tasks.db"))!, Token);
        Assert.Equal(0, (await tasks.ListAsync(new TaskFilter(), 0, 1, Token)).Total);
    }
}
