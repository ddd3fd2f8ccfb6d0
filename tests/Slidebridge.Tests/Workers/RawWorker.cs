using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Serialization.Metadata;
using Slidebridge.Provenance;
using Slidebridge.Tests.MainJob;
using Slidebridge.Workers;

namespace Slidebridge.Tests.Workers;

/// <summary>A worker that makes the calls one by one, as a test wants them.</summary>
sealed class RawWorker(TestBridge bridge, string name, string? token = null)
{
    /// <summary>The record that is sent after a result.</summary>
    public static byte[] Provenance(LeaseJson lease, byte[] result) => new ResultProvenance
    {
        Bridge = BridgeProvenance.Own,
        Worker = "raw",
        Run = LeaseId.Parse(lease.Id)!.Value.FencingToken,
        AcceptedAt = lease.AcceptedAt,
        Result = ResultHash.Of(result),
    }.ToJson();

    /// <summary>Sends a result with its record as one part.</summary>
    public Task<HttpStatusCode> SendAsync(LeaseJson lease, byte[] result) => SendPartAsync(lease, 0, [.. result, .. Provenance(lease, result)]);

    static CancellationToken Token => TestContext.Current.CancellationToken;

    public WorkerDescription Description { get; } = new(name, "one", WorkProtocol.Version, "1.0.0", [], ["boxes"], "machine", null);

    public async Task<LeaseJson?> AskAsync(double waitSeconds = 20)
    {
        using var response = await AskRawAsync(Description, waitSeconds);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Token));
        return response.StatusCode is HttpStatusCode.NoContent ? null : await response.Content.ReadFromJsonAsync(WorkJson.Default.LeaseJson, Token);
    }

    public Task<HttpResponseMessage> AskRawAsync(WorkerDescription description, double waitSeconds) =>
        SendAsync(HttpMethod.Post, "/work/leases", JsonContent.Create(new LeaseRequest(description, waitSeconds), WorkJson.Default.LeaseRequest));

    public async Task<IReadOnlyList<string>> RenewAsync(params LeaseJson[] held)
    {
        using var response = await SendAsync(HttpMethod.Post, "/work/heartbeat", JsonContent.Create(new HeartbeatRequest(Description, [.. held.Select(lease => new HeldLease(lease.Id))]), WorkJson.Default.HeartbeatRequest));
        return (await response.Content.ReadFromJsonAsync(WorkJson.Default.HeartbeatAnswer, Token))!.Lost;
    }

    public async Task<HttpStatusCode> SendPartAsync(LeaseJson lease, int part, byte[] bytes)
    {
        using var response = await SendAsync(HttpMethod.Put, $"/work/leases/{lease.Id}/result/{part}", new ByteArrayContent(bytes));
        return response.StatusCode;
    }

    /// <summary>Announces a result of one part, with its record.</summary>
    public Task<HttpStatusCode> CompleteAsync(LeaseJson lease, byte[] result)
    {
        var record = Provenance(lease, result);
        return PostAsync(lease, "result", new ResultEnd(1, result.Length, record.Length, 0, Convert.ToHexStringLower(SHA256.HashData([.. result, .. record])), new CostJson(0, 0)), WorkJson.Default.ResultEnd);
    }

    public async Task<HttpStatusCode> PostAsync<T>(LeaseJson lease, string step, T body, JsonTypeInfo<T> type)
    {
        using var response = await SendAsync(HttpMethod.Post, $"/work/leases/{lease.Id}/{step}", JsonContent.Create(body, type));
        return response.StatusCode;
    }

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent content)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.Add(WorkerNames.Header, name);
        if (token is not null) request.Headers.Authorization = new("Bearer", token);
        return await bridge.Http.SendAsync(request, Token);
    }
}
