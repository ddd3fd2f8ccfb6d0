using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Techcyte;

/// <summary>
/// The platform's API. Each call says what is certain about its end, for a post that may have arrived must not be made again blindly:
/// see docs/decisions/exactly-once-delivery.md.
/// </summary>
sealed partial class PlatformClient(HttpClient http, PlatformOptions options, ApiKeyTokens apiKey, TimeProvider time) : IResultPlatform
{
    /// <summary>As much of the platform's words as is kept with the task, in characters.</summary>
    const int LongestWords = 1000;

    /// <summary>An answer beyond this is not a case's evaluations.</summary>
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
            // The status line decides: a success whose body is cut off is still a success.
            if (response.IsSuccessStatusCode) return new PostOutcome(PostStatus.Accepted, $"answered {status}");
            var (what, words) = ($"answered {status}", await WordsAsync(response, cancellationToken));
            return status switch
            {
                401 => new(PostStatus.NotArrived, "answered 401: every token was refused; check the API key"),
                403 when !authorization.KeyWasTried => new(PostStatus.NotArrived, "answered 403 to the task's own token, and no API key is set"),
                429 => new(PostStatus.NotArrived, what, words, RetryAfter.Of(response, time)),
                408 or >= 500 => new(PostStatus.Uncertain, what, words, RetryAfter.Of(response, time)),
                >= 400 => new(PostStatus.Refused, what, words),
                // A redirect or an interim answer: nothing was taken, and following it could post twice.
                _ => new(PostStatus.NotArrived, $"answered {status}; is --platform-url right?"),
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
        // A connection that dies while it is made can show as a bare SocketException.
        catch (Exception e) when (e is HttpRequestException or SocketException || IsTimeout(e, cancellationToken))
        {
            return new PostOutcome(PostStatus.Uncertain, $"gave no answer: {Cause(e)}");
        }
    }

    public async Task<bool> HasResultAsync(string taskId, long number, TaskAuthorization authorization, CancellationToken cancellationToken) =>
        (await ReadEvaluatedTasksAsync(taskId, authorization, cancellationToken)).Contains(number);

    /// <summary>The tasks that have made an evaluation of the task's case.</summary>
    /// <exception cref="PlatformException">The evaluations could not be read: nothing is known.</exception>
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
                ?? throw new JsonException("A list is expected.");
            return items.Select(i => i.Task).OfType<long>().ToHashSet();
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or JsonException || IsTimeout(e, cancellationToken))
        {
            throw new PlatformException($"The case's evaluations could not be read: {Cause(e)}.", null, e);
        }
    }

    /// <summary>Sends with the task's tokens in their order until one is not refused. A refusal (401) is certain: nothing was done.</summary>
    async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, TaskAuthorization authorization, CancellationToken cancellationToken)
    {
        while (true)
        {
            var token = await authorization.TokenAsync(cancellationToken);
            using var limit = Limit(cancellationToken);
            var response = await SendAsync(request(), token, limit.Token);

            // The key may do what the task's own token no longer may; a 403 to the key itself is the platform's last word.
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
            return "(its words were cut off)";
        }
    }

    /// <summary>No byte of the request can have been read by the platform.</summary>
    static bool NeverConnected(HttpRequestException e) =>
        e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError
        // A pooled connection that was found closed reports its reset here too: only a refusal to connect is certain.
        && e.InnerException is not IOException { InnerException: SocketException { SocketErrorCode: SocketError.ConnectionReset } };

    /// <summary>A time limit of ours ended the call, not the caller.</summary>
    internal static bool IsTimeout(Exception e, CancellationToken callers) => e is OperationCanceledException && !callers.IsCancellationRequested;

    /// <summary>The innermost cause in a few words, without a URL.</summary>
    internal static string Cause(Exception e) => e switch
    {
        OperationCanceledException => "it took too long",
        JsonException => "its answer is not the JSON expected",
        HttpRequestException when CertificateFailure.Of(e) is { } why => why,
        { InnerException: SocketException socket } => socket.Message,
        HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } http => http.HttpRequestError.ToString(),
        { InnerException: { } inner } => Cause(inner),
        _ => e.Message,
    };
}
