using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;

namespace Slidebridge.EndToEnd.Support;

/// <summary>A real <c>slidebridge serve</c> process. It is killed by its id when disposed.</summary>
sealed class ServeProcess : IAsyncDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    readonly Process process;
    readonly List<string> output = [];

    ServeProcess(Process process) => this.process = process;

    public Uri Address { get; private set; } = null!;

    public int Id => process.Id;

    /// <summary>The time from the process's start to its first ready answer.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    public HttpClient Http { get; private set; } = null!;

    public static string Program => Path.Combine(AppContext.BaseDirectory, "Slidebridge.dll");

    public static async Task<ServeProcess> StartAsync(Uri platform, string data, params string[] more)
    {
        var watch = Stopwatch.StartNew();
        var serve = new ServeProcess(Launch(["serve", "--port", "0", "--listen", "localhost", "--platform-url", platform.ToString(), "--data", data,
            "--allow-host", platform.Host, "--api-key-id", "local-id", "--api-key-secret", "local-secret", .. more]));
        var address = new TaskCompletionSource<Uri>();
        serve.Follow(line =>
        {
            const string Start = "Slidebridge listens on ";
            if (line.StartsWith(Start, StringComparison.Ordinal)) address.TrySetResult(new Uri(line[Start.Length..].Split(' ')[0]));
        });
        _ = serve.process.WaitForExitAsync().ContinueWith(_ => address.TrySetException(new InvalidOperationException("serve ended: " + serve.Output)), TaskScheduler.Default);
        serve.Address = await address.Task.WaitAsync(StartLimit);
        serve.Http = new HttpClient { BaseAddress = serve.Address };
        while (!(await serve.Http.GetAsync(new Uri("/health/ready", UriKind.Relative))).IsSuccessStatusCode) await Task.Delay(10);
        serve.ReadyAfter = watch.Elapsed;
        return serve;
    }

    /// <summary>Starts the program with these arguments.</summary>
    public static Process Launch(IEnumerable<string> arguments, string? directory = null)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = directory ?? Path.GetTempPath() };
        start.ArgumentList.Add(Program);
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

    public async Task<JsonElement> GetAsync(string path) => await Http.GetFromJsonAsync<JsonElement>(new Uri(path, UriKind.Relative));

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
