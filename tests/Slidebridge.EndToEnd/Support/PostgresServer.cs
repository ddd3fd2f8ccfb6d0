using System.Diagnostics;

namespace Slidebridge.EndToEnd.Support;

/// <summary>A real PostgreSQL server on loopback, with its files in a temporary folder.</summary>
sealed class PostgresServer : IAsyncDisposable
{
    PostgresServer(string folder) => Folder = folder;

    public int Port { get; private init; }

    /// <summary>A folder that its programs may write to.</summary>
    public string Folder { get; }

    /// <summary>More options of the server, such as <c>-c ssl=on</c>, for its next start.</summary>
    public string Options { get; set; } = "";

    string Files => Path.Combine(Folder, "data");

    /// <summary>The newest version's programs; the test is skipped by name where there are none.</summary>
    static string Programs
    {
        get
        {
            var versions = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Where(v => File.Exists(Path.Combine(v, "bin", "initdb"))).Order().ToArray() : [];
            Assert.SkipWhen(versions.Length == 0, "PostgreSQL is not installed (Debian package postgresql).");
            return Path.Combine(versions[^1], "bin");
        }
    }

    public static async Task<PostgresServer> StartAsync()
    {
        var programs = Programs;
        var server = new PostgresServer((await RunAsync("mktemp", "-d", "/tmp/slidebridge-pg-XXXXXX")).Trim()) { Port = Support.Files.FreePort() };
        await RunAsync(Path.Combine(programs, "initdb"), "-D", server.Files, "-A", "trust", "-U", "postgres", "--no-instructions", "--no-sync");
        await server.GoAsync();
        return server;
    }

    /// <summary>Starts it where it was stopped.</summary>
    public Task GoAsync() => RunAsync(Path.Combine(Programs, "pg_ctl"), "-D", Files, "-w", "-l", Path.Combine(Folder, "log"),
        "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={Folder} -c max_connections=500 {Options}", "start");

    /// <summary>Stops it at once, connections and all.</summary>
    public Task StopAsync() => RunAsync(Path.Combine(Programs, "pg_ctl"), "-D", Files, "-m", "fast", "-w", "stop");

    /// <summary>Runs one of its programs, such as <c>pg_dump</c>.</summary>
    public Task<string> ProgramAsync(string name, params string[] arguments) =>
        RunAsync(Path.Combine(Programs, name), ["-h", "127.0.0.1", "-p", $"{Port}", "-U", "postgres", .. arguments]);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await RunAsync(Path.Combine(Programs, "pg_ctl"), "-D", Files, "-m", "immediate", "-w", "stop");
        }
        catch (InvalidOperationException)
        {
            // It was stopped by its test.
        }
        await RunAsync("rm", "-rf", Folder);
    }

    /// <summary>The server refuses to run as root: then it is <c>postgres</c>'s.</summary>
    static async Task<string> RunAsync(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/tmp" };
        string[] all = Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", program, .. arguments] : [program, .. arguments];
        start.FileName = all[0];
        foreach (var argument in all[1..]) start.ArgumentList.Add(argument);
        // pg_ctl leaves the server behind with its output open: read to the end of the program, not of the pipe.
        if (program.EndsWith("pg_ctl", StringComparison.Ordinal)) start.RedirectStandardOutput = start.RedirectStandardError = false;
        using var process = Process.Start(start)!;
        var output = start.RedirectStandardOutput ? process.StandardOutput.ReadToEndAsync() : Task.FromResult("");
        var error = start.RedirectStandardError ? process.StandardError.ReadToEndAsync() : Task.FromResult("");
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {await error}");
    }
}
