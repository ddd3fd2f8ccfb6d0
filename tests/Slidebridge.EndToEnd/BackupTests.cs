using Microsoft.Data.Sqlite;
using Slidebridge.EndToEnd.Support;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.EndToEnd;

/// <summary>Backups that are made while tasks are under way, and restored to another place: docs/operations.md.</summary>
public sealed class BackupTests
{
    const int Finished = 3, Unfinished = 6;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_dump_of_a_cluster_that_works_is_restored_and_unfinished_tasks_complete_once()
    {
        await using var cluster = await Cluster.StartAsync(web: 1, workers: 2, "--concurrency", "1", "--check-in", "500ms", "--check-in-limit", "2s", "--delivery-settle", "1s");
        var tasks = await SendAsync(cluster, Finished);
        await cluster.UntilAsync("completed", Finished);
        cluster.HoldClassifiers();
        tasks.AddRange(await SendAsync(cluster, Unfinished));
        await cluster.UntilAsync("running", 2);

        var dump = Path.Combine(cluster.Postgres.Server.Folder, "dump");
        await cluster.Postgres.DumpAsync(dump);
        for (var node = 0; node < 3; node++) await cluster.KillAsync(node);
        await cluster.Postgres.RestoreAsync(dump);
        cluster.Free();

        await Task.WhenAll(Enumerable.Range(0, 3).Select(node => cluster.RestartAsync(node)));
        await cluster.UntilAsync("completed", Finished + Unfinished);
        Assert.Equal(tasks.Select(t => t.TaskNumber).Order(), cluster.Platform.State.Evaluations.Select(e => e.TaskNumber).Order());
        Assert.Equal(0, cluster.Platform.State.Duplicates);
        foreach (var task in tasks.Take(Finished)) Assert.Equal(1, (await cluster.ShowAsync(task)).GetProperty("attempts").GetProperty("runs").GetInt32());
    }

    /// <summary>While it runs, by SQLite's own means (<c>.backup</c>, or <c>VACUUM INTO</c>); or stopped, by copying the directory.</summary>
    [Theory]
    [InlineData("backup")]
    [InlineData("vacuum")]
    [InlineData("stopped")]
    public async Task A_copy_of_a_node_on_SQLite_is_restored_and_unfinished_tasks_complete_once(string way)
    {
        await using var node = await LoneNode.StartAsync(null, "--concurrency", "1", "--delivery-settle", "1s", "--drain", "0s");
        var tasks = new List<SimulatedTask>(await node.RequestAsync(Finished));
        await node.UntilAsync("completed", Finished);
        node.HoldClassifier();
        tasks.AddRange(await node.RequestAsync(Unfinished));
        await node.UntilAsync("running", 1);

        var restored = Directory.CreateDirectory(Path.Combine(node.Folder, "restored")).FullName;
        if (way is not "stopped")
        {
            // The jobs are derived from the tasks: quartz.db is not needed.
            await CopyAsync(Path.Combine(node.Data, "tasks.db"), Path.Combine(restored, "tasks.db"), way);
            await node.Serve.KillAsync();
        }
        else
        {
            await node.Serve.SignalAsync("TERM");
            Assert.Equal(0, await node.Serve.EndAsync(TimeSpan.FromSeconds(30)));
            foreach (var file in Directory.GetFiles(node.Data)) File.Copy(file, Path.Combine(restored, Path.GetFileName(file)));
        }
        // What the tokens and URLs in it are encrypted with.
        Directory.Move(Path.Combine(node.Data, "keys"), Path.Combine(restored, "keys"));
        Directory.Delete(node.Data, recursive: true);
        node.Data = restored;
        node.Free();

        await node.RestartAsync();
        await node.UntilAsync("completed", Finished + Unfinished);
        node.AssertOnce(tasks);
    }

    static async Task CopyAsync(string from, string to, string way)
    {
        await using var connection = new SqliteConnection($"Data Source={from};Pooling=False");
        await connection.OpenAsync(Token);
        if (way is "backup")
        {
            await using var copy = new SqliteConnection($"Data Source={to};Pooling=False");
            connection.BackupDatabase(copy);
            return;
        }
        await using var command = connection.CreateCommand();
        command.CommandText = "VACUUM INTO $to";
        command.Parameters.AddWithValue("$to", to);
        await command.ExecuteNonQueryAsync(Token);
    }

    static async Task<List<SimulatedTask>> SendAsync(Cluster cluster, int count)
    {
        var tasks = await cluster.PrepareAsync(count);
        foreach (var task in tasks) await cluster.SendAsync(task, new Random(1));
        return [.. tasks];
    }
}
