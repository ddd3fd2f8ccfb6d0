using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Slidebridge.Tests.Support;

/// <summary>One object of a <see cref="RangeServer"/>, with the ways in which it may misbehave.</summary>
sealed class ServedObject(byte[] bytes, string url)
{
    int requests;

    public string Url { get; } = url;

    public byte[] Bytes { get; set; } = bytes;

    /// <summary>Quoted, as it stands in the header; null for none.</summary>
    public string? ETag { get; set; } = "\"first\"";

    public bool HeedsIfMatch { get; set; } = true;

    public bool IgnoresRange { get; set; }

    public TimeSpan Delay { get; set; }

    /// <summary>By the request's number from 1: a status to answer instead, or 0.</summary>
    public Func<int, int> Status { get; set; } = _ => 0;

    /// <summary>The status and the address of a redirect; null for none.</summary>
    public (int Status, string Address)? RedirectTo { get; set; }

    /// <summary>The answer never begins.</summary>
    public bool Hangs { get; set; }

    /// <summary>The body comes in pieces of so many bytes, with a pause after each; null: as fast as it goes.</summary>
    public (int Bytes, TimeSpan Pause)? Crawl { get; set; }

    /// <summary>The length of the object that an answer claims; null: the true one.</summary>
    public long? ClaimedLength { get; set; }

    /// <summary>Seconds of Retry-After on such an answer.</summary>
    public int? RetryAfter { get; set; }

    /// <summary>By the request's number from 1: how many bytes of the body come before the connection breaks; null for all.</summary>
    public Func<int, int?> CutAfter { get; set; } = _ => null;

    /// <summary>Round trips so far: requests that were under way together count once, one that was sent after another's answer comes on top.</summary>
    public int Rounds { get; private set; }

    /// <summary>What was asked for, in order: "GET bytes=0-99".</summary>
    public ConcurrentQueue<string> Asked { get; } = [];

    public async Task AnswerAsync(HttpContext context)
    {
        int round;
        lock (Asked) round = Rounds + 1;
        var (request, response) = (context.Request, context.Response);
        var number = Interlocked.Increment(ref requests);
        Asked.Enqueue($"{request.Method} {request.Headers.Range}");
        if (Hangs) await Task.Delay(Timeout.Infinite, context.RequestAborted);
        if (Delay > TimeSpan.Zero) await Task.Delay(Delay, context.RequestAborted);
        // Before the first byte: whoever has it may ask again at once.
        lock (Asked) Rounds = Math.Max(Rounds, round);
        if (RedirectTo is var (redirect, address))
        {
            response.StatusCode = redirect;
            response.Headers.Location = address;
            return;
        }
        if (Status(number) is not 0 and var status)
        {
            response.StatusCode = status;
            if (RetryAfter is { } seconds) response.Headers.RetryAfter = $"{seconds}";
            return;
        }
        if (ETag is not null) response.Headers.ETag = ETag;
        if (HeedsIfMatch && request.Headers.IfMatch.Count > 0 && request.Headers.IfMatch != ETag)
        {
            response.StatusCode = 412;
            return;
        }
        var body = Body(request, response);
        response.ContentLength = body.Length;
        if (CutAfter(number) is { } cut && cut < body.Length)
        {
            await response.Body.WriteAsync(body[..cut], context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            // An aborted connection takes with it what is still on its way.
            await Task.Delay(50, context.RequestAborted);
            context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return;
        }
        if (Crawl is not { } crawl) await response.Body.WriteAsync(body, context.RequestAborted);
        else
            for (var rest = body; rest.Length > 0; rest = rest[Math.Min(crawl.Bytes, rest.Length)..])
            {
                await response.Body.WriteAsync(rest[..Math.Min(crawl.Bytes, rest.Length)], context.RequestAborted);
                await response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(crawl.Pause, context.RequestAborted);
            }
    }

    ReadOnlyMemory<byte> Body(HttpRequest request, HttpResponse response)
    {
        if (IgnoresRange || request.GetTypedHeaders().Range?.Ranges.Single() is not { From: { } from } range) return Bytes;
        if (from >= Bytes.Length)
        {
            response.StatusCode = 416;
            response.Headers.ContentRange = $"bytes */{Bytes.Length}";
            return default;
        }
        var to = Math.Min(range.To ?? long.MaxValue, Bytes.Length - 1);
        response.StatusCode = 206;
        response.Headers.ContentRange = $"bytes {from}-{to}/{ClaimedLength ?? Bytes.Length}";
        return Bytes.AsMemory((int)from, (int)(to - from + 1));
    }
}
