using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Asks one HTTP object for ranges. GET only: the signature of a presigned URL covers the method, so HEAD is refused.
/// Every answer is compared with the first (<see cref="SeenObject"/>). What fails for the moment is tried again.
/// </summary>
sealed class RangeClient(HttpClient client, Uri url, SlideOptions options)
{
    // Each stands for many requests that did not tell what another ETag means.
    const int MostUndecided = 3;

    readonly HostLimit limit = HostLimit.Of(url.Authority, options.TimeProvider);
    readonly string host = url.IsDefaultPort ? url.Host : url.Authority;
    long requests, bytesReceived;

    public SourceUsage Usage => new(Interlocked.Read(ref requests), Interlocked.Read(ref bytesReceived));

    /// <summary>Requests that the host takes at the same time, as far as is known.</summary>
    public int AtOnce => limit.Allowed;

    /// <summary>What the host's answers mean.</summary>
    public RangeAnswers Answers { get; } = new(url.IsDefaultPort ? url.Host : url.Authority, options.TimeProvider);

    /// <summary>Asks for the first block. A 200, with the whole body, goes to <paramref name="download"/>.</summary>
    public Task<FirstAnswer> FirstAsync(int count, Func<HttpResponseMessage, RangeBody, Task<ByteSource>> download, CancellationToken cancellationToken) =>
        RunAsync(async (deadline, turn) =>
        {
            using var answer = await SendAsync(new RangeHeaderValue(0, count - 1), null, deadline.Token);
            var version = ObjectVersion.Of(answer);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                // A whole body takes its time; other slides of this host must not wait for it.
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
    /// Fills the buffers, one after the other, with the bytes from <paramref name="offset"/>. An answer may bring less than was asked for: the next request goes on from there,
    /// as long as each brings something and all together keep to <see cref="SlideOptions.MinBytesPerSecond"/>. One that breaks off is tried again, from there too.
    /// </summary>
    public async Task FillAsync(long offset, IReadOnlyList<byte[]> buffers, SeenObject seen, CancellationToken cancellationToken)
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
        seen.Known.Remember(offset, buffers[0]);
    }

    /// <summary>Asks for a range in passing, and says what came, whatever it is.</summary>
    /// <param name="range">What is asked for.</param>
    /// <param name="keep">Bytes of the body that are wanted; the rest is not read.</param>
    /// <param name="retries">How often what fails for the moment is tried again; null: as often as any request.</param>
    /// <param name="elsewhere">On a connection of its own, which may lead to another node of the server.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="SlideSourceException">The server refuses the URL, or could not answer.</exception>
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

    /// <summary>One answer's bytes.</summary>
    /// <returns>The ETag of the answer, where that is unknown: then nothing was taken from it.</returns>
    async Task<string?> FillSomeAsync(long offset, FillTarget target, SeenObject seen, Deadline deadline, HostLimit.Turn turn)
    {
        var (from, before) = (offset + target.Done, target.Done);
        using var answer = await SendAsync(new RangeHeaderValue(from, from + target.Left - 1), seen, deadline.Token);
        var sameness = seen.Compare(answer);
        if (sameness == Sameness.Replaced) throw Answers.Replaced(answer.StatusCode);
        var version = ObjectVersion.Of(answer);
        if (sameness == Sameness.Unknown)
        {
            // The node that refused says nothing of its own object: what answers without the demand does.
            if (answer.StatusCode == HttpStatusCode.PreconditionFailed) seen.DemandNothing();
            else return version.Tag;
            return null;
        }
        Answers.CheckRange(answer);
        if (version.Packing is { } packing && version.Packing != seen.First.Packing) throw Answers.Packed(packing);
        var range = Answers.RangeOf(answer, from);
        var body = await BodyAsync(answer, deadline, turn);
        // A slow line may take long over a large range, as long as it moves.
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
            // The caller's client may refuse a host (a private address) with a failure of its own: that is final.
            catch (HttpRequestException e) when (e.InnerException is SlideSourceException refused)
            {
                throw refused;
            }
            // Somebody must repair it first, but a slide's server may be behind several nodes, and one of them may be right.
            catch (HttpRequestException e) when (CertificateFailure.Of(e) is { } why)
            {
                throw Answers.Fail(SlideSourceFailure.Unreachable, $"cannot be trusted: {why}", null, transient: true, e);
            }
            // A connection that dies while it is made can show as a bare SocketException.
            catch (Exception e) when (e is HttpRequestException or SocketException or IOException)
            {
                throw Answers.Fail(SlideSourceFailure.Unreachable, $"could not be reached ({(e as HttpRequestException)?.HttpRequestError.ToString() ?? "connection lost"})", null, transient: true, e);
            }
        }, patience, cancellationToken);

    async Task<HttpResponseMessage> SendAsync(RangeHeaderValue range, SeenObject? seen, CancellationToken cancellationToken, bool elsewhere = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.Range = range;
        // A compressed answer would be a range of other bytes.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (elsewhere) request.Headers.ConnectionClose = true;
        seen?.Demand(request);
        Interlocked.Increment(ref requests);
        var sent = limit.Now;
        var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (answer.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable) limit.Overloaded();
        else limit.Answered(sent);
        return answer;
    }
}

/// <summary>What the request for the first block brought.</summary>
/// <param name="Whole">The object, copied, where the server ignores Range.</param>
/// <param name="Bytes">Its first bytes otherwise; fewer than were asked for where it is smaller, or the server sends less at a time.</param>
/// <param name="Length">Bytes of the whole object, where the answer says so.</param>
/// <param name="Version">How the answer names it.</param>
sealed record FirstAnswer(ByteSource? Whole, ReadOnlyMemory<byte> Bytes, long? Length, ObjectVersion Version);

/// <summary>What came for a range that was asked for in passing.</summary>
sealed record ProbeAnswer(HttpStatusCode Status, ObjectVersion Version, ContentRangeHeaderValue? Range, long? BodyLength, ReadOnlyMemory<byte> Bytes);
