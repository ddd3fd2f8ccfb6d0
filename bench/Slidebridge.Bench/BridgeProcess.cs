using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Slidebridge.Bench;

/// <summary>A bridge in a process of its own, started by a command, watched from outside.</summary>
sealed class BridgeProcess : IAsyncDisposable
{
    static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    readonly Process shell;

    BridgeProcess(Process shell, int port)
    {
        this.shell = shell;
        Webhook = new Uri($"http://127.0.0.1:{port}/webhook");
    }

    public Uri Webhook { get; }

    public int Id => shell.Id;

    /// <summary>From the process's start until it took connections and, where it has such an answer, was ready.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    /// <summary>The builds of this tree: <c>app</c>, which <c>./slidebridge</c> starts, and <c>net10.0</c>, which is not compiled ahead of time.</summary>
    public static string Program(string build) => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "..", "..", "..", "src", "Slidebridge", "bin", "Release", build, "Slidebridge.dll"));

    /// <summary>This tree's bridge, as <c>./slidebridge</c> starts it: without that script in front, whose check of the sources would be measured too.</summary>
    public static string OwnCommand => ServeCommand($"dotnet '{Program("app")}'");

    /// <param name="program">The start of the command line.</param>
    public static string ServeCommand(string program) => $"exec {program} serve "
        + "--port {port} --listen localhost --platform-url {platform} --allow-host 127.0.0.1 --api-key-id local-id --api-key-secret local-secret --data '{data}'";

    public static async Task<BridgeProcess> StartAsync(string command, Uri platform, string data, CancellationToken cancellationToken)
    {
        var port = FreePort();
        var filled = command.Replace("{port}", port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{platform}", platform.GetLeftPart(UriPartial.Authority), StringComparison.Ordinal).Replace("{data}", data, StringComparison.Ordinal);
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(filled);
        var watch = Stopwatch.StartNew();
        var bridge = new BridgeProcess(Process.Start(start)!, port);
        bridge.shell.OutputDataReceived += (_, _) => { };
        bridge.shell.ErrorDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine(line.Data); };
        bridge.shell.BeginOutputReadLine();
        bridge.shell.BeginErrorReadLine();
        await bridge.WaitAsync(cancellationToken);
        bridge.ReadyAfter = watch.Elapsed;
        return bridge;
    }

    async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(StartLimit);
        while (true)
        {
            if (shell.HasExited) throw new InvalidOperationException($"The bridge ended with {shell.ExitCode} before it took a connection.");
            try
            {
                // 404: a bridge without that answer, which listens all the same.
                using var response = await http.GetAsync(new Uri(Webhook, "/health/ready"), limit.Token);
                if (response.StatusCode is not HttpStatusCode.ServiceUnavailable) return;
            }
            catch (HttpRequestException)
            {
            }
            await Task.Delay(5, limit.Token);
        }
    }

    /// <summary>The largest resident memory so far, in bytes, of the process and those it started.</summary>
    public long PeakMemory => Tree().Sum(id => Status(id, "VmHWM:") * 1024);

    /// <summary>Processor time so far, of the process and those it started.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromTicks(Tree().Sum(id => Process.GetProcessById(id).TotalProcessorTime.Ticks));

    IEnumerable<int> Tree()
    {
        var waiting = new Queue<int>([shell.Id]);
        while (waiting.TryDequeue(out var id))
        {
            yield return id;
            foreach (var children in Directory.EnumerateDirectories($"/proc/{id}/task").Select(t => Path.Combine(t, "children")))
                foreach (var child in File.ReadAllText(children).Split(' ', StringSplitOptions.RemoveEmptyEntries))
                    waiting.Enqueue(int.Parse(child, CultureInfo.InvariantCulture));
        }
    }

    static long Status(int id, string name) => File.ReadLines($"/proc/{id}/status").Where(l => l.StartsWith(name, StringComparison.Ordinal))
        .Select(l => long.Parse(l[name.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture)).FirstOrDefault();

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!shell.HasExited) shell.Kill(entireProcessTree: true);
        await shell.WaitForExitAsync();
        shell.Dispose();
    }
}
