using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using Slidebridge.Api;
using Slidebridge.Provenance;
using Slidebridge.Sdk.Results;
using Slidebridge.Workers;

namespace Slidebridge.Bench.Workers;

/// <summary>A worker without a classifier: only its calls.</summary>
/// <param name="http">Has the bridge's address.</param>
/// <param name="name">The worker's name.</param>
/// <param name="token">Its token.</param>
sealed class RawWorker(HttpClient http, string name, string token)
{
    /// <summary>A worker with a token of its own: the bridge limits calls for work by token, and has to find out where a caller without one comes from.</summary>
    public static async Task<RawWorker> WithTokenAsync(HttpClient http, string name, CancellationToken cancellationToken)
    {
        using var response = await http.PostAsJsonAsync("/api/tokens", new TokenRequest(name, "worker"), TokenJsonContext.Default.TokenRequest, cancellationToken);
        response.EnsureSuccessStatusCode();
        return new RawWorker(http, name, (await response.Content.ReadFromJsonAsync(TokenJsonContext.Default.NewTokenJson, cancellationToken))!.Text);
    }

    /// <summary>Calls for work that the bridge refused because there were too many.</summary>
    public int Refused { get; private set; }

    readonly WorkerDescription description = new(name, Guid.NewGuid().ToString("N"), WorkProtocol.Version, BridgeProvenance.Own.Version, [], [WorkSite.Classifier], "bench", null);

    /// <summary>Waits for a task.</summary>
    public async Task<LeaseJson?> AskAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            using var response = await SendAsync(HttpMethod.Post, "leases", JsonContent.Create(new LeaseRequest(description, WorkProtocol.LongestWait.TotalSeconds), WorkJson.Default.LeaseRequest), cancellationToken);
            if (response.StatusCode is not HttpStatusCode.TooManyRequests) return response.StatusCode is HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync(WorkJson.Default.LeaseJson, cancellationToken);
            Refused++;
            await Task.Delay(response.Headers.RetryAfter?.Delta ?? TimeSpan.FromSeconds(1), cancellationToken);
        }
    }

    /// <returns>The number of leases that are lost.</returns>
    public async Task<int> RenewAsync(LeaseJson lease, CancellationToken cancellationToken)
    {
        var held = new HeldLease(lease.Id, lease.Scans.ToDictionary(s => s.ScanId, _ => 0.5));
        using var response = await SendAsync(HttpMethod.Post, "heartbeat", JsonContent.Create(new HeartbeatRequest(description, [held]), WorkJson.Default.HeartbeatRequest), cancellationToken);
        return (await response.Content.ReadFromJsonAsync(WorkJson.Default.HeartbeatAnswer, cancellationToken))!.Lost.Count;
    }

    /// <summary>Sends a result of one box for each scan.</summary>
    public async Task CompleteAsync(LeaseJson lease, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in lease.Scans) results.Scan(scan.ScanId).Box(0, 0, 10, 10, "bench");
        var result = ResultsValidator.SerializeValid(results.Build(), [.. lease.Scans.Select(s => s.ScanId)]);
        var record = new ResultProvenance { Bridge = BridgeProvenance.Own, Worker = name, Run = LeaseId.Parse(lease.Id)!.Value.FencingToken, AcceptedAt = lease.AcceptedAt, Result = ResultHash.Of(result) }.ToJson();
        byte[] all = [.. result, .. record];
        using var part = await SendAsync(HttpMethod.Put, $"leases/{lease.Id}/result/0", new ByteArrayContent(all), cancellationToken);
        var end = new ResultEnd(1, result.Length, record.Length, 0, Convert.ToHexStringLower(SHA256.HashData(all)), new CostJson(0, 0));
        using var response = await SendAsync(HttpMethod.Post, $"leases/{lease.Id}/result", JsonContent.Create(end, WorkJson.Default.ResultEnd), cancellationToken);
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string step, HttpContent content, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, $"/work/{step}") { Content = content };
        request.Headers.Add(WorkerNames.Header, name);
        request.Headers.Authorization = new("Bearer", token);
        var response = await http.SendAsync(request, cancellationToken);
        if (response.IsSuccessStatusCode || response.StatusCode is HttpStatusCode.TooManyRequests) return response;
        using (response) throw new InvalidOperationException($"The bridge answered {(int)response.StatusCode} to {step} of {name}: {await response.Content.ReadAsStringAsync(cancellationToken)}");
    }
}
