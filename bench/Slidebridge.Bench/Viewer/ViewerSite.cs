using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Storage;

namespace Slidebridge.Bench.Viewer;

/// <param name="Number">The task.</param>
/// <param name="First">The id of its first scan.</param>
/// <param name="Second">The id of its second scan, another slide.</param>
sealed record ViewedTask(long Number, string First, string Second)
{
    /// <summary>The address of the viewer of a scan, without the host.</summary>
    public string PathOf(string scan) => string.Create(CultureInfo.InvariantCulture, $"/tasks/{Number}/scans/{scan}");
}

/// <summary>A <c>slidebridge serve</c> in a separate process, the simulated platform, and the slides' server. Each task has two scans, and no two scans have the same slide.</summary>
sealed class ViewerSite : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Simulator.Simulator platform;
    readonly DirectoryInfo folder;

    ViewerSite(Simulator.Simulator platform, VirtualSlideServer slides, BridgeProcess bridge, DirectoryInfo folder, string token)
    {
        (this.platform, Slides, Bridge, this.folder) = (platform, slides, bridge, folder);
        Address = new Uri(bridge.Webhook.GetLeftPart(UriPartial.Authority));
        Authorization = new AuthenticationHeaderValue("Bearer", token);
        Http = new HttpClient { BaseAddress = Address, Timeout = TimeSpan.FromMinutes(5), DefaultRequestHeaders = { Authorization = Authorization } };
    }

    public VirtualSlideServer Slides { get; }

    public BridgeProcess Bridge { get; }

    public Uri Address { get; }

    /// <summary>What a browser must send.</summary>
    public AuthenticationHeaderValue Authorization { get; }

    /// <summary>A client that the bridge accepts.</summary>
    public HttpClient Http { get; }

    /// <summary>Bytes of the newest index of objects.</summary>
    public long IndexBytes => new DirectoryInfo(Path.Combine(folder.FullName, "data", "work", "objects")).EnumerateFiles().MaxBy(file => file.LastWriteTimeUtc)?.Length ?? 0;

    /// <param name="slides">The slides by their size in megabytes.</param>
    /// <param name="latency">Milliseconds before each answer of the slides' server.</param>
    /// <param name="cancellationToken">Stops the start.</param>
    public static async Task<ViewerSite> StartAsync(IReadOnlyDictionary<int, VirtualSlide> slides, int latency, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("slidebridge-bench-");
        var names = folder.CreateSubdirectory("names");
        // The simulator needs files; the addresses in its requests are replaced by those of the virtual slides.
        foreach (var name in (string[])["first.svs", "second.svs"]) await File.WriteAllTextAsync(Path.Combine(names.FullName, name), "", cancellationToken);
        var platform = await Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = names.FullName }, cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        // With a token, the bridge need not look for the browser among the machine's processes.
        var bridge = await BridgeProcess.StartAsync($"{BridgeProcess.OwnCommand} --api-token {token}", platform.Address, Path.Combine(folder.FullName, "data"), cancellationToken);
        return new ViewerSite(platform, await VirtualSlideServer.StartAsync(slides, latency, cancellationToken), bridge, folder, token);
    }

    /// <summary>Tasks that are completed and that nobody has looked at.</summary>
    public async Task<IReadOnlyList<ViewedTask>> MakeTasksAsync(int megabytes, int count, CancellationToken cancellationToken)
    {
        var made = await platform.RequestAsync(new AiRequest { Slides = ["first.svs", "second.svs"], Count = count }, cancellationToken);
        foreach (var task in made)
        {
            using var answer = await Http.PostAsync(Bridge.Webhook, new StringContent(BodyOf(task, megabytes), new MediaTypeHeaderValue("application/json")), cancellationToken);
            answer.EnsureSuccessStatusCode();
        }
        for (var since = Stopwatch.StartNew(); made.Any(task => !task.Completed); await Task.Delay(20, cancellationToken))
            if (since.Elapsed > Patience) throw new InvalidOperationException($"{made.Count(task => !task.Completed)} of {count} tasks did not end within {Patience.TotalSeconds:0} s.");
        return [.. made.Select(task => new ViewedTask(task.TaskNumber, task.Scans[0].Id, task.Scans[1].Id))];
    }

    string BodyOf(SimulatedTask task, int megabytes)
    {
        var body = JsonNode.Parse(task.Body)!.AsObject();
        foreach (var (scan, url) in task.Scans.Select(scan => (scan.Id, Slides.UrlOf(megabytes, $"slide-{scan.Id}"))))
        {
            body["scans"]![scan] = url;
            body["scan_urls"]![scan] = new JsonArray(url);
        }
        return body.ToJsonString();
    }

    /// <summary>Puts another result in the place of a task's, in the bridge's own database: a classifier that returns 600 MB of JSON is not what is measured.</summary>
    public async Task ReplaceResultAsync(ViewedTask task, byte[] json, CancellationToken cancellationToken)
    {
        var options = new DbContextOptionsBuilder<SqliteTaskDatabase>().UseSqlite($"Data Source={Path.Combine(folder.FullName, "data", "tasks.db")};Pooling=False").Options;
        await using var database = new SqliteTaskDatabase(options);
        await database.Results.Where(result => result.TaskNumber == task.Number).ExecuteUpdateAsync(set => set.SetProperty(result => result.Json, json), cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Bridge.DisposeAsync();
        await Slides.DisposeAsync();
        await platform.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
