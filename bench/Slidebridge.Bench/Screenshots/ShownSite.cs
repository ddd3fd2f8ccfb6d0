using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Faults;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;

namespace Slidebridge.Bench.Screenshots;

/// <summary>A bridge with tasks in several states, for pictures.</summary>
sealed class ShownSite : IAsyncDisposable
{
    /// <summary>The nuclei of one model's tasks are found; the tasks of the others get four boxes.</summary>
    const string Config = """
        {
          "classifiers": { "nuclei-he": { "use": "nuclei" }, "boxes-test": { "use": "boxes" } },
          "routes": [{ "model": "nuclei", "stain": "he", "classifier": "nuclei-he" }, { "classifier": "boxes-test" }]
        }
        """;

    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    readonly Simulator.Simulator platform;
    readonly BridgeProcess bridge;
    readonly DirectoryInfo folder;
    readonly HttpClient http;

    ShownSite(Simulator.Simulator platform, BridgeProcess bridge, DirectoryInfo folder, string token)
    {
        (this.platform, this.bridge, this.folder) = (platform, bridge, folder);
        Address = new Uri(bridge.Webhook.GetLeftPart(UriPartial.Authority));
        Authorization = new AuthenticationHeaderValue("Bearer", token);
        http = new HttpClient { BaseAddress = Address, DefaultRequestHeaders = { Authorization = Authorization } };
    }

    public Uri Address { get; }

    /// <summary>What the pages show of this machine.</summary>
    public string Folder => folder.FullName;

    public AuthenticationHeaderValue Authorization { get; }

    public static async Task<ShownSite> StartAsync(FileInfo slide, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("slidebridge-");
        var config = Path.Combine(folder.FullName, "slidebridge.json");
        await File.WriteAllTextAsync(config, Config, cancellationToken);
        var platform = await Simulator.Simulator.StartAsync(new SimulatorOptions { Port = 0, SlidesDirectory = slide.DirectoryName! }, cancellationToken);
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(24));
        var command = $"{BridgeProcess.OwnCommand} --config '{config}' --api-token {token} --retry-first 1m --slide-tries 1";
        return new ShownSite(platform, await BridgeProcess.StartAsync(command, platform.Address, Path.Combine(folder.FullName, "data"), cancellationToken), folder, token);
    }

    /// <summary>Completed, failed and waiting tasks.</summary>
    /// <returns>A completed task with nuclei.</returns>
    public async Task<SimulatedTask> FillAsync(string slide, CancellationToken cancellationToken)
    {
        foreach (var (model, company, stain, count) in ((string, string, string, int)[])[("tumor-screen", "7", "HE", 9), ("tumor-screen", "12", "HE", 4), ("ki67-count", "7", "Ki-67", 5)])
            await EndAsync(await RequestAsync(slide, model, company, stain, count, cancellationToken), cancellationToken);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Slides, Action = FaultAction.Status, Status = 403, Times = null });
        await EndAsync(await RequestAsync(slide, "ki67-count", "12", "Ki-67", 2, cancellationToken), cancellationToken);
        platform.Faults.Clear();
        var nuclei = await RequestAsync(slide, "nuclei", "7", "HE", 1, cancellationToken);
        await EndAsync(nuclei, cancellationToken);
        platform.Faults.Add(new Fault { Endpoint = FaultEndpoint.Results, Action = FaultAction.Status, Status = 503, Times = null });
        await RequestAsync(slide, "tumor-screen", "7", "HE", 2, cancellationToken);
        await Task.Delay(TimeSpan.FromSeconds(3), cancellationToken);
        return nuclei[0];
    }

    Task<IReadOnlyList<SimulatedTask>> RequestAsync(string slide, string model, string company, string stain, int count, CancellationToken cancellationToken) =>
        platform.RequestAsync(new AiRequest { Slides = [slide], Webhook = bridge.Webhook.ToString(), Model = model, Company = company, Stain = stain, Count = count }, cancellationToken);

    async Task EndAsync(IReadOnlyList<SimulatedTask> tasks, CancellationToken cancellationToken)
    {
        var since = Stopwatch.StartNew();
        foreach (var task in tasks)
        {
            while (await StateAsync(task, cancellationToken) is not ("completed" or "failed"))
            {
                if (since.Elapsed > Patience) throw new InvalidOperationException($"Task {task.TaskNumber} did not end within {Patience.TotalMinutes:0} minutes.");
                await Task.Delay(100, cancellationToken);
            }
        }
    }

    async Task<string?> StateAsync(SimulatedTask task, CancellationToken cancellationToken) =>
        (await http.GetFromJsonAsync<JsonObject>(new Uri(string.Create(CultureInfo.InvariantCulture, $"/api/tasks/{task.TaskNumber}"), UriKind.Relative), cancellationToken))?["state"]?.GetValue<string>();

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await bridge.DisposeAsync();
        await platform.DisposeAsync();
        folder.Delete(recursive: true);
    }
}
