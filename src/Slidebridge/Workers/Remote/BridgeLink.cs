using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Slidebridge.Slides.Sources;
using Slidebridge.Tasks;
using Slidebridge.Units;

namespace Slidebridge.Workers.Remote;

/// <summary>
/// The worker's calls to its bridge. A bridge that is away is waited for: each call is repeated until it is answered, for as long as <see cref="WorkerOptions.Patience"/>. Every call may be repeated, because the bridge takes each step once.
/// </summary>
sealed partial class BridgeLink(HttpClient http, WorkerOptions options, TimeProvider time, ILogger<BridgeLink> logger)
{
    static readonly Backoff Waits = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));

    /// <summary>One call; longer than the bridge lets a call for work wait.</summary>
    static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    /// <summary>A heartbeat: two may be lost before a lease is.</summary>
    static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(10);

    int isAway;
    volatile bool isKnown;

    /// <summary>The bridge's address.</summary>
    public Uri Address => http.BaseAddress!;

    /// <summary>The bridge keeps this worker though there is no work: the last answer said so.</summary>
    public bool IsAskedToStay { get; private set; }

    /// <summary>Waits for a task.</summary>
    /// <param name="wait">How long; the bridge lets a call wait at most <see cref="WorkProtocol.LongestWait"/>.</param>
    /// <param name="cancellationToken">Stops the waiting.</param>
    /// <returns>The lease, or null: there was none.</returns>
    /// <exception cref="WorkerRefusedException">The bridge gives this worker no tasks.</exception>
    /// <exception cref="BridgeAwayException">The bridge cannot be reached.</exception>
    public async Task<LeaseJson?> AskAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(HttpMethod.Post, "/work/leases", () => Json(new LeaseRequest(options.Description, wait.TotalSeconds), WorkJson.Default.LeaseRequest), options.Name, cancellationToken);
        IsAskedToStay = response.Headers.Contains(WorkProtocol.Stay);
        var lease = response.StatusCode is HttpStatusCode.NoContent ? null : await ReadAsync(response, WorkJson.Default.LeaseJson, cancellationToken);
        isKnown = true;
        return lease;
    }

    /// <summary>Renews the leases, with one attempt: the next heartbeat comes soon.</summary>
    /// <returns>The leases that are lost; null: the bridge did not answer.</returns>
    /// <exception cref="WorkerRefusedException">The bridge does not accept this worker any more.</exception>
    public async Task<IReadOnlyList<string>?> RenewAsync(IReadOnlyList<HeldLease> held, bool isLeaving, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await OnceAsync(HttpMethod.Post, "/work/heartbeat", () => Json(new HeartbeatRequest(options.Description, held, isLeaving), WorkJson.Default.HeartbeatRequest), HeartbeatTimeout, options.Name, cancellationToken);
            return (await ReadAsync(response, WorkJson.Default.HeartbeatAnswer, cancellationToken)).Lost;
        }
        catch (AwayException)
        {
            return null;
        }
    }

    /// <summary>A step of a lease's run.</summary>
    /// <param name="method">The method.</param>
    /// <param name="lease">The run.</param>
    /// <param name="step">The path after the lease's.</param>
    /// <param name="content">Makes the body, for each attempt again.</param>
    /// <param name="cancellationToken">Stops the attempts.</param>
    /// <exception cref="TaskMovedOnException">The lease is lost.</exception>
    /// <exception cref="StorageException">The bridge cannot be reached.</exception>
    public Task<HttpStatusCode> StepAsync(HttpMethod method, TaskLease lease, string step, Func<HttpContent?> content, CancellationToken cancellationToken) =>
        StepAsync(method, new LeaseId(lease.Number, lease.FencingToken), step, content, options.Name, cancellationToken);

    /// <param name="method">The method.</param>
    /// <param name="lease">The run.</param>
    /// <param name="step">The path after the lease's.</param>
    /// <param name="content">Makes the body, for each attempt again.</param>
    /// <param name="name">The name under which the lease was taken.</param>
    /// <param name="cancellationToken">Stops the attempts.</param>
    /// <inheritdoc cref="StepAsync(HttpMethod, TaskLease, string, Func{HttpContent}, CancellationToken)"/>
    public async Task<HttpStatusCode> StepAsync(HttpMethod method, LeaseId lease, string step, Func<HttpContent?> content, string name, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(method, $"/work/leases/{lease}/{step}", content, name, cancellationToken);
            return response.StatusCode is HttpStatusCode.Gone ? throw new TaskMovedOnException(lease.Task, null, lease.FencingToken) : response.StatusCode;
        }
        catch (Exception e) when (e is BridgeAwayException or WorkerRefusedException)
        {
            throw new StorageException(e.Message, e);
        }
    }

    public static JsonContent Json<T>(T value, JsonTypeInfo<T> type) => JsonContent.Create(value, type);

    async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, Func<HttpContent?> content, string name, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var failures = 1; ; failures++)
        {
            try
            {
                var response = await OnceAsync(method, path, content, Timeout, name, cancellationToken);
                if (Interlocked.Exchange(ref isAway, 0) != 0) LogBack(logger, Address.Authority);
                return response;
            }
            catch (AwayException e)
            {
                if (time.GetElapsedTime(began) > options.Patience) throw new BridgeAwayException($"The bridge at {Address.Authority} has taken no call for {Duration.Text(options.Patience)}: {e.Message.TrimEnd('.')}.");
                if (Interlocked.Exchange(ref isAway, 1) == 0) LogAway(logger, Address.Authority, e.Message);
                await Task.Delay(Waits.Wait(Math.Min(failures, 5), e.RetryAfter), time, cancellationToken);
            }
        }
    }

    /// <exception cref="AwayException">There was no answer, or one that asks to come again.</exception>
    async Task<HttpResponseMessage> OnceAsync(HttpMethod method, string path, Func<HttpContent?> content, TimeSpan limit, string name, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(limit);
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content() };
            request.Headers.Add(WorkerNames.Header, name);
            response = await http.SendAsync(request, over.Token);
        }
        catch (HttpRequestException e) when (CertificateFailure.Of(e, "give a PEM file with its certificate to --tls-ca, or set SSL_CERT_FILE to it") is { } why)
        {
            throw new WorkerRefusedException($"The bridge at {Address.Authority} cannot be trusted: {why}.");
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new AwayException(e is HttpRequestException ? e.Message.TrimEnd('.') : $"it did not answer within {limit.TotalSeconds:0} s");
        }
        if (response.IsSuccessStatusCode) return response;
        using (response)
        {
            var told = await DetailAsync(response, cancellationToken);
            // A proxy's page, while the bridge restarts behind it.
            if (isKnown && told is null && response.StatusCode is not HttpStatusCode.RequestEntityTooLarge) throw new AwayException($"it answered {(int)response.StatusCode}, but not as a Slidebridge does");
            switch (response.StatusCode)
            {
                case HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError:
                    throw new AwayException(told ?? $"it answered {(int)response.StatusCode}") { RetryAfter = response.Headers.RetryAfter?.Delta };
                case HttpStatusCode.Unauthorized:
                    throw new WorkerRefusedException("The bridge does not accept the worker's token: it is wrong, has expired or was revoked. 'slidebridge workers token add' on the bridge makes one.");
                case HttpStatusCode.RequestEntityTooLarge when told is null:
                    throw new WorkerRefusedException($"A proxy in front of the bridge at {Address.Authority} refuses bodies of {WorkProtocol.PartBytes} bytes. Raise its limit.");
                case HttpStatusCode.Gone or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge:
                    return new HttpResponseMessage(response.StatusCode);
                case HttpStatusCode.NotFound when told is null:
                    throw new WorkerRefusedException($"The server at {Address.Authority} is not a Slidebridge that has workers: check --bridge.");
                default:
                    throw new WorkerRefusedException(told ?? $"The server at {Address.Authority} answered {(int)response.StatusCode}, but not as a Slidebridge does: check --bridge.");
            }
        }
    }

    async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new JsonException();
        }
        catch (Exception e) when (e is JsonException or NotSupportedException)
        {
            throw new WorkerRefusedException($"The server at {Address.Authority} is not a Slidebridge of a version that fits: check --bridge.");
        }
    }

    static async Task<string?> DetailAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var problem = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            return problem.RootElement.TryGetProperty("detail", out var told) && told.ValueKind is JsonValueKind.String ? told.GetString() : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or HttpRequestException)
        {
            return null;
        }
    }

    sealed class AwayException(string why) : Exception(why)
    {
        public TimeSpan? RetryAfter { get; init; }
    }

    [LoggerMessage(610, LogLevel.Warning, "The bridge at {Bridge} does not take a call; the worker goes on and tries again: {Why}")]
    static partial void LogAway(ILogger logger, string bridge, string why);

    [LoggerMessage(611, LogLevel.Information, "The bridge at {Bridge} answers again")]
    static partial void LogBack(ILogger logger, string bridge);
}
