using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Slidebridge.Api;
using Slidebridge.Identity;
using Slidebridge.Lists;
using Slidebridge.Provenance;
using Slidebridge.Tasks;
using Slidebridge.Usage;
using Slidebridge.Webhook;
using Slidebridge.Workers;

namespace Slidebridge.Commands;

/// <summary>The tasks of a running bridge, through its API.</summary>
sealed class TaskApi : ITaskAccess
{
    readonly HttpClient http;

    /// <param name="bridge">The bridge. Without a token, it answers only callers on its own machine.</param>
    public TaskApi(BridgeConnection bridge) => http = bridge.Open(bridge.Url);

    public async Task<TaskPageJson> ListAsync(TaskFilter filter, TaskPageRequest request, CancellationToken cancellationToken)
    {
        var page = await GetAsync($"/api/tasks?limit={request.Limit}{(request.Offset > 0 ? $"&offset={request.Offset}" : "")}{Query("after", request.After?.ToString())}{Query("before", request.Before?.ToString())}"
            + $"{Query("state", filter.States is { } states ? string.Join(',', states.Select(s => s.Name())) : null)}{Query("model", filter.Model)}{Query("company", filter.Company)}{Query("classifier", filter.Classifier)}{Query("stain", filter.Stain)}"
            + $"{Query("group", filter.Group)}{Query("node", filter.Node)}{Query("since", filter.Since?.ToString("O"))}{Query("until", filter.Until?.ToString("O"))}{Query("search", filter.Search)}", TaskJsonContext.Default.TaskPageJson, cancellationToken);
        // An earlier version ignores what it does not know: it would return other tasks than those that were asked for.
        var isNew = request.After is not null || request.Before is not null || filter is not { Classifier: null, Stain: null, Group: null, Node: null, Since: null, Until: null, Search: null, States: null or { Count: 1 } };
        return page.Counts is null && isNew ? throw ITaskAccess.OfEarlierVersion() : page;
    }

    static string Query(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    public Task<TaskJson> ShowAsync(string id, CancellationToken cancellationToken) =>
        GetAsync($"/api/tasks/{Uri.EscapeDataString(id)}", TaskJsonContext.Default.TaskJson, cancellationToken);

    public Task<byte[]?> FindResultAsync(long number, CancellationToken cancellationToken) => FindAsync($"/api/tasks/{number}/result", cancellationToken);

    public Task<byte[]?> FindRerunResultAsync(long number, CancellationToken cancellationToken) => FindAsync($"/api/tasks/{number}/rerun/result", cancellationToken);

    public Task<byte[]?> FindShadowResultAsync(long number, string classifier, CancellationToken cancellationToken) => FindAsync($"/api/tasks/{number}/shadow/result?classifier={Uri.EscapeDataString(classifier)}", cancellationToken);

    public Task<IReadOnlyList<RequestedScan>?> FindSlidesAsync(long number, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RequestedScan>?>(null);

    public async Task<IReadOnlyList<ScanLedger>?> FindLedgerAsync(long number, string? of, CancellationToken cancellationToken) =>
        await FindAsync($"/api/tasks/{number}/{of switch { null => "ledger", TaskRerun.OfOperator => "rerun/ledger", _ => $"shadow/ledger?classifier={Uri.EscapeDataString(of)}" }}", cancellationToken) is { } json ? ScanLedger.Parse(json) : null;

    public async Task<string?> FindLogAsync(string id, CancellationToken cancellationToken) =>
        await FindAsync($"/api/tasks/{Uri.EscapeDataString(id)}/log", cancellationToken) is { } text ? Encoding.UTF8.GetString(text) : null;

    async Task<byte[]?> FindAsync(string path, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound) return null;
        await CheckAsync(response, cancellationToken);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken);
    }

    public Task<TaskJson> RerunAsync(string id, bool post, string who, CancellationToken cancellationToken) => OperateAsync(id, post ? "rerun?post=true" : "rerun", who, cancellationToken);

    public Task<TaskJson> OperateAsync(string id, string operation, string who, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, $"/api/tasks/{Uri.EscapeDataString(id)}/{operation}", null, who, TaskJsonContext.Default.TaskJson, cancellationToken);

    public Task<TaskJson> DecideAsync(string id, string decision, string? reason, string who, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, $"/api/tasks/{Uri.EscapeDataString(id)}/{decision}", JsonContent.Create(new DecisionRequest(reason), TaskJsonContext.Default.DecisionRequest), who, TaskJsonContext.Default.TaskJson, cancellationToken);

    public async Task<IReadOnlyList<UsageSum>> UsageAsync(UsageRange range, IReadOnlyList<UsageKey> keys, CancellationToken cancellationToken)
    {
        var sums = await GetAsync($"/api/usage?from={range.First}&to={range.Last}&by={UsageKeys.Text(keys)}", UsageJson.Default.ListUsageSum, cancellationToken);
        return sums.Any(sum => keys.Any(key => sum.Of(key) is null)) ? throw new CommandException("The bridge is of an earlier version, which sums up by month and company only. Update it, or leave out --by.") : sums;
    }

    public Task<NewTokenJson> AddTokenAsync(TokenRequest request, string who, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Post, "/api/tokens", JsonContent.Create(request, TokenJsonContext.Default.TokenRequest), who, TokenJsonContext.Default.NewTokenJson, cancellationToken);

    public async Task<IReadOnlyList<TokenJson>> TokensAsync(CancellationToken cancellationToken) => await GetAsync("/api/tokens", TokenJsonContext.Default.ListTokenJson, cancellationToken);

    public Task<TokenJson> RevokeTokenAsync(string name, string who, CancellationToken cancellationToken) =>
        ChangeAsync(HttpMethod.Delete, $"/api/tokens/{Uri.EscapeDataString(name)}", null, who, TokenJsonContext.Default.TokenJson, cancellationToken);

    public Task<IReadOnlyList<WorkerJson>> WorkersAsync(CancellationToken cancellationToken) => GetAsync("/api/workers", WorkJson.Default.IReadOnlyListWorkerJson, cancellationToken);

    public Task<IReadOnlyList<OpenSession>> SessionsAsync(CancellationToken cancellationToken) => GetAsync("/api/sessions", SessionJson.Default.IReadOnlyListOpenSession, cancellationToken);

    public async Task<int> EndSessionsAsync(string name, string who, CancellationToken cancellationToken) =>
        (await ChangeAsync(HttpMethod.Delete, $"/api/sessions?name={Uri.EscapeDataString(name)}", null, who, SessionJson.Default.EndedSessions, cancellationToken)).Ended;

    public async IAsyncEnumerable<AuditLine> AuditAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, "/api/audit"), cancellationToken, HttpCompletionOption.ResponseHeadersRead);
        await CheckAsync(response, cancellationToken);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await lines.ReadLineAsync(cancellationToken) is { } line) yield return AuditLine.Parse(line);
    }

    async Task<T> ChangeAsync<T>(HttpMethod method, string path, HttpContent? content, string who, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        request.Headers.TryAddWithoutValidation(CallerAuthentication.OperatorHeader, who);
        using var response = await SendAsync(request, cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(new HttpRequestMessage(HttpMethod.Get, path), cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken, HttpCompletionOption completion = HttpCompletionOption.ResponseContentRead)
    {
        try
        {
            return await http.SendAsync(request, completion, cancellationToken);
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new CommandException($"The bridge at {http.BaseAddress!.GetLeftPart(UriPartial.Authority)} cannot be reached: {BridgeConnection.Why(e)}. Set its address with --url, or read its database with --data or --database.");
        }
    }

    static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        await CheckAsync(response, cancellationToken);
        try
        {
            return JsonSerializer.Deserialize(await response.Content.ReadAsByteArrayAsync(cancellationToken), type) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new CommandException("The server at that address is not a compatible Slidebridge; check --url.");
        }
    }

    /// <summary>Throws an error answer with the bridge's own sentence.</summary>
    static async Task CheckAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode) return;
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        string? detail = null;
        try
        {
            using var problem = JsonDocument.Parse(text);
            detail = problem.RootElement.TryGetProperty("detail", out var told) ? told.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The answer is not a bridge's problem document.
        }
        throw new CommandException(response.StatusCode is HttpStatusCode.Unauthorized
            ? "The bridge requires its API token: set SLIDEBRIDGE_API_TOKEN, or give --api-token."
            : detail ?? $"The server answered {(int)response.StatusCode}, but not as a Slidebridge does; check --url.");
    }

    public ValueTask DisposeAsync()
    {
        http.Dispose();
        return default;
    }
}
