using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>Interprets a host's answers, and creates the error for each unusable one. A message names only the host of the URL.</summary>
/// <param name="host">The host's name, for messages.</param>
/// <param name="time">The clock for Retry-After.</param>
sealed class RangeAnswers(string host, TimeProvider time)
{
    public SlideSourceException Fail(SlideSourceFailure failure, string what, HttpStatusCode? status, bool transient = false, Exception? inner = null) =>
        new(failure, $"{host} {what}.", transient, (int?)status, inner);

    /// <summary>Throws if the answer is not a range.</summary>
    public void CheckRange(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status == 206) return;
        throw status switch
        {
            401 or 403 => Fail(SlideSourceFailure.Forbidden, $"refused the slide ({status}): the presigned URL has expired or is wrong. Request a new one", answer.StatusCode),
            404 or 410 => Fail(SlideSourceFailure.NotFound, $"does not have this slide ({status})", answer.StatusCode),
            408 or 429 or 500 or 502 or 503 or 504 => new SlideSourceException(
                SlideSourceFailure.Server, $"{host} could not answer now ({status}).", isTransient: true, status)
            { RetryAfter = RetryAfter(answer) },
            >= 300 and < 400 => Fail(SlideSourceFailure.Server, $"redirects to another address ({status}), and redirects are not followed. Open the target address directly", answer.StatusCode),
            200 => Fail(SlideSourceFailure.Server, "stopped answering range requests", answer.StatusCode, transient: true),
            _ => Fail(SlideSourceFailure.Server, $"answered {status}; expected 206 (a range)", answer.StatusCode),
        };
    }

    /// <summary>For an answer with a Content-Encoding: its bytes are not the slide's, and a range of it is a range of the encoded bytes.</summary>
    public SlideSourceException Packed(string packing) =>
        Fail(SlideSourceFailure.Server, $"sends the slide compressed (Content-Encoding: {packing}), although the request does not accept that. Turn off compression for slides on that server", null);

    /// <summary>Whether the first bytes match the encoding in the header. A slide that was uploaded with a wrong header is not compressed.</summary>
    public static bool IsPacked(string packing, ReadOnlySpan<byte> head) => packing.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => head.StartsWith<byte>([0x1F, 0x8B]), // RFC 1952 §2.3.1
        "zstd" => head.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]), // RFC 8878 §3.1.1
        "compress" or "x-compress" => head.StartsWith<byte>([0x1F, 0x9D]),
        "deflate" => head.Length >= 2 && (head[0] & 0x0F) == 8 && (head[0] << 8 | head[1]) % 31 == 0, // RFC 1950 §2.2
        _ => true,
    };

    /// <summary>The range that an answer contains.</summary>
    /// <param name="answer">A 206.</param>
    /// <param name="from">The required first byte.</param>
    public ContentRangeHeaderValue RangeOf(HttpResponseMessage answer, long from)
    {
        if (answer.Content.Headers.ContentType?.MediaType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
            throw Fail(SlideSourceFailure.Server, "answered one range in several parts (multipart/byteranges), which HTTP does not allow (RFC 9110 §15.3.7.2). The server, or a proxy before it, must answer with only that range", answer.StatusCode);
        if (answer.Content.Headers.ContentRange is not { HasRange: true } range)
            throw Fail(SlideSourceFailure.Server, "answered 206 without the range (Content-Range)", answer.StatusCode);
        if (range.From != from) throw Fail(SlideSourceFailure.Server, "answered with a range that was not requested", answer.StatusCode, transient: true);
        return range;
    }

    public SlideSourceException Replaced(HttpStatusCode? status = null) =>
        Fail(SlideSourceFailure.Changed, "has a different object at this address than when the slide was opened: the slide was replaced. Open the slide again", status);

    public SlideSourceException EndedEarly() => Fail(SlideSourceFailure.Truncated, "ended its answer early", null, transient: true);

    public SlideSourceException TooSlow(long bytes, TimeSpan time, double least, Exception? inner = null) => new(
        SlideSourceFailure.Unreachable, $"{host} sends the slide too slowly: {bytes} bytes in {time.TotalSeconds:0.#} s, expected at least {least:0}.", isTransient: true, innerException: inner)
    { IsStalled = true };

    TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
