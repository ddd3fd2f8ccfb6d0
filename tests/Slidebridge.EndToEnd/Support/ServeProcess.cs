using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Slidebridge.EndToEnd.Support;

/// <summary>A real <c>slidebridge serve</c> process. It is killed by its id when disposed.</summary>
sealed class ServeProcess : IAsyncDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(3);

    readonly Process process;
    readonly List<string> output = [];

    ServeProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    public bool HasEnded => process.HasExited;

    public int Id => process.Id;

    public HttpClient Http { get; private set; } = null!;

    public static string Program => Path.Combine(AppContext.BaseDirectory, "Slidebridge.dll");

    /// <summary>The bridge whose classifier waits while a file is there.</summary>
    static string HeldProgram => Path.Combine(AppContext.BaseDirectory, "Slidebridge.HeldBridge.dll");

    /// <param name="platform">The platform's stand-in.</param>
    /// <param name="data">The data directory.</param>
    /// <param name="hold">The file that holds the classifier, or null for the shipped bridge.</param>
    /// <param name="more">Further arguments.</param>
    /// <param name="disk">No file can grow beyond this many 512-byte blocks, as on a full disk; null: no limit.</param>
    /// <param name="environment">Further variables of its environment.</param>
    /// <param name="starter">The command that starts it, in place of <c>dotnet Slidebridge.dll</c>.</param>
    public static async Task<ServeProcess> StartAsync(
        Uri platform, string data, string? hold = null, string[]? more = null, int? disk = null, IReadOnlyDictionary<string, string>? environment = null, string[]? starter = null)
    {
        var serve = new ServeProcess(Launch(hold is null ? Program : HeldProgram, hold, disk, environment, ["serve", "--port", "0", "--listen", "localhost", "--platform-url", platform.ToString(), "--data", data,
            "--allow-host", platform.Host, "--api-key-id", "local-id", "--api-key-secret", "local-secret", .. more ?? []], starter: starter));
        try
        {
            await serve.UntilReadyAsync();
            return serve;
        }
        catch
        {
            await serve.DisposeAsync();
            throw;
        }
    }

    async Task UntilReadyAsync()
    {
        var address = new TaskCompletionSource<Uri>();
        Follow(line =>
        {
            const string Start = "Slidebridge listens on ";
            if (line.StartsWith(Start, StringComparison.Ordinal)) address.TrySetResult(new Uri(line[Start.Length..].Split(' ')[0]));
        });
        _ = process.WaitForExitAsync().ContinueWith(_ => address.TrySetException(new InvalidOperationException("serve ended: " + Output)), TaskScheduler.Default);
        Address = await address.Task.WaitAsync(StartLimit);
        Http = new HttpClient { BaseAddress = Address };
        while (!(await Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode) await Task.Delay(10);
    }

    /// <summary>Starts the program with these arguments.</summary>
    public static Process Launch(IEnumerable<string> arguments, string? directory = null, string[]? starter = null, IReadOnlyDictionary<string, string>? environment = null) => Launch(Program, null, null, environment, arguments, directory, starter);

    /// <summary>Starts a worker of the bridge at this address, with the classifier that can be held.</summary>
    public static Process LaunchWorker(Uri bridge, string hold, params string[] more) =>
        Launch(HeldProgram, hold, null, null, ["work", "--bridge", bridge.ToString(), "--classifier", "held", "--allow-host", "127.0.0.1", .. more]);

    /// <summary>Starts the process that <c>SharedCommands</c> talks to.</summary>
    public static Process LaunchCommands() => Launch(HeldProgram, null, null, null, ["--commands"]);

    static Process Launch(string program, string? hold, int? disk, IReadOnlyDictionary<string, string>? environment, IEnumerable<string> arguments, string? directory = null, string[]? starter = null)
    {
        var start = new ProcessStartInfo(starter?[0] ?? (disk is null ? "dotnet" : "/bin/sh")) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = directory ?? Path.GetTempPath() };
        if (hold is not null) start.Environment["SLIDEBRIDGE_TEST_HOLD"] = hold;
        // A bridge would start itself again with this set: Commands/BridgeProcess. ProgramIsolationTests has the bridge do that.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        // Code that is compiled again at full speed pays after minutes; most of these processes live for seconds, and a sixth of the suite's processor time went into it.
        // Milliseconds, as .NET reads them here: in hexadecimal. The published image and the template run without it.
        start.Environment["DOTNET_TC_CallCountingDelayMs"] = "FFFFF";
        // A quarter of a short process's system time goes into mapping code twice. That mapping is also a file, which a full disk (below) would end.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        if (disk is not null)
        {
            // A write beyond the limit fails like one on a full disk, once its signal is ignored.
            foreach (var argument in (string[])["-c", $"trap '' XFSZ; ulimit -f {disk}; exec dotnet \"$@\"", "sh"]) start.ArgumentList.Add(argument);
        }
        if (starter is null) start.ArgumentList.Add(program);
        else foreach (var argument in starter[1..]) start.ArgumentList.Add(argument);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    public string Output
    {
        get
        {
            lock (output) return string.Join('\n', output);
        }
    }

    /// <summary>SIGKILL: no code of the process runs any more.</summary>
    public async Task KillAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    /// <summary>Sends a signal, such as <c>TERM</c>, <c>STOP</c> or <c>CONT</c>.</summary>
    public Task SignalAsync(string name) => Files.SignalAsync(process.Id, name);

    /// <summary>The exit code, once it has ended by itself.</summary>
    public async Task<int> EndAsync(TimeSpan limit)
    {
        await process.WaitForExitAsync().WaitAsync(limit);
        return process.ExitCode;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await Http.GetAsync(new Uri(path, UriKind.Relative));
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"GET {path}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}\n{Output}");
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>How many tasks are in this state.</summary>
    public async Task<int> CountAsync(string state) => (await GetAsync($"/api/tasks?limit=1&state={state}")).GetProperty("total").GetInt32();

    void Follow(Action<string> seen)
    {
        void Take(string? line)
        {
            if (line is null) return;
            lock (output) output.Add(line);
            seen(line);
        }
        process.OutputDataReceived += (_, e) => Take(e.Data);
        process.ErrorDataReceived += (_, e) => Take(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited) await KillAsync();
        process.Dispose();
        Http?.Dispose();
    }
}
