using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Techcyte;

/// <summary>
/// The platform's API. Each call reports what is certain about its outcome, because a post that may have arrived must not be repeated without a check:
/// see docs/decisions/exactly-once-delivery.md.
/// </summary>
sealed partial class PlatformClient(HttpClient http, PlatformOptions options, ApiKeyTokens apiKey, TimeProvider time) : IResultPlatform
{
    /// <summary>Maximum characters of the platform's words that are stored with the task.</summary>
    const int LongestWords = 1000;

    /// <summary>A larger answer cannot be a case's evaluations.</summary>
    const long LargestEvaluations = 256L << 20;

    public TaskAuthorization Authorize(string? taskToken) => new(taskToken, apiKey, time);

    public async Task<PostOutcome> PostResultsAsync(string taskId, Func<HttpContent> content, TaskAuthorization authorization, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Post, Path("results", taskId))
            {
                Content = content(),
            }, authorization, cancellationToken);

            var status = (int)response.StatusCode;
            // The status line decides: a success whose body is truncated is still a success.
            if (response.IsSuccessStatusCode) return new PostOutcome(PostStatus.Accepted, $"answered {status}");
            var (what, words) = ($"answered {status}", await WordsAsync(response, cancellationToken));
            return status switch
            {
                401 => new(PostStatus.NotArrived, "answered 401: it refused every token; check the API key"),
                403 when !authorization.KeyWasTried => new(PostStatus.NotArrived, "answered 403 to the task's own token, and no API key is set"),
                429 => new(PostStatus.NotArrived, what, words, RetryAfter.Of(response, time)),
                408 or >= 500 => new(PostStatus.Uncertain, what, words, RetryAfter.Of(response, time)),
                >= 400 => new(PostStatus.Refused, what, words),
                // A redirect or an interim answer: nothing was stored, and following it could post twice.
                _ => new(PostStatus.NotArrived, $"answered {status}; check --platform-url"),
            };
        }
        catch (PlatformException e)
        {
            return new PostOutcome(PostStatus.NotArrived, e.Message, RetryAfter: e.RetryAfter);
        }
        catch (HttpRequestException e) when (NeverConnected(e))
        {
            return new PostOutcome(PostStatus.NotArrived, $"could not be reached: {Cause(e)}");
        }
        // If a connection breaks while it is being made, that can appear as a bare SocketException.
        catch (Exception e) when (e is HttpRequestException or SocketException || IsTimeout(e, cancellationToken))
        {
            return new PostOutcome(PostStatus.Uncertain, $"gave no answer: {Cause(e)}");
        }
    }

    public async Task<bool> HasResultAsync(string taskId, long number, TaskAuthorization authorization, CancellationToken cancellationToken) =>
        (await ReadEvaluatedTasksAsync(taskId, authorization, cancellationToken)).Contains(number);

    /// <summary>The tasks that made an evaluation of the task's case.</summary>
    /// <exception cref="PlatformException">The evaluations could not be read, so nothing is known.</exception>
    public async Task<IReadOnlySet<long>> ReadEvaluatedTasksAsync(string taskId, TaskAuthorization authorization, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Path("case_evaluations", taskId)), authorization, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new PlatformException($"The case's evaluations could not be read ({(int)response.StatusCode}).", RetryAfter.Of(response, time));
            if (response.Content.Headers.ContentLength > LargestEvaluations)
                throw new PlatformException("The case's evaluations are too large to read.");

            using var limit = Limit(cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            var items = await JsonSerializer.DeserializeAsync(body, EvaluationJsonContext.Default.ListEvaluation, limit.Token)
                ?? throw new JsonException("The answer is not a list.");
            return items.Select(i => i.Task).OfType<long>().ToHashSet();
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException || IsTimeout(e, cancellationToken))
        {
            throw new PlatformException($"The case's evaluations could not be read: {Cause(e)}.", null, e);
        }
    }

    /// <summary>Sends with each of the task's tokens in order until one is not refused. After a refusal (401) it is certain that nothing was done.</summary>
    async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, TaskAuthorization authorization, CancellationToken cancellationToken)
    {
        while (true)
        {
            var token = await authorization.TokenAsync(cancellationToken);
            using var limit = Limit(cancellationToken);
            var response = await SendAsync(request(), token, limit.Token);

            // The API key may do what the task's own token no longer may; a 403 to the API key is final.
            var refused = response.StatusCode == HttpStatusCode.Unauthorized
                || (response.StatusCode == HttpStatusCode.Forbidden && authorization.IsOwn(token));
            if (!refused || !authorization.TryNext(token)) return response;
            response.Dispose();
        }
    }

    async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, string token, CancellationToken cancellationToken)
    {
        using (request)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
            return await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
    }

    Uri Path(string resource, string taskId) => new(options.Address, $"/api/v3/external/{resource}/{Uri.EscapeDataString(taskId)}");

    CancellationTokenSource Limit(CancellationToken cancellationToken)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(options.Timeout);
        return limit;
    }

    async Task<string> WordsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            using var limit = Limit(cancellationToken);
            await using var body = await response.Content.ReadAsStreamAsync(limit.Token);
            var bytes = new byte[LongestWords];
            var length = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, limit.Token);
            return Encoding.UTF8.GetString(bytes, 0, length).Trim();
        }
        catch (Exception e) when (e is HttpRequestException or IOException || IsTimeout(e, cancellationToken))
        {
            return "(the text of its answer was lost)";
        }
    }

    /// <summary>The platform cannot have read a byte of the request.</summary>
    static bool NeverConnected(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        // A pooled connection that was already closed also reports a reset here: only a refused connection is certain.
        && e.InnerException is not IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };

    /// <summary>The bridge's own timeout ended the call, not the caller's cancellation.</summary>
    internal static bool IsTimeout(Exception e, CancellationToken callers) => e is OperationCanceledException && !callers.IsCancellationRequested;

    /// <summary>The innermost cause in a few words, without a URL.</summary>
    internal static string Cause(Exception e) => e switch
    {
        OperationCanceledException => "the request timed out",
        JsonException => "the answer is not the expected JSON",
        HttpRequestException when CertificateFailure.Of(e) is { } why => why,
        { InnerException: SocketException socket } => socket.Message,
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => http.HttpRequestError.ToString(),
        { InnerException: { } inner } => Cause(inner),
        _ => e.Message,
    };
}
