using System.Diagnostics;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Bench.Workers;

/// <summary>The platform's stand-in, bridge processes whose classifier runs on workers or on their own nodes, and the workers' processes.</summary>
sealed class WorkSite : IAsyncDisposable
{
    /// <summary>The classifier's name.</summary>
    public const string Classifier = "waiting";

    const string Config = """{ "classifiers": { "waiting": { "kind": "worker", "group": "bench" } }, "routes": [{ "classifier": "waiting" }] }""";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60), Parting = TimeSpan.FromSeconds(10);

    readonly string slide;
    readonly List<BridgeProcess> bridges = [];
    readonly List<Process> workers = [];

    WorkSite(Simulator.Simulator platform, string slide) => (Platform, this.slide) = (platform, slide);

    public string Folder { get; } = Directory.CreateTempSubdirectory("slidebridge-bench-").FullName;

    public Simulator.Simulator Platform { get; }

    public BridgeProcess Bridge => bridges[0];

    public Uri Address => new(Bridge.Webhook.GetLeftPart(UriPartial.Authority));

    static string Own => $"dotnet '{typeof(WorkSite).Assembly.Location}' {WaitingClassifier.Verb}";

    /// <summary>A bridge whose tasks wait for workers.</summary>
    /// <param name="slide">The slide of every task.</param>
    /// <param name="database">A PostgreSQL database; null: SQLite.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<WorkSite> StartAsync(string slide, string? database, CancellationToken cancellationToken)
    {
        var site = await NewAsync(slide, cancellationToken);
        var config = Path.Combine(site.Folder, "bridge.json");
        await File.WriteAllTextAsync(config, Config, cancellationToken);
        await site.AddAsync($"{BridgeProcess.OwnCommand} --config '{config}'{Store(database)}", cancellationToken);
        return site;
    }

    /// <summary>A web node, and nodes that classify.</summary>
    public static async Task<WorkSite> StartNodesAsync(string slide, string database, int nodes, int wait, CancellationToken cancellationToken)
    {
        var site = await NewAsync(slide, cancellationToken);
        foreach (var role in (string[])["web", .. Enumerable.Repeat("worker", nodes)])
            await site.AddAsync($"{BridgeProcess.ServeCommand($"env {WaitingClassifier.Wait}={wait} {Own}")} --role {role} --classifier {Classifier} --concurrency 1{Store(database)}", cancellationToken);
        return site;
    }

    static async Task<WorkSite> NewAsync(string slide, CancellationToken cancellationToken) =>
        new(await Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = Path.GetDirectoryName(slide)! }, cancellationToken), slide);

    static string Store(string? database) => database is null ? "" : $" --database '{database}'";

    async Task AddAsync(string command, CancellationToken cancellationToken) =>
        bridges.Add(await BridgeProcess.StartAsync(command, Platform.Address, Path.Combine(Folder, $"node{bridges.Count}"), cancellationToken));

    /// <summary>Starts a <c>slidebridge work</c>.</summary>
    public void Work(int ahead, int wait, string? times = null)
    {
        string[] arguments =
        [
            typeof(WorkSite).Assembly.Location, WaitingClassifier.Verb, "work", "--bridge", Address.AbsoluteUri, "--name", $"bench{workers.Count}", "--group", "bench", "--classifier", Classifier,
            "--concurrency", "1", "--ahead", $"{ahead}", "--allow-host", "127.0.0.1", "--work-data", Path.Combine(Folder, $"work{workers.Count}"),
        ];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment[WaitingClassifier.Wait] = $"{wait}";
        if (times is not null) start.Environment[WaitingClassifier.Times] = times;
        var worker = Process.Start(start)!;
        worker.OutputDataReceived += (_, _) => { };
        worker.ErrorDataReceived += (_, line) => { if (line.Data is not null) Console.Error.WriteLine(line.Data); };
        worker.BeginOutputReadLine();
        worker.BeginErrorReadLine();
        workers.Add(worker);
    }

    /// <summary>Sends tasks; they are stored when this returns.</summary>
    public Task SendAsync(int count, CancellationToken cancellationToken) =>
        Platform.RequestAsync(new AiRequest { Slides = [Path.GetFileName(slide)], Webhook = Bridge.Webhook.ToString(), Count = count, Connections = 16 }, cancellationToken);

    /// <summary>Waits until so many evaluations are on the platform.</summary>
    public async Task EndAsync(int expected, CancellationToken cancellationToken)
    {
        var (ended, since) = (-1, Stopwatch.StartNew());
        while (Platform.State.Evaluations.Count is var now && now < expected)
        {
            if (now != ended) (ended, since) = (now, Stopwatch.StartNew());
            if (since.Elapsed > Patience) throw new InvalidOperationException($"{now} of {expected} tasks have ended, and none within the last {Patience.TotalSeconds:0} s.");
            if (workers.Find(w => w.HasExited) is { } gone) throw new InvalidOperationException($"A worker ended with {gone.ExitCode}.");
            await Task.Delay(5, cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in workers)
        {
            if (!worker.HasExited) worker.Kill(entireProcessTree: true);
            await worker.WaitForExitAsync().WaitAsync(Parting);
            worker.Dispose();
        }
        foreach (var bridge in bridges) await bridge.DisposeAsync();
        await Platform.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
