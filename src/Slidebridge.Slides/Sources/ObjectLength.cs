using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Determines an object's length for a server that answers ranges without it (<c>Content-Range: bytes 0-99/*</c>, RFC 9110 §14.4). The length is never guessed:
/// 1. the last byte is requested; its position gives the length;
/// 2. if the server does not support that: the rest of the object is requested, but only the headers are read;
/// 3. then the byte after this end is requested, because a server may send less than requested.
/// </summary>
static class ObjectLength
{
    // The largest integer that JSON and JavaScript represent exactly; no object is so long.
    const long Far = (1L << 53) - 1;

    /// <param name="client">Sends the requests.</param>
    /// <param name="known">Bytes that have already arrived, from the beginning.</param>
    /// <param name="isExact">True if no request may bring bytes that nobody asked for: first a range beyond any end is requested, whose refusal states the length, and step 2 is left out.</param>
    /// <param name="cancellationToken">Cancels the requests.</param>
    /// <exception cref="SlideSourceException">The length cannot be determined.</exception>
    public static async Task<long> LearnAsync(RangeClient client, long known, bool isExact, CancellationToken cancellationToken)
    {
        if (isExact && await ProbeAsync(client, new RangeHeaderValue(Far - 1, Far), cancellationToken) is { } refused && refused >= known) return refused;
        if (await ProbeAsync(client, new RangeHeaderValue(null, 1), cancellationToken) is { } length && length >= known) return length;
        if (isExact) throw Unstated(client, null);
        var rest = await client.ProbeAsync(new RangeHeaderValue(known, Far), 0, null, elsewhere: false, cancellationToken);
        if (Stated(rest) is { } stated) return stated;
        if (EndsBefore(rest)) return known;
        if (rest.Range is { HasRange: true, To: { } last } range && range.From == known
            && await client.ProbeAsync(new RangeHeaderValue(last + 1, last + 1), 0, null, elsewhere: false, cancellationToken) is var after)
        {
            if (Stated(after) is { } total) return total;
            if (EndsBefore(after)) return last + 1;
        }
        throw Unstated(client, rest.Status);
    }

    static SlideSourceException Unstated(RangeClient client, HttpStatusCode? status) => client.Answers.Fail(
        SlideSourceFailure.Server, "does not state the slide's length (Content-Range: bytes …/*), not even for a request for its last bytes. Configure the server to send the length with its ranges", status);

    static async Task<long?> ProbeAsync(RangeClient client, RangeHeaderValue range, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.ProbeAsync(range, 0, 0, elsewhere: false, cancellationToken);
            return Stated(answer) ?? (answer.Range is { HasRange: true } sent && sent.From == sent.To ? sent.To + 1 : null);
        }
        // Not every server supports ranges that count from the end, and some do not answer such requests at all.
        catch (SlideSourceException e) when (e.Failure is not SlideSourceFailure.Forbidden)
        {
            return null;
        }
    }

    /// <summary>The length that an answer states.</summary>
    static long? Stated(ProbeAnswer answer) => answer.Status == HttpStatusCode.OK && answer.Version.Packing is null ? answer.BodyLength : answer.Range?.Length;

    /// <summary>Whether the object ends before the requested range.</summary>
    static bool EndsBefore(ProbeAnswer answer) =>
        answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable || (answer is { Status: HttpStatusCode.PartialContent, BodyLength: 0 } && answer.Range is not { HasRange: true });
}
