using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Requests ranges of one HTTP object. GET only: the signature of a presigned URL covers the method, so HEAD would be refused.
/// Every answer is compared with the first (<see cref="SeenObject"/>). Transient failures are retried.
/// </summary>
sealed class RangeClient(HttpClient client, Uri url, SlideOptions options)
{
    // Maximum searches for the meaning of another ETag; each is many requests.
    const int MostUndecided = 3;

    readonly HostLimit limit = HostLimit.Of(url.Authority, options.TimeProvider);
    readonly string host = url.IsDefaultPort ? url.Host : url.Authority;
    long requests, bytesReceived;

    public SourceUsage Usage => new(Interlocked.Read(ref requests), Interlocked.Read(ref bytesReceived));

    /// <summary>The bytes that the server sent, or may have sent.</summary>
    public FetchedRanges Fetched { get; } = new();

    /// <summary>The current estimate of the requests that the host accepts at the same time.</summary>
    public int AtOnce => limit.Allowed;

    /// <summary>Interprets the host's answers.</summary>
    public RangeAnswers Answers { get; } = new(url.IsDefaultPort ? url.Host : url.Authority, options.TimeProvider);

    /// <summary>Requests the first block. The body of a 200, which is the whole object, goes to <paramref name="download"/>.</summary>
    public Task<FirstAnswer> FirstAsync(int count, Func<HttpResponseMessage, RangeBody, Task<ByteSource>> download, CancellationToken cancellationToken) =>
        RunAsync(async (deadline, turn) =>
        {
            using var answer = await SendAsync(new RangeHeaderValue(0, count - 1), null, deadline.Token);
            var version = ObjectVersion.Of(answer);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                // A whole body takes long; other slides of this host must not wait for it.
                turn.Dispose();
                return new FirstAnswer(await download(answer, await BodyAsync(answer, deadline, turn)), default, null, version);
            }
            if (answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && answer.Content.Headers.ContentRange?.Length == 0) return new FirstAnswer(null, default, 0, version);
            Answers.CheckRange(answer);
            var range = Answers.RangeOf(answer, 0);
            var bytes = new byte[(int)Math.Min(count, range.To!.Value + 1)];
            var came = await (await BodyAsync(answer, deadline, turn)).ReadFullAsync(bytes);
            if (version.Packing is { } packing && RangeAnswers.IsPacked(packing, bytes.AsSpan(0, came))) throw Answers.Packed(packing);
            return came > 0 ? new FirstAnswer(null, bytes.AsMemory(0, came), range.Length, version) : throw Answers.EndedEarly();
        }, options, cancellationToken);

    /// <summary>
    /// Fills the buffers, one after the other, with the bytes from <paramref name="offset"/>. An answer may contain fewer bytes than requested: the next request continues there,
    /// as long as each answer contains some bytes and all together keep <see cref="SlideOptions.MinBytesPerSecond"/>. After a broken answer, the retry continues there too.
    /// </summary>
    public async Task FillAsync(long offset, IReadOnlyList<Memory<byte>> buffers, SeenObject seen, CancellationToken cancellationToken)
    {
        var target = new FillTarget(buffers);
        var asked = TimeSpan.Zero;
        var undecided = 0;
        while (target.Left > 0)
        {
            var unknown = await RunAsync(async (deadline, turn) =>
            {
                var began = options.TimeProvider.GetTimestamp();
                try
                {
                    return await FillSomeAsync(offset, target, seen, deadline, turn);
                }
                finally
                {
                    asked += options.TimeProvider.GetElapsedTime(began);
                }
            }, options, cancellationToken);
            if (unknown is not null && !await seen.Names.FindOutAsync(unknown, seen, this, cancellationToken) && ++undecided > MostUndecided) throw Answers.Replaced();
            var least = options.MinBytesPerSecond * asked.TotalSeconds;
            if (target.Left > 0 && asked >= options.RateWindow && target.Done < least) throw Answers.TooSlow(target.Done, asked, least);
        }
        seen.Known.Remember(offset, buffers[0].Span);
    }

    /// <summary>Requests a range outside the normal reading, and returns the answer, whatever its status is.</summary>
    /// <param name="range">The requested range.</param>
    /// <param name="keep">Bytes of the body to read; the rest is not read.</param>
    /// <param name="retries">Maximum retries of a transient failure; null: the same as for any request.</param>
    /// <param name="elsewhere">True for a separate connection, which may lead to another node of the server.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="SlideSourceException">The server refuses the URL, or does not answer.</exception>
    public Task<ProbeAnswer> ProbeAsync(RangeHeaderValue range, int keep, int? retries, bool elsewhere, CancellationToken cancellationToken) =>
        RunAsync(async (deadline, turn) =>
        {
            using var answer = await SendAsync(range, null, deadline.Token, elsewhere);
            if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.BadRequest)) Answers.CheckRange(answer);
            var bytes = new byte[keep];
            var came = keep > 0 && answer.StatusCode == HttpStatusCode.PartialContent ? await (await BodyAsync(answer, deadline, turn)).ReadFullAsync(bytes) : 0;
            return new ProbeAnswer(answer.StatusCode, ObjectVersion.Of(answer), answer.Content.Headers.ContentRange, answer.Content.Headers.ContentLength, bytes.AsMemory(0, came));
        }, options with { Retries = retries ?? options.Retries }, cancellationToken);

    public void CountReceived(int bytes) => Interlocked.Add(ref bytesReceived, bytes);

    /// <summary>The bytes of one answer.</summary>
    /// <returns>The answer's ETag, if it is unknown: then none of its bytes were used.</returns>
    async Task<string?> FillSomeAsync(long offset, FillTarget target, SeenObject seen, Deadline deadline, HostLimit.Turn turn)
    {
        var (from, before) = (offset + target.Done, target.Done);
        using var answer = await SendAsync(new RangeHeaderValue(from, from + target.Left - 1), seen, deadline.Token);
        var sameness = seen.Compare(answer);
        if (sameness == Sameness.Replaced) throw Answers.Replaced(answer.StatusCode);
        var version = ObjectVersion.Of(answer);
        if (sameness == Sameness.Unknown)
        {
            // A node that answers 412 does not state its own ETag; the answer to a request without If-Match does.
            if (answer.StatusCode == HttpStatusCode.PreconditionFailed) seen.DemandNothing();
            else return version.Tag;
            return null;
        }
        Answers.CheckRange(answer);
        if (version.Packing is { } packing && version.Packing != seen.First.Packing) throw Answers.Packed(packing);
        var range = Answers.RangeOf(answer, from);
        var body = await BodyAsync(answer, deadline, turn);
        // On a slow line a large range may take long, as long as bytes arrive.
        for (var left = Math.Min(target.Left, range.To!.Value - from + 1); left > 0;)
        {
            var read = await body.ReadAsync(target.Next(left));
            if (read == 0) break;
            target.Advance(read);
            left -= read;
        }
        return target.Done > before ? null : throw Answers.EndedEarly();
    }

    async Task<RangeBody> BodyAsync(HttpResponseMessage answer, Deadline deadline, HostLimit.Turn turn) =>
        new(this, await answer.Content.ReadAsStreamAsync(deadline.Token), deadline, turn);

    async Task<T> RunAsync<T>(Func<Deadline, HostLimit.Turn, Task<T>> attempt, SlideOptions patience, CancellationToken cancellationToken) =>
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
                if (deadline.IsInBody && options.MinBytesPerSecond > 0) throw Answers.TooSlow(deadline.Received, options.RateWindow, deadline.Least, e);
                throw new SlideSourceException(SlideSourceFailure.Unreachable, $"{host} did not answer within {options.RequestTimeout.TotalSeconds:0.#} s.", isTransient: true, innerException: e) { IsStalled = true };
            }
            // The caller's client may refuse a host (a private address) with its own exception: that is final.
            catch (HttpRequestException e) when (e.InnerException is SlideSourceException refused)
            {
                throw refused;
            }
            // Somebody must repair the certificate, but the server may consist of several nodes, and another node may have a valid one.
            catch (HttpRequestException e) when (CertificateFailure.Of(e) is { } why)
            {
                throw Answers.Fail(SlideSourceFailure.Unreachable, $"cannot be trusted: {why}", null, transient: true, e);
            }
            // A connection that breaks while it is established can appear as a bare SocketException.
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
            {
                throw Answers.Fail(SlideSourceFailure.Unreachable, $"could not be reached ({(e as HttpRequestException)?.HttpRequestError.ToString() ?? "connection lost"})", null, transient: true, e);
            }
        }, patience, cancellationToken);

    /// <summary>
    /// Notes which bytes a request fetches, before its body is read: all that was requested and all that the answer states. Without an answer, bytes may still have arrived; an error's body is not the object's.
    /// </summary>
    void NoteFetched(RangeItemHeaderValue asked, HttpResponseMessage? answer)
    {
        if (answer is { StatusCode: not (HttpStatusCode.OK or HttpStatusCode.PartialContent) }) return;
        if (answer is { StatusCode: HttpStatusCode.OK }) Fetched.Add(0, long.MaxValue);
        if (answer?.Content.Headers.ContentRange is { HasRange: true } stated) Note(stated.From!.Value, stated.To!.Value);
        if (asked.From is { } from) Note(from, asked.To!.Value);
        else Fetched.AddLast(asked.To!.Value);

        void Note(long first, long last) => Fetched.Add(first, Math.Min(last, long.MaxValue - 1) - first + 1);
    }

    async Task<HttpResponseMessage> SendAsync(RangeHeaderValue range, SeenObject? seen, CancellationToken cancellationToken, bool elsewhere = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = range;
        // A range of a compressed answer would be a range of the compressed bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (elsewhere) request.Headers.ConnectionClose = true;
        seen?.Demand(request);
        Interlocked.Increment(ref requests);
        var sent = limit.Now;
        HttpResponseMessage? answer = null;
        try
        {
            answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        finally
        {
            NoteFetched(range.Ranges.First(), answer);
        }
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) limit.Overloaded();
        else limit.Answered(sent);
        return answer;
    }
}

/// <summary>The result of the request for the first block.</summary>
/// <param name="Whole">The copied object, if the server ignores Range.</param>
/// <param name="Bytes">Its first bytes otherwise; fewer than requested if the object is smaller, or if the server sends less at a time.</param>
/// <param name="Length">Bytes of the whole object, if the answer states it.</param>
/// <param name="Version">The object's version from the answer.</param>
sealed record FirstAnswer(ByteSource? Whole, ReadOnlyMemory<byte> Bytes, long? Length, ObjectVersion Version);

/// <summary>The answer to a request outside the normal reading.</summary>
sealed record ProbeAnswer(HttpStatusCode Status, ObjectVersion Version, ContentRangeHeaderValue? Range, long? BodyLength, ReadOnlyMemory<byte> Bytes);
