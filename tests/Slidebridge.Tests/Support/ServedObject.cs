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

    /// <summary>By the request's number from 1: the ETag of the node that answers it; null where all have the same.</summary>
    public Func<int, string?>? NodeTag { get; set; }

    public DateTimeOffset? LastModified { get; set; }

    public bool HeedsIfMatch { get; set; } = true;

    /// <summary>Bytes of a range that an answer brings at most, and says so in its Content-Range.</summary>
    public int? MostInAnswer { get; set; }

    /// <summary>Answers say which range they bring, but not of how many bytes: <c>bytes 0-99/*</c>.</summary>
    public bool HidesLength { get; set; }

    /// <summary>Understands a range that counts from the end; where not, it answers 400.</summary>
    public bool KnowsSuffixes { get; set; } = true;

    /// <summary>Changes what is answered, once all its headers are there.</summary>
    public Action<HttpResponse> Changes { get; set; } = _ => { };

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
        var tag = NodeTag is null ? ETag : NodeTag(number);
        if (tag is not null) response.Headers.ETag = tag;
        if (LastModified is { } modified) response.Headers.LastModified = modified.ToString("R");
        if (HeedsIfMatch && request.Headers.IfMatch.Count > 0 && request.Headers.IfMatch != tag)
        {
            response.StatusCode = 412;
            return;
        }
        var body = Body(request, response);
        response.ContentLength = body.Length;
        Changes(response);
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
        if (IgnoresRange || request.GetTypedHeaders().Range?.Ranges.Single() is not { } range) return Bytes;
        if (range.From is null && !KnowsSuffixes)
        {
            response.StatusCode = 400;
            return default;
        }
        var from = range.From ?? Bytes.Length - range.To!.Value;
        if (from >= Bytes.Length)
        {
            response.StatusCode = 416;
            response.Headers.ContentRange = $"bytes */{Bytes.Length}";
            return default;
        }
        var to = Math.Min(range.From is null ? long.MaxValue : range.To ?? long.MaxValue, Bytes.Length - 1);
        if (MostInAnswer is { } most) to = Math.Min(to, from + most - 1);
        response.StatusCode = 206;
        response.Headers.ContentRange = $"bytes {from}-{to}/{(HidesLength ? "*" : $"{ClaimedLength ?? Bytes.Length}")}";
        return Bytes.AsMemory((int)from, (int)(to - from + 1));
    }
}
