using System.Text.Json;
using Slidebridge.EndToEnd.Support;

namespace Slidebridge.EndToEnd;

/// <summary>A program that looks for the bridge's secrets and other tasks' data, started by a real bridge that has both.</summary>
public sealed class ProgramIsolationTests
{
    const string Secret = "very-secret-6f1d";

    [Theory]
    [InlineData("auto")]
    [InlineData("strict")]
    public async Task A_program_in_a_sandbox_sees_its_own_task_and_nothing_else(string mode)
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        if (!Files.HasBubblewrap) Assert.Skip("bwrap (bubblewrap) is missing, or does not work here");
        var tiles = $"/dev/shm/slidebridge-test-{Guid.NewGuid():n}";
        await File.WriteAllTextAsync(tiles, "tissue", TestContext.Current.CancellationToken);
        try
        {
            await using var node = await StartAsync(mode, tiles, network: mode == "strict");
            Assert.Equal("nothing", await SeenAsync(node));
        }
        finally
        {
            File.Delete(tiles);
        }
    }

    [Fact]
    public async Task Without_a_sandbox_a_program_gets_no_secret_variable_and_no_URL()
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        await using var node = await StartAsync("off", "/dev/shm/none", network: false);
        var seen = await SeenAsync(node);
        Assert.DoesNotContain("its own environment", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("a URL", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_bridge_has_no_diagnostics_socket_and_its_memory_is_roots()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        await using var node = await LoneNode.StartAsync(null);
        string[] folders = [Path.GetTempPath(), node.Folder];
        Assert.Empty(folders.SelectMany(f => Directory.EnumerateFileSystemEntries(f, $"*-{node.Serve.Id}-*", new EnumerationOptions { RecurseSubdirectories = f == node.Folder })));
        // unix(7): nor one that has lost its name.
        Assert.DoesNotContain($"dotnet-diagnostic-{node.Serve.Id}-", await File.ReadAllTextAsync("/proc/net/unix", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    static async Task<LoneNode> StartAsync(string mode, string tiles, bool network)
    {
        var program = Path.Combine(Files.Root, "tests", "Slidebridge.EndToEnd", "Programs", "spy.py");
        var config = Path.GetTempFileName();
        return await LoneNode.StartAsync(node =>
        {
            foreach (var name in (string[])["DATABASE_PASSWORD", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "NVIDIA_API_KEY"]) node.Environment[name] = Secret;
            var settings = new { secret = Secret.Select(c => c.ToString()).ToArray(), bridge = 1, data = node.Data, config, tiles, network = network ? node.Platform.Address.Authority : "" };
            File.WriteAllText(config, JsonSerializer.Serialize(new { apiKeySecret = Secret, classifiers = new { spy = new { use = $"exec:python3 '{program}'", settings } }, routes = new[] { new { classifier = "spy" } } }));
        }, "--program-sandbox", mode, "--config", config);
    }

    static async Task<string> SeenAsync(LoneNode node)
    {
        var task = (await node.RequestAsync(1)).Single();
        while (!task.Completed)
        {
            var told = await node.Serve.GetAsync($"/api/tasks/{task.TaskNumber}");
            Assert.True(told.GetProperty("state").GetString() is not "failed", told.ToString());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
        return node.Platform.State.Evaluations.Single(e => e.TaskNumber == task.TaskNumber).Result.GetProperty("results").GetProperty("summary").GetString()!;
    }
}
