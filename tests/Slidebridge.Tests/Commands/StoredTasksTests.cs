using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Slidebridge.Commands;
using Slidebridge.Lists;
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
        Assert.Equal(0, (await tasks.ListAsync(new TaskFilter(), new TaskPageRequest(1), Token)).Total);
    }

    [Fact]
    public async Task A_rerun_of_an_earlier_version_is_an_operators_after_the_upgrade()
    {
        using var folder = new TemporaryFolder();
        await using var database = new SqliteTaskDatabase(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={folder.File("tasks.db")};Pooling=False").Options);
        await database.GetService<IMigrator>().MigrateAsync("Identity", Token);
        await database.Database.ExecuteSqlRawAsync("""
            INSERT INTO tasks (Number, PlatformId, State, AcceptedAt, UpdatedAt, Run, Runs, Posts, Delays, Crashes, "Group", Turn, Scans, Objects, HasResult, ReportsFailure, IsWithoutToken, PixelsRead, ClassifierSeconds)
                VALUES (7, 'task:7', 'Completed', 0, 0, 1, 1, 1, 0, 0, 'default', 0, '[]', '', 1, 0, 0, 0, 0);
            INSERT INTO results (TaskNumber, Json) VALUES (7, CAST('first' AS BLOB));
            INSERT INTO reruns (TaskNumber, Turn, State, AskedAt, Who, IsToPost, UpdatedAt, Json) VALUES (7, 2, 'Done', 0, 'Ada', 0, 0, CAST('second' AS BLOB));
            """, Token);
        await database.Database.MigrateAsync(Token);

        await using var tasks = await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), Path.GetDirectoryName(folder.File("tasks.db"))!, Token);
        Assert.Equal(("first", "second"), (Text(await tasks.FindResultAsync(7, Token)), Text(await tasks.FindRerunResultAsync(7, Token))));
        var shown = await tasks.ShowAsync("7", Token);
        Assert.Equal(("Ada", null, null), (shown.Rerun!.Who, shown.Shadows, shown.Provenance));
        Assert.Null(await tasks.FindShadowResultAsync(7, "other", Token));

        static string? Text(byte[]? bytes) => bytes is null ? null : System.Text.Encoding.UTF8.GetString(bytes);
    }

    [Fact]
    public async Task What_is_read_in_the_database_is_recorded_too()
    {
        using var folder = new TemporaryFolder();
        var directory = Path.GetDirectoryName(folder.File("tasks.db"))!;
        await using (var database = new SqliteTaskDatabase(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={folder.File("tasks.db")};Pooling=False").Options))
        {
            await database.Database.MigrateAsync(Token);
            database.Tasks.Add(new BridgeTask { Number = 7, PlatformId = "task:7", State = TaskState.Completed, Result = new SavedResult { Json = "{}"u8.ToArray() } });
            await database.SaveChangesAsync(Token);
        }
        await using (var tasks = await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), directory, Token))
        {
            Assert.NotNull(await tasks.FindResultAsync(7, Token));
            Assert.Null(await tasks.FindResultAsync(8, Token));
        }
        await using var again = await StoredTasks.OpenAsync(new DatabaseOptions(Postgres: null), directory, Token);
        var line = Assert.Single(await again.AuditAsync(Token).ToListAsync(Token));
        Assert.Equal(("result read", "task 7", $"{Environment.UserName} via the database"), (line.Action, line.Subject, line.Who));
    }

    [Fact]
    public async Task A_token_can_be_made_before_the_first_start()
    {
        using var folder = new TemporaryFolder();
        var data = folder.File("new");
        var made = await Ran.AsAsync(TokenCommand.Create(), "add", "anna", "--role", "admin", "--data", data);
        Assert.True(made.Code == 0, made.Error);
        Assert.StartsWith("sbt_", made.Out, StringComparison.Ordinal);
        Assert.Contains("anna", (await Ran.AsAsync(TokenCommand.Create(), "list", "--data", data)).Out, StringComparison.Ordinal);
        // Only this command makes a database: a mistyped directory stays a mistake.
        Assert.Contains("has no tasks.db", (await Ran.AsAsync(TokenCommand.Create(), "list", "--data", folder.File("other")).AsFailure()).Error, StringComparison.Ordinal);
    }
}
