using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>What a host's answers mean, and the sentence for each that is of no use. A message names the host and nothing else of the URL.</summary>
/// <param name="host">What the messages may name.</param>
/// <param name="time">The clock that Retry-After is read by.</param>
sealed class RangeAnswers(string host, TimeProvider time)
{
    public SlideSourceException Fail(SlideSourceFailure failure, string what, HttpStatusCode? status, bool transient = false, Exception? inner = null) =>
        new(failure, $"{host} {what}.", transient, (int?)status, inner);

    /// <summary>Throws unless the answer is a range.</summary>
    public void CheckRange(HttpResponseMessage answer)
    {
        var status = (int)answer.StatusCode;
        if (status == 206) return;
        throw status switch
        {
            401 or 403 => Fail(SlideSourceFailure.Forbidden, $"refused the slide ({status}): the presigned URL has expired or is wrong. Ask for a new one", answer.StatusCode),
            404 or 410 => Fail(SlideSourceFailure.NotFound, $"has no such slide ({status})", answer.StatusCode),
            408 or 429 or 500 or 502 or 503 or 504 => new SlideSourceException(
                SlideSourceFailure.Server, $"{host} could not answer now ({status}).", isTransient: true, status)
            { RetryAfter = RetryAfter(answer) },
            >= 300 and < 400 => Fail(SlideSourceFailure.Server, $"redirects to another address ({status}), and redirects are not followed. Open the address that it leads to", answer.StatusCode),
            200 => Fail(SlideSourceFailure.Server, "stopped answering ranges", answer.StatusCode, transient: true),
            _ => Fail(SlideSourceFailure.Server, $"answered {status}; expected 206 (a range)", answer.StatusCode),
        };
    }

    /// <summary>Its bytes are not the slide's, and a range of it is a range of other bytes.</summary>
    public SlideSourceException Packed(string packing) =>
        Fail(SlideSourceFailure.Server, $"sends the slide packed (Content-Encoding: {packing}), though it was asked for the bytes as they are. Turn compression off for slides on that server", null);

    /// <summary>Whether the first bytes can be those of what the header says. A slide that was uploaded under a wrong word is no packed slide.</summary>
    public static bool IsPacked(string packing, ReadOnlySpan<byte> head) => packing.ToLowerInvariant() switch
    {
        "gzip" or "x-gzip" => head.StartsWith<byte>([0x1F, 0x8B]), // RFC 1952 §2.3.1
        "zstd" => head.StartsWith<byte>([0x28, 0xB5, 0x2F, 0xFD]), // RFC 8878 §3.1.1
        "compress" or "x-compress" => head.StartsWith<byte>([0x1F, 0x9D]),
        "deflate" => head.Length >= 2 && (head[0] & 0x0F) == 8 && (head[0] << 8 | head[1]) % 31 == 0, // RFC 1950 §2.2
        _ => true,
    };

    /// <summary>The range that an answer brings.</summary>
    /// <param name="answer">A 206.</param>
    /// <param name="from">Where it must begin.</param>
    public ContentRangeHeaderValue RangeOf(HttpResponseMessage answer, long from)
    {
        if (answer.Content.Headers.ContentType?.MediaType?.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) == true)
            throw Fail(SlideSourceFailure.Server, "answered one range in several parts (multipart/byteranges), which HTTP does not allow (RFC 9110 §15.3.7.2): that server, or a proxy before it, must answer with the range alone", answer.StatusCode);
        if (answer.Content.Headers.ContentRange is not { HasRange: true } range)
            throw Fail(SlideSourceFailure.Server, "answered 206 without saying which range it sends (Content-Range)", answer.StatusCode);
        if (range.From != from) throw Fail(SlideSourceFailure.Server, "answered with another range than was asked for", answer.StatusCode, transient: true);
        return range;
    }

    public SlideSourceException Replaced(HttpStatusCode? status = null) =>
        Fail(SlideSourceFailure.Changed, "has another object at this address than when the slide was opened: it was replaced meanwhile. Open the slide again", status);

    public SlideSourceException EndedEarly() => Fail(SlideSourceFailure.Truncated, "ended its answer early", null, transient: true);

    public SlideSourceException TooSlow(long bytes, TimeSpan time, double least, Exception? inner = null) => new(
        SlideSourceFailure.Unreachable, $"{host} sends the slide too slowly: {bytes} bytes in {time.TotalSeconds:0.#} s, at least {least:0} are expected.", isTransient: true, innerException: inner)
    { IsStalled = true };

    TimeSpan? RetryAfter(HttpResponseMessage answer) => answer.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => date - time.GetUtcNow(),
        _ => null,
    };
}
