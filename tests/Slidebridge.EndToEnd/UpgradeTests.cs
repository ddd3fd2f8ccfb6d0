using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Platform;
using Slidebridge.Storage;

namespace Slidebridge.EndToEnd;

/// <summary>A data directory that another version of Slidebridge has written.</summary>
public sealed class UpgradeTests
{
    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_directory_of_the_first_version_is_brought_up_to_date_and_its_tasks_complete()
    {
        // A node of this version takes the tasks in; what the first version would have kept of them is carried over.
        await using var node = await LoneNode.StartAsync(null, "--delivery-settle", "1s");
        node.HoldClassifier();
        var tasks = await node.RequestAsync(3);
        await node.UntilAsync("running", 3);
        await node.Serve.KillAsync();
        var now = node.Data;
        node.Data = Path.Combine(node.Folder, "upgraded");
        await CarryOverAsync(now, node.Data, tasks);
        node.Free();

        await node.RestartAsync();
        // Also before anything has changed their rows.
        Assert.Equal(3, (await node.Serve.GetAsync("/api/tasks")).GetProperty("tasks").GetArrayLength());
        foreach (var task in tasks) await node.ShowAsync(task);
        await node.UntilAsync("completed", 3);
        node.AssertOnce(tasks);
        Assert.Contains("stored on disk", await node.EventsAsync(tasks[0]));
        await node.Serve.SignalAsync("TERM");
        Assert.Equal(0, await node.Serve.EndAsync(TimeSpan.FromSeconds(30)));
        var kept = await File.ReadAllTextAsync(Path.Combine(node.Data, "tasks.db"), Encoding.Latin1, Token);
        Assert.All(tasks, task => Assert.DoesNotContain(task.Token, kept));
        Assert.DoesNotContain("X-Amz-Signature", kept);
    }

    [Fact]
    public async Task A_database_of_a_newer_version_is_refused_in_one_sentence_and_left_alone()
    {
        using var folder = Files.Temporary();
        await using (var database = Database(folder.Path)) await database.Database.MigrateAsync(Token);
        await ExecuteAsync(folder.Path, """INSERT INTO "__EFMigrationsHistory" VALUES ('99991231235959_Future', '99.0.0')""");
        using var process = ServeProcess.Launch(["serve", "--port", "0", "--listen", "localhost", "--data", folder.Path, "--api-key-id", "id", "--api-key-secret", "secret"]);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Token), process.StandardError.ReadToEndAsync(Token));
        await process.WaitForExitAsync(Token).WaitAsync(TimeSpan.FromSeconds(30), Token);
        Assert.NotEqual(0, process.ExitCode);
        Assert.Equal("", await output);
        Assert.Equal("slidebridge: The task database was made by a newer Slidebridge (this version does not know its migration 99991231235959_Future). Start the newer version, or restore the backup that was made before the upgrade.",
            (await error).Trim());
    }

    /// <summary>The tables of the first version, with what they had of these tasks: one that waits, one that runs, one whose result is saved and perhaps posted.</summary>
    static async Task CarryOverAsync(string from, string to, IReadOnlyList<SimulatedTask> tasks)
    {
        Directory.CreateDirectory(to);
        await using (var database = Database(to)) await database.GetService<IMigrator>().MigrateAsync("Initial", Token);
        await ExecuteAsync(to, $"""
            ATTACH '{Path.Combine(from, "tasks.db")}' AS now;
            INSERT INTO tasks (Number, PlatformId, CaseNumber, CompanyId, Model, State, AcceptedAt, UpdatedAt, NotBefore, Runs, Posts, Delays, DeliverUntil, LastError, Scans)
                SELECT Number, PlatformId, CaseNumber, CompanyId, Model, State, AcceptedAt, UpdatedAt, NotBefore, Runs, Posts, Delays, DeliverUntil, LastError, Scans FROM now.tasks;
            INSERT INTO events (Id, TaskNumber, At, State, What) SELECT Id, TaskNumber, At, State, What FROM now.events;
            UPDATE tasks SET State = 'Accepted', Runs = 0 WHERE Number = (SELECT MIN(Number) FROM tasks);
            UPDATE tasks SET State = 'Delivering', Posts = 1 WHERE Number = (SELECT MAX(Number) FROM tasks);
            INSERT INTO results (TaskNumber, Json) SELECT Number, CAST('{Result}' AS BLOB) FROM tasks WHERE State = 'Delivering';
            UPDATE results SET Json = CAST(replace(CAST(Json AS TEXT), 'SCAN', (SELECT json_extract(Scans, '$[0].ScanId') FROM tasks WHERE Number = TaskNumber)) AS BLOB);
            """);
        // It kept tokens and URLs as they came.
        foreach (var task in tasks)
        {
            var body = JsonNode.Parse(task.Body)!.AsObject();
            body.Remove("jwt_token");
            var scans = new JsonArray(new JsonObject { ["ScanId"] = task.Scans[0].Id, ["Urls"] = body["scan_urls"]![task.Scans[0].Id]!.DeepClone() });
            await ExecuteAsync(to, $"UPDATE tasks SET Token = '{task.Token}', Request = '{body.ToJsonString()}', Scans = '{scans.ToJsonString()}' WHERE Number = {task.TaskNumber}");
        }
    }

    const string Result = """{"scanResults":[{"scanId":"SCAN","results":{"summary":"saved by the first version"}}]}""";

    static SqliteTaskDatabase Database(string directory) =>
        new(new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={Path.Combine(directory, "tasks.db")};Pooling=False").Options);

    static async Task ExecuteAsync(string directory, string sql)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(directory, "tasks.db")};Pooling=False");
        await connection.OpenAsync(Token);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(Token);
    }
}
