using System.Text;
using Slidebridge.Simulator.Platform;

namespace Slidebridge.Tests.Simulation;

/// <summary>A call of one of the endpoints that faults befall, and whether its work was done.</summary>
sealed class Call : IAsyncDisposable
{
    readonly HttpClient http = new();
    readonly string endpoint;
    int tokens;

    Call(string endpoint) => this.endpoint = endpoint;

    public StandIn Platform { get; private set; } = null!;

    SimulatedTask Task { get; set; } = null!;

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<Call> PrepareAsync(string endpoint)
    {
        var call = new Call(endpoint);
        call.Platform = await StandIn.StartAsync(o => o with { OnEvent = e => call.tokens += e.What.StartsWith("issued a token", StringComparison.Ordinal) ? 1 : 0 });
        call.Task = await call.Platform.TaskAsync();
        return call;
    }

    /// <summary>Whether the endpoint has done its work, or not; of one that only reads nobody can tell.</summary>
    public void AssertDone(bool expected) => Assert.Equal(expected, endpoint switch
    {
        "token" => tokens > 0,
        "results" => Platform.Simulator.State.Evaluations.Count > 0,
        "case" => Task.Triage.Score is not null,
        _ => expected,
    });

    public Task<Answer> MakeAsync() => MakeAsync(TimeSpan.FromSeconds(30));

    /// <summary>The call by one who waits only so long.</summary>
    public async Task<Answer> MakeAsync(TimeSpan patience)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(patience);
        using var request = Request();
        using var response = await http.SendAsync(request, limit.Token);
        return await Answer.ReadAsync(response, limit.Token);
    }

    /// <summary>The status, the bytes that were promised, and the bytes that came before the connection was closed.</summary>
    public async Task<(int Status, long Promised, int Came)> MakeUntilTheCutAsync()
    {
        using var request = Request();
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
        await using var body = await response.Content.ReadAsStreamAsync(Token);
        var (buffer, came) = (new byte[64 << 10], 0);
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await body.ReadAsync(buffer, Token) is > 0 and var read) came += read;
        });
        return ((int)response.StatusCode, response.Content.Headers.ContentLength!.Value, came);
    }

    /// <summary>The fault is over: the next call does its work and is answered.</summary>
    public async Task AssertWellAsync() => Assert.InRange((await MakeAsync()).Status, 200, 204);

    HttpRequestMessage Request()
    {
        var request = endpoint switch
        {
            "token" => new HttpRequestMessage(HttpMethod.Post, At("/api/v3/token")) { Content = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", "local-id"), new("client_secret", "local-secret")]) },
            "results" => new(HttpMethod.Post, At(StandIn.ResultsPath(Task))) { Content = Json(StandIn.Results(Task)) },
            "evaluations" => new(HttpMethod.Get, At($"/api/v3/external/case_evaluations/{Task.TaskId}")),
            "case" => new(HttpMethod.Patch, At($"/api/v3/external/case/{Task.TaskId}")) { Content = Json("""{"triage_score": 0.5}""") },
            "graphql" => new(HttpMethod.Post, At("/api/graphql")) { Content = Json("""{"query": "{ objects(sample_id: 1, filter: {evaluation_id: 1}) {x} }"}""") },
            _ => new(HttpMethod.Get, StandIn.UrlOf(Task)),
        };
        if (endpoint is not ("token" or "slides")) request.Headers.Authorization = new("Bearer", Task.Token);
        return request;
    }

    Uri At(string path) => new(Platform.Simulator.Address, path);

    static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Platform.DisposeAsync();
    }
}
