using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>
/// Learns an object's length from a server that answers ranges without it (<c>Content-Range: bytes 0-99/*</c>, RFC 9110 §14.4). It is never guessed:
/// 1. the last byte is asked for, and where it lies the object ends;
/// 2. where the server does not understand that: the rest, of which the headers alone are read,
/// 3. and the byte after its end, for a server may send less than was asked for.
/// </summary>
static class ObjectLength
{
    // The largest integer that every server's language can hold; no object is so long.
    const long Far = (1L << 53) - 1;

    /// <param name="client">Asks.</param>
    /// <param name="known">Bytes that have come already, from the beginning.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="SlideSourceException">The length cannot be learned.</exception>
    public static async Task<long> LearnAsync(RangeClient client, long known, CancellationToken cancellationToken)
    {
        if (await LastByteAsync(client, cancellationToken) is { } length && length >= known) return length;
        var rest = await client.ProbeAsync(new RangeHeaderValue(known, Far), 0, null, elsewhere: false, cancellationToken);
        if (Stated(rest) is { } stated) return stated;
        if (EndsBefore(rest)) return known;
        if (rest.Range is { HasRange: true, To: { } last } range && range.From == known
            && await client.ProbeAsync(new RangeHeaderValue(last + 1, last + 1), 0, null, elsewhere: false, cancellationToken) is var after)
        {
            if (Stated(after) is { } total) return total;
            if (EndsBefore(after)) return last + 1;
        }
        throw client.Answers.Fail(
            SlideSourceFailure.Server, "does not say how long the slide is (Content-Range: bytes …/*), and does not tell when its end is asked for. That server must send the length with its ranges", rest.Status);
    }

    static async Task<long?> LastByteAsync(RangeClient client, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.ProbeAsync(new RangeHeaderValue(null, 1), 0, 0, elsewhere: false, cancellationToken);
            return Stated(answer) ?? (answer.Range is { HasRange: true } range && range.From == range.To ? range.To + 1 : null);
        }
        // Not every server knows ranges that count from the end, and some answer nothing at all.
        catch (SlideSourceException e) when (e.Failure is not SlideSourceFailure.Forbidden)
        {
            return null;
        }
    }

    /// <summary>The length as an answer states it.</summary>
    static long? Stated(ProbeAnswer answer) => answer.Status == HttpStatusCode.OK && answer.Version.Packing is null ? answer.BodyLength : answer.Range?.Length;

    /// <summary>Whether the object ends before the range that was asked for.</summary>
    static bool EndsBefore(ProbeAnswer answer) =>
        answer.Status == HttpStatusCode.RequestedRangeNotSatisfiable || (answer is { Status: HttpStatusCode.PartialContent, BodyLength: 0 } && answer.Range is not { HasRange: true });
}
