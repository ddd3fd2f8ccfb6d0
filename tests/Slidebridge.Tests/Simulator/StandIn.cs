using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Slidebridge.Simulator;
using Slidebridge.Simulator.Platform;
using Slidebridge.Simulator.Requests;
using Slidebridge.Tests.Support;

namespace Slidebridge.Tests.Simulation;

/// <summary>A simulator of one test's own, on a free port, with three files as its slides.</summary>
sealed class StandIn : IAsyncDisposable
{
    readonly TemporaryFolder folder = new();
    readonly HttpClient http;

    StandIn(SetClock clock) => (Clock, http) = (clock, new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }));

    public Slidebridge.Simulator.Simulator Simulator { get; private set; } = null!;

    public SetClock Clock { get; }

    /// <summary>What a.svs holds.</summary>
    public byte[] Slide { get; } = [.. Enumerable.Range(0, 10_000).Select(i => (byte)(i * 31 >> 3))];

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<StandIn> StartAsync(Func<SimulatorOptions, SimulatorOptions>? change = null)
    {
        var standIn = new StandIn(new SetClock());
        var slides = standIn.folder.File("slides");
        Directory.CreateDirectory(Path.Combine(slides, "more"));
        await File.WriteAllBytesAsync(Path.Combine(slides, "a.svs"), standIn.Slide, Token);
        await File.WriteAllTextAsync(Path.Combine(slides, "b.tiff"), "another slide", Token);
        await File.WriteAllTextAsync(Path.Combine(slides, "more", "c.svs"), "a slide in a folder", Token);
        var options = new SimulatorOptions { Port = 0, FirstTask = 185_001, SlidesDirectory = slides, Time = standIn.Clock };
        standIn.Simulator = await Slidebridge.Simulator.Simulator.StartAsync(change is null ? options : change(options), Token);
        return standIn;
    }

    /// <summary>A task whose webhook was not called.</summary>
    public async Task<SimulatedTask> TaskAsync(params string[] slides) =>
        (await Simulator.RequestAsync(new AiRequest { Slides = slides.Length == 0 ? ["a.svs"] : slides }, Token))[0];

    Uri At(string path) => new(Simulator.Address, path);

    /// <summary>A call with JSON, or without a body, and with a bearer token, or without one.</summary>
    public async Task<Answer> CallAsync(HttpMethod method, string path, string? json = null, string? token = null, HttpContent? content = null, AuthenticationHeaderValue? authorization = null, string? range = null)
    {
        using var request = new HttpRequestMessage(method, At(path));
        request.Content = content ?? (json is null ? null : new StringContent(json, Encoding.UTF8, "application/json"));
        request.Headers.Authorization = authorization ?? (token is null ? null : new("Bearer", token));
        if (range is not null) request.Headers.TryAddWithoutValidation("Range", range);
        using var response = await http.SendAsync(request, Token);
        return await Answer.ReadAsync(response, Token);
    }

    public Task<Answer> GetAsync(string path, string? token = null) => CallAsync(HttpMethod.Get, path, null, token);

    public Task<Answer> PostAsync(string path, string json, string? token = null) => CallAsync(HttpMethod.Post, path, json, token);

    /// <summary>Posts results for a task; by default, valid ones with its own token.</summary>
    public Task<Answer> PostResultsAsync(SimulatedTask task, string? json = null, string? token = null) =>
        PostAsync(ResultsPath(task), json ?? Results(task), token ?? task.Token);

    public Task<Answer> EvaluationsAsync(SimulatedTask task) => GetAsync($"/api/v3/external/case_evaluations/{task.TaskId}", task.Token);

    public Task<Answer> PatchCaseAsync(SimulatedTask task, string json, string? token = null) =>
        CallAsync(HttpMethod.Patch, $"/api/v3/external/case/{task.TaskId}", json, token ?? task.Token);

    public Task<Answer> AskTokenAsync(string id = "local-id", string secret = "local-secret", string grant = "client_credentials") => CallAsync(HttpMethod.Post, "/api/v3/token",
        content: new FormUrlEncodedContent([new("grant_type", grant)]), authorization: new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{id}:{secret}"))));

    public async Task<string> KeyTokenAsync() => (string)(await AskTokenAsync()).Json["access_token"]!;

    /// <summary>Sets the faults, of JSON.</summary>
    public async Task FaultAsync(string json) => Assert.Equal(200, (await CallAsync(HttpMethod.Put, "/simulator/faults", json)).Status);

    public static string ResultsPath(SimulatedTask task) => $"/api/v3/external/results/{task.TaskId}";

    /// <summary>Valid results, one for each scan.</summary>
    public static string Results(SimulatedTask task) => new JsonObject
    {
        ["scanResults"] = new JsonArray([.. task.Scans.Select(s => new JsonObject { ["scanId"] = s.Id, ["results"] = new JsonObject { ["summary"] = "fine" } })]),
    }.ToJsonString();

    /// <summary>Results of the task's first scan, with this after its id.</summary>
    public static string Results(SimulatedTask task, string members) => string.Create(CultureInfo.InvariantCulture, $$"""{"scanResults":[{"scanId":"{{task.Scans[0].Id}}",{{members}}}]}""");

    /// <summary>The URL of the task's first scan, as the webhook gets it.</summary>
    public static string UrlOf(SimulatedTask task) => (string)JsonNode.Parse(task.Body)!["scans"]![task.Scans[0].Id]!;

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Simulator.DisposeAsync();
        folder.Dispose();
    }
}
