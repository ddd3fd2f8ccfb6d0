using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>What a source knows of its object: every later answer is compared with it, for bytes of an object that replaced this one must never be mixed in.</summary>
/// <param name="length">Bytes of the whole object.</param>
/// <param name="first">The answer that the source was opened with.</param>
sealed class SeenObject(long length, ObjectVersion first)
{
    ImmutableArray<string> tags = first.Tag is { } tag ? [tag] : [];
    volatile bool demandsNothing;

    /// <summary>Bytes of the whole object.</summary>
    public long Length { get; } = length;

    /// <summary>How the first answer named it.</summary>
    public ObjectVersion First { get; } = first;

    /// <summary>The ETags that are names of it: the first, and those of other nodes that were found to have the same bytes.</summary>
    public ImmutableArray<string> Tags => tags;

    /// <summary>Pieces of it that were read.</summary>
    public KnownBytes Known { get; } = new();

    /// <summary>Finds out what another name stands for.</summary>
    public OtherNames Names { get; } = new();

    /// <summary>Asks the server to refuse (412) if the object is another by now. A weak tag never matches, RFC 9110 §13.1.1.</summary>
    public void Demand(HttpRequestMessage request)
    {
        if (!demandsNothing && First.Tag is { } tag && EntityTagHeaderValue.TryParse(tag, out var parsed) && !parsed.IsWeak && tag != "*") request.Headers.IfMatch.Add(parsed);
    }

    /// <summary>No more If-Match: the server's nodes do not agree on the ETag. What an answer says of itself is compared all the same.</summary>
    public void DemandNothing() => demandsNothing = true;

    /// <summary>From now on a tag is a name of this object.</summary>
    public void Accept(string tag) => ImmutableInterlocked.Update(ref tags, (known, added) => known.Contains(added) ? known : known.Add(added), tag);

    /// <summary>Compares with a later answer: not every server heeds If-Match.</summary>
    public Sameness Compare(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed && answer.RequestMessage?.Headers.IfMatch.Count > 0) return Sameness.Unknown;
        var isSuccess = answer.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.OK;
        var length = answer.StatusCode switch
        {
            HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable => answer.Content.Headers.ContentRange?.Length,
            // A packed body has a length of its own.
            HttpStatusCode.OK when answer.Content.Headers.ContentEncoding.Count == 0 => answer.Content.Headers.ContentLength,
            _ => null,
        };
        if (length is { } found && found != Length) return Sameness.Replaced;
        return isSuccess ? Compare(ObjectVersion.Of(answer)) : Sameness.Same;
    }

    /// <summary>Compares what an answer says of its object.</summary>
    public Sameness Compare(ObjectVersion other)
    {
        var isOtherTime = First.Modified is { } before && other.Modified is { } now && before != now;
        if (First.Tag is null || (other.Tag is null && !demandsNothing)) return isOtherTime ? Sameness.Replaced : Sameness.Same;
        // Without If-Match, an answer must say itself what it is of.
        if (other.Tag is null) return First.Modified is not null && First.Modified == other.Modified ? Sameness.Same : Sameness.Replaced;
        if (tags.Contains(other.Tag)) return Sameness.Same;
        return isOtherTime ? Sameness.Replaced : Sameness.Unknown;
    }
}

/// <summary>Whether an answer is of the object that was opened.</summary>
enum Sameness
{
    Same,

    /// <summary>It has another ETag, and nothing else speaks against it.</summary>
    Unknown,

    Replaced,
}
