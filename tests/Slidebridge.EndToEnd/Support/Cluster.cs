using System.Net;
using System.Text;
using System.Text.Json;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Platform = Slidebridge.Simulator.Simulator;

namespace Slidebridge.EndToEnd.Support;

/// <summary>Real bridge processes on one real PostgreSQL, and the platform's stand-in. Nodes are numbered: the web nodes first, then the workers.</summary>
sealed class Cluster : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    readonly TemporaryFolder folder = Files.Temporary();
    ServeProcess?[] nodes;
    readonly string[] settings;

    Cluster(Postgres postgres, Platform platform, int web, int workers, string[] settings)
    {
        (Postgres, Platform, Web, Workers, this.settings) = (postgres, platform, web, workers, settings);
        nodes = new ServeProcess?[web + workers];
    }

    public Postgres Postgres { get; }

    public Platform Platform { get; }

    public int Web { get; }

    public int Workers { get; }

    /// <summary>The web nodes that run.</summary>
    public IReadOnlyList<Uri> WebAddresses => [.. nodes.Take(Web).OfType<ServeProcess>().Select(node => node.Address)];

    /// <summary>While this file is there, classifiers wait.</summary>
    string Hold => Path.Combine(folder.Path, "hold");

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Cluster> StartAsync(int web, int workers, params string[] settings) => await StartAsync(await Postgres.CreateAsync(), web, workers, settings);

    public static async Task<Cluster> StartAsync(Postgres postgres, int web, int workers, params string[] settings)
    {
        var slides = Files.SharedSlides;
        var cluster = new Cluster(postgres, await Platform.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = slides }, Token), web, workers, settings);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, web + workers).Select(node => cluster.RestartAsync(node)));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public ServeProcess Node(int node) => nodes[node] ?? throw new InvalidOperationException($"Node {node} is down.");

    public ServeProcess Worker(int worker) => Node(Web + worker);

    public void HoldClassifiers() => File.WriteAllText(Hold, "");

    public void Free() => File.Delete(Hold);

    /// <summary>SIGKILL, where it runs.</summary>
    public async Task KillAsync(int node)
    {
        if (nodes[node] is not { } running) return;
        nodes[node] = null;
        await running.DisposeAsync();
    }

    public async Task RestartAsync(int node, params string[] more)
    {
        await KillAsync(node);
        nodes[node] = await ServeProcess.StartAsync(Platform.Address, Path.Combine(folder.Path, $"node{node}"), Hold,
            ["--database", Postgres.Database, "--role", Web == 0 ? "all" : node < Web ? "web" : "worker", "--retry-first", "50ms", "--retry-longest", "1s", .. settings, .. more]);
    }

    /// <summary>One worker more.</summary>
    public Task AddWorkerAsync()
    {
        Array.Resize(ref nodes, nodes.Length + 1);
        return RestartAsync(nodes.Length - 1);
    }

    /// <summary>Tasks of the platform whose webhooks are not called yet.</summary>
    public async Task<IReadOnlyList<SimulatedTask>> PrepareAsync(int count, string company = "7") => await Platform.RequestAsync(new AiRequest { Slides = [Files.RealSlide], Count = count, Company = company }, Token);

    /// <summary>Calls a task's webhook at any web node until one acknowledges it, as the platform does.</summary>
    public async Task SendAsync(SimulatedTask task, Random random)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await TrySendAsync(task, random.Next(Math.Max(1, Web))) is not HttpStatusCode.OK) await Task.Delay(100, patience.Token);
    }

    /// <summary>Calls a task's webhook once; null where no answer came.</summary>
    public async Task<HttpStatusCode?> TrySendAsync(SimulatedTask task, int node)
    {
        if (nodes[node] is not { } web) return null;
        try
        {
            using var answer = await web.Http.PostAsync(new Uri("/webhook", UriKind.Relative), new StringContent(task.Body, Encoding.UTF8, "application/json"), Token);
            return answer.StatusCode;
        }
        catch (Exception e) when (e is HttpRequestException or ObjectDisposedException or TaskCanceledException)
        {
            return null;
        }
    }

    /// <summary>Waits until this many tasks are in the state, as any node that lives tells.</summary>
    public async Task UntilAsync(string state, int count)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (await CountAsync(state) < count)
        {
            Assert.False(patience.IsCancellationRequested, $"{await CountAsync(state)} of {count} tasks are {state}.\n{await ToldAsync()}");
            await Task.Delay(50, Token);
        }
    }

    public async Task<int> CountAsync(string state)
    {
        foreach (var node in nodes.OfType<ServeProcess>())
        {
            try
            {
                return await node.CountAsync(state);
            }
            catch (Exception e) when (e is HttpRequestException or TaskCanceledException or JsonException)
            {
                // The next one.
            }
        }
        return -1;
    }

    /// <summary>A task with its events.</summary>
    public async Task<JsonElement> ShowAsync(SimulatedTask task) => await nodes.OfType<ServeProcess>().First().GetAsync($"/api/tasks/{task.TaskNumber}");

    /// <summary>What went wrong, for a test that fails.</summary>
    public async Task<string> ToldAsync()
    {
        var told = new StringBuilder();
        var live = nodes.OfType<ServeProcess>().First();
        foreach (var state in (string[])["accepted", "running", "classified", "delivering", "failed"])
        {
            var page = await live.GetAsync($"/api/tasks?limit=2&state={state}");
            told.AppendLine($"{state}: {page.GetProperty("total")}");
            foreach (var task in page.GetProperty("tasks").EnumerateArray()) told.AppendLine((await live.GetAsync($"/api/tasks/{task.GetProperty("task")}")).ToString());
        }
        foreach (var node in nodes.OfType<ServeProcess>()) told.AppendLine("── a node's last words").AppendLine(string.Join('\n', node.Output.Split('\n').TakeLast(15)));
        return told.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Free();
        foreach (var node in Enumerable.Range(0, nodes.Length)) await KillAsync(node);
        await Platform.DisposeAsync();
        await Postgres.DisposeAsync();
        folder.Dispose();
    }
}
