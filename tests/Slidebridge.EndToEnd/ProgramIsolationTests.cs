using System.Net.Sockets;
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

    /// <summary>As a user starts it: without the variable that other tests set to save a start.</summary>
    static void Unset(LoneNode node) => node.Environment["DOTNET_EnableDiagnostics"] = "";

    [Fact]
    public async Task The_bridge_has_no_diagnostics_socket_and_its_memory_is_roots()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        await using var node = await LoneNode.StartAsync(Unset);
        string[] folders = [Path.GetTempPath(), node.Folder];
        Assert.Empty(folders.SelectMany(f => Directory.EnumerateFileSystemEntries(f, $"*-{node.Serve.Id}-*", new EnumerationOptions { RecurseSubdirectories = f == node.Folder })));
        // unix(7): nor one that has lost its name.
        Assert.DoesNotContain($"dotnet-diagnostic-{node.Serve.Id}-", await File.ReadAllTextAsync("/proc/net/unix", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_can_connect_to_a_diagnostics_socket_of_the_bridge()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        await using var node = await LoneNode.StartAsync(Unset);
        Assert.Empty(await DiagnosticsOfAsync(node));

        // Where they are asked for they are there, and this test finds them.
        await using var open = await LoneNode.StartAsync(n => n.Environment["DOTNET_EnableDiagnostics"] = "1");
        Assert.NotEmpty(await DiagnosticsOfAsync(open));
    }

    [Fact]
    public async Task Nor_where_it_is_started_by_the_script_of_the_repository()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        await using var node = await LoneNode.StartAsync(n =>
        {
            Unset(n);
            n.Starter = [Path.Combine(Files.Root, "slidebridge")];
        }, "--classifier", "boxes");
        Assert.Contains(node.Data, await File.ReadAllTextAsync($"/proc/{node.Serve.Id}/cmdline", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Empty(await DiagnosticsOfAsync(node));
    }

    [Fact]
    public async Task A_strict_sandbox_without_bubblewrap_ends_the_start_in_one_sentence()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        if (!Files.HasBubblewrap) Assert.Skip("bwrap (bubblewrap) is missing, or does not work here: without it, it cannot be hidden either");
        using var folder = Files.Temporary();
        // The bridge also looks into /usr/bin, wherever PATH leads.
        string[] hidden = ["bwrap", "--dev-bind", "/", "/", "--tmpfs", "/usr/bin", "--setenv", "PATH", "/nowhere", "--", Dotnet(), ServeProcess.Program];
        using var start = ServeProcess.Launch(["serve", "--port", "0", "--data", folder.Path, "--classifier", "exec:true", "--program-sandbox", "strict", "--webhook-key", "abcdefghijklmnopqrstuvwxyz"], starter: hidden);
        var (output, errors) = (start.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), start.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await start.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.NotEqual(0, start.ExitCode);
        Assert.Equal("slidebridge: --program-sandbox strict does not work on this machine: bwrap is missing: apt-get install bubblewrap.", (await errors).Trim());
        Assert.DoesNotContain("listens on", await output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bridge_of_an_ordinary_user_keeps_its_programs_in_a_sandbox_too()
    {
        const string Nobody = "65534";
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        if (!Environment.IsPrivilegedProcess) Assert.Skip("only root may start a bridge as another user");
        if (!Files.HasBubblewrapFor(Nobody)) Assert.Skip("setpriv or bwrap (bubblewrap) is missing, or an ordinary user may make no namespace here");
        string[] starter = ["setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "dotnet", ServeProcess.Program];
        await using var node = await StartAsync("auto", "/dev/shm/none", network: false, prepare: (n, config) =>
        {
            n.Starter = starter;
            n.Environment["HOME"] = n.Folder;
            Files.Give(Nobody, n.Folder, config);
        });
        Assert.Contains($"Uid:\t{Nobody}", await File.ReadAllTextAsync($"/proc/{node.Serve.Id}/status", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("nothing", await SeenAsync(node));
    }

    [Fact]
    public async Task Two_tasks_at_once_see_each_their_own_pixels()
    {
        if (!OperatingSystem.IsLinux() || !Files.HasPython) Assert.Skip("python3 is missing");
        if (!Files.HasBubblewrap) Assert.Skip("bwrap (bubblewrap) is missing, or does not work here");
        using var meet = Files.Temporary();
        await using var node = await StartAsync("auto", "/dev/shm/none", network: false, meet: meet.Path);
        Assert.Equal(["nothing", "nothing"], await SeenAsync(node, 2));
    }

    [Theory]
    [InlineData("off")]
    [InlineData("auto")]
    public async Task What_a_killed_bridge_leaves_of_a_script_and_its_task_is_gone_after_the_next_start(string mode)
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Linux only");
        if (!Environment.IsPrivilegedProcess) Assert.Skip("only root sees which folders the bridge holds: its process is closed to its own user");
        if (mode != "off" && !Files.HasBubblewrap) Assert.Skip("bwrap (bubblewrap) is missing, or does not work here");
        await using var node = await LoneNode.StartAsync(null, "--classifier", "one-shot:sleep 20", "--program-urls", "--program-sandbox", mode, "--crash-limit", "5");
        await node.RequestAsync(1);
        string[] TaskFiles() => [.. new[] { node.Data, Path.GetTempPath() }.SelectMany(f => Directory.EnumerateFiles(f, "task.json", new EnumerationOptions { RecurseSubdirectories = true, IgnoreInaccessible = true, MaxRecursionDepth = 6 }))
            .Where(f => TextOf(f).Contains(node.Platform.Address.Authority, StringComparison.Ordinal)).Distinct()];
        await node.UntilAsync(() => Task.FromResult(TaskFiles().Length > 0), () => Task.FromResult("no task file is there"));
        var (left, memory) = (TaskFiles(), InMemoryOf(node.Serve.Id));
        Assert.Contains("://", TextOf(left[0]), StringComparison.Ordinal);
        Assert.NotEmpty(memory);

        await node.Serve.KillAsync();
        Assert.All(memory, folder => Assert.True(Directory.Exists(folder)));
        await node.RestartAsync();
        await node.UntilAsync(() => Task.FromResult(TaskFiles().Length > 0), () => Task.FromResult("the task was not started again"));
        Assert.DoesNotContain(left, File.Exists);
        Assert.DoesNotContain(memory, folder => Directory.Exists(folder) || File.Exists(folder + ".lock"));
    }

    /// <summary>Folders in memory that a process holds by their locks.</summary>
    static string[] InMemoryOf(int process) => [.. new DirectoryInfo($"/proc/{process}/fd").EnumerateFileSystemInfos().Select(f => f.LinkTarget ?? "")
        .Where(f => f.StartsWith("/dev/shm/slidebridge-", StringComparison.Ordinal) && f.EndsWith(".lock", StringComparison.Ordinal)).Select(f => f[..^".lock".Length])];

    static string TextOf(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return ""; // Another test has taken it away.
        }
    }

    /// <summary>Not the link to it in /usr/bin.</summary>
    static string Dotnet()
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(d => Path.Combine(d, "dotnet")).First(File.Exists);
        return File.ResolveLinkTarget(found, returnFinalTarget: true)?.FullName ?? found;
    }

    /// <summary>Sockets at which the bridge's process answers what it is, as dotnet-dump and dotnet-counters ask (dotnet/diagnostics, ipc-protocol.md).</summary>
    static async Task<string[]> DiagnosticsOfAsync(LoneNode node)
    {
        var found = new List<string>();
        foreach (var path in new[] { Path.GetTempPath(), node.Folder }.SelectMany(f => Directory.EnumerateFileSystemEntries(f, "dotnet-diagnostic-*")))
            if ((await AskAsync(path)).Contains(node.Data, StringComparison.Ordinal)) found.Add(path);
        return [.. found];
    }

    static async Task<string> AskAsync(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var said = new MemoryStream();
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), limit.Token);
            await socket.SendAsync((byte[])[.. "DOTNET_IPC_V1\0"u8, 20, 0, 4, 0, 0, 0], limit.Token);
            await using var answer = new NetworkStream(socket);
            await answer.CopyToAsync(said, limit.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException)
        {
            // Nobody listens there, or no more is said.
        }
        return System.Text.Encoding.Unicode.GetString(said.ToArray().AsSpan(said.Length > 20 ? 20 : 0));
    }

    static async Task<LoneNode> StartAsync(string mode, string tiles, bool network, string? meet = null, Action<LoneNode, string>? prepare = null)
    {
        var program = Files.Program("spy.py");
        var config = Path.GetTempFileName();
        return await LoneNode.StartAsync(node =>
        {
            foreach (var name in (string[])["DATABASE_PASSWORD", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "OTEL_EXPORTER_OTLP_HEADERS", "NVIDIA_API_KEY"]) node.Environment[name] = Secret;
            var settings = new { secret = Secret.Select(c => c.ToString()).ToArray(), bridge = 1, data = node.Data, config, tiles, network = network ? node.Platform.Address.Authority : "", meet };
            File.WriteAllText(config, JsonSerializer.Serialize(new { apiKeySecret = Secret, classifiers = new { spy = new { use = $"exec:python3 '{program}'", settings, processes = 2 } }, routes = new[] { new { classifier = "spy" } } }));
            prepare?.Invoke(node, config);
        }, "--program-sandbox", mode, "--config", config, "--concurrency", "2");
    }

    static async Task<string> SeenAsync(LoneNode node) => (await SeenAsync(node, 1)).Single();

    static async Task<string[]> SeenAsync(LoneNode node, int tasks)
    {
        var requested = await node.RequestAsync(tasks);
        foreach (var task in requested)
        {
            await node.UntilAsync(async () => task.Completed || (await node.ShowAsync(task)).GetProperty("state").GetString() == "failed", async () => $"It does not end: {await node.ShowAsync(task)}");
            Assert.True(task.Completed, $"{await node.ShowAsync(task)}");
        }
        return [.. node.Platform.State.Evaluations.Select(e => e.Result.GetProperty("results").GetProperty("summary").GetString()!)];
    }
}
