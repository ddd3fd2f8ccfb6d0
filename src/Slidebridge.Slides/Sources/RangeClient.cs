using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Asks one HTTP object for ranges. GET only: the signature of a presigned URL covers the method, so HEAD is refused.
/// Every answer is checked against the first: same length, same ETag. What fails for the moment is tried again.
/// </summary>
sealed class RangeClient(HttpClient client, Uri url, SlideOptions options)
{
    readonly HostLimit limit = HostLimit.Of(url.Authority, options.TimeProvider);
    long requests, bytesReceived;

    public SourceUsage Usage => new(Interlocked.Read(ref requests), Interlocked.Read(ref bytesReceived));

    /// <summary>Requests that the host takes at the same time, as far as is known.</summary>
    public int AtOnce => limit.Allowed;

    /// <summary>What the messages may name.</summary>
    public string Host => url.IsDefaultPort ? url.Host : url.Authority;

    /// <summary>Asks for the first block; hands the answer to <paramref name="accept"/>, a 206 with its version or a 200 with the whole body.</summary>
    public Task<T> FirstAsync<T>(int count, Func<HttpResponseMessage, ObjectVersion?, RangeBody, Task<T>> accept, CancellationToken cancellationToken) =>
        RunAsync(async (deadline, turn) =>
        {
            using var answer = await SendAsync(0, count, null, deadline.Token);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                // A whole body takes its time; other slides of this host must not wait for it.
                turn.Dispose();
                return await accept(answer, null, await BodyAsync(answer));
            }
            if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && answer.Content.Headers.ContentRange?.Length == 0)
                throw new SlideFormatException("The slide is empty: it has 0 bytes. Upload it again.", 0);
            Check(answer);
            if (answer.Content.Headers.ContentRange is not { HasRange: true, From: 0, HasLength: true } range)
                throw Fail(SlideSourceFailure.Server, "answered a range without saying the object's length (Content-Range)", answer.StatusCode);
            var version = new ObjectVersion(range.Length!.Value, answer.Headers.ETag, answer.Content.Headers.LastModified);
            return await accept(answer, version, await BodyAsync(answer));

            async Task<RangeBody> BodyAsync(HttpResponseMessage answer) => new(this, await answer.Content.ReadAsStreamAsync(deadline.Token), deadline, turn);
        }, cancellationToken);

    /// <summary>Fills the buffers, one after the other, with the bytes from <paramref name="offset"/>.</summary>
    public Task FillAsync(long offset, IReadOnlyList<byte[]> buffers, ObjectVersion version, CancellationToken cancellationToken) =>
        RunAsync(async (deadline, turn) =>
        {
            var count = buffers.Sum(buffer => (long)buffer.Length);
            using var answer = await SendAsync(offset, count, version, deadline.Token);
            CheckSame(answer, version);
            Check(answer);
            if (answer.Content.Headers.ContentRange is not { HasRange: true } range || range.From != offset || range.To != offset + count - 1)
                throw Fail(SlideSourceFailure.Server, "answered with another range than was asked for", answer.StatusCode, transient: true);
            var body = new RangeBody(this, await answer.Content.ReadAsStreamAsync(deadline.Token), deadline, turn);
            // A slow line may take long over a large range, as long as it moves.
            foreach (var buffer in buffers) await body.FillAsync(buffer);
            return true;
        }, cancellationToken);

    public void CountReceived(int bytes) => Interlocked.Add(ref bytesReceived, bytes);

    public SlideSourceException Fail(SlideSourceFailure failure, string what, HttpStatusCode? status, bool transient = false, Exception? inner = null) =>
        new(failure, $"{Host} {what}.", transient, (int?)status, inner);

    async Task<T> RunAsync<T>(Func<Deadline, HostLimit.Turn, Task<T>> attempt, CancellationToken cancellationToken) =>
        await Retry.RunAsync(async token =>
        {
            using var turn = await limit.EnterAsync(url.AbsolutePath, token);
            using var deadline = new Deadline(options, token);
            try
            {
                var result = await attempt(deadline, turn);
                turn.Done();
                return result;
            }
            catch (OperationCanceledException e) when (!token.IsCancellationRequested)
            {
                limit.TimedOut();
                var what = deadline.IsInBody && options.MinBytesPerSecond > 0
                    ? $"sends the slide too slowly: {deadline.Received} bytes in {options.RateWindow.TotalSeconds:0.#} s, at least {deadline.Least} are expected"
                    : $"did not answer within {options.RequestTimeout.TotalSeconds:0.#} s";
                throw new SlideSourceException(SlideSourceFailure.Unreachable, $"{Host} {what}.", isTransient: true, innerException: e) { IsStalled = true };
            }
            // The caller's client may refuse a host (a private address) with a failure of its own: that is final.
            catch (HttpRequestException e) when (e.InnerException is SlideSourceException refused)
            {
                throw refused;
            }
            // A connection that dies while it is made can show as a bare SocketException.
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
            {
                throw Fail(SlideSourceFailure.Unreachable, $"could not be reached ({(e as HttpRequestException)?.HttpRequestError.ToString() ?? "connection lost"})", null, transient: true, e);
            }
        }, options, cancellationToken);

    async Task<HttpResponseMessage> SendAsync(long offset, long count, ObjectVersion? version, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = new RangeHeaderValue(offset, offset + count - 1);
        // A compressed answer would be a range of other bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        version?.Demand(request);
        Interlocked.Increment(ref requests);
        var sent = limit.Now;
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) limit.Overloaded();
        else limit.Answered(sent);
        return answer;
    }

    void CheckSame(HttpResponseMessage answer, ObjectVersion version)
    {
        var length = answer.StatusCode switch
        {
            HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable => answer.Content.Headers.ContentRange?.Length,
            HttpStatusCode.OK => answer.Content.Headers.ContentLength,
            HttpStatusCode.PreconditionFailed => -1,
            _ => version.Length,
        };
        var success = answer.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.OK;
        if ((length is { } found && found != version.Length) || (success && !version.IsThatOf(answer, length)))
            throw Fail(SlideSourceFailure.Changed, "has another object at this address than when the slide was opened: it was replaced meanwhile. Open the slide again", answer.StatusCode);
    }

    void Check(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status == 206) return;
        throw status switch
        {
            401 or 403 => Fail(SlideSourceFailure.Forbidden, $"refused the slide ({status}): the presigned URL has expired or is wrong. Ask for a new one", answer.StatusCode),
            404 or 410 => Fail(SlideSourceFailure.NotFound, $"has no such slide ({status})", answer.StatusCode),
            408 or 429 or 500 or 502 or 503 or 504 => new SlideSourceException(
                SlideSourceFailure.Server, $"{Host} could not answer now ({status}).", isTransient: true, status)
            { RetryAfter = RetryAfter(answer) },
            >= 300 and < 400 => Fail(SlideSourceFailure.Server, $"redirects to another address ({status}), and redirects are not followed. Open the address that it leads to", answer.StatusCode),
            200 => Fail(SlideSourceFailure.Server, "stopped answering ranges", answer.StatusCode, transient: true),
            _ => Fail(SlideSourceFailure.Server, $"answered {status}; expected 206 (a range)", answer.StatusCode),
        };
    }

    TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - options.TimeProvider.GetUtcNow(),
        _ => null,
    };
}
