using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>What a source knows about its object. Every later answer is compared with it, because bytes of an object that replaced this one must never be mixed in.</summary>
/// <param name="length">Bytes of the whole object.</param>
/// <param name="first">The answer that the source was opened with.</param>
sealed class SeenObject(long length, ObjectVersion first)
{
    ImmutableArray<string> tags = first.Tag is { } tag ? [tag] : [];
    volatile bool demandsNothing;

    /// <summary>Bytes of the whole object.</summary>
    public long Length { get; } = length;

    /// <summary>The object's version from the first answer.</summary>
    public ObjectVersion First { get; } = first;

    /// <summary>The ETags of this version: the first, and those of other nodes that have the same bytes.</summary>
    public ImmutableArray<string> Tags => tags;

    /// <summary>Pieces of the object's bytes.</summary>
    public KnownBytes Known { get; } = new();

    /// <summary>Determines what another ETag means.</summary>
    public OtherNames Names { get; } = new();

    /// <summary>Makes the server refuse (412) if the object was replaced. A weak tag never matches, RFC 9110 §13.1.1.</summary>
    public void Demand(HttpRequestMessage request)
    {
        if (!demandsNothing && First.Tag is { } tag && EntityTagHeaderValue.TryParse(tag, out var parsed) && !parsed.IsWeak && tag != "*") request.Headers.IfMatch.Add(parsed);
    }

    /// <summary>Stops using If-Match, because the server's nodes have different ETags. Answers are still compared by their headers.</summary>
    public void DemandNothing() => demandsNothing = true;

    /// <summary>Accepts a tag as another name of this object.</summary>
    public void Accept(string tag) => ImmutableInterlocked.Update(ref tags, (known, added) => known.Contains(added) ? known : known.Add(added), tag);

    /// <summary>Compares with a later answer: not every server supports If-Match.</summary>
    public Sameness Compare(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed && answer.RequestMessage?.Headers.IfMatch.Count > 0) return Sameness.Unknown;
        var isSuccess = answer.StatusCode is HttpStatusCode.PartialContent or HttpStatusCode.OK;
        var length = answer.StatusCode switch
        {
            HttpStatusCode.PartialContent or HttpStatusCode.RequestedRangeNotSatisfiable => answer.Content.Headers.ContentRange?.Length,
            // A compressed body has a different length.
            HttpStatusCode.OK when answer.Content.Headers.ContentEncoding.Count == 0 => answer.Content.Headers.ContentLength,
            _ => null,
        };
        if (length is { } found && found != Length) return Sameness.Replaced;
        return isSuccess ? Compare(ObjectVersion.Of(answer)) : Sameness.Same;
    }

    /// <summary>Compares the version that an answer states.</summary>
    public Sameness Compare(ObjectVersion other)
    {
        var isOtherTime = First.Modified is { } before && other.Modified is { } now && before != now;
        if (First.Tag is null || (other.Tag is null && !demandsNothing)) return isOtherTime ? Sameness.Replaced : Sameness.Same;
        // Without If-Match, the answer itself must state its version.
        if (other.Tag is null) return First.Modified is not null && First.Modified == other.Modified ? Sameness.Same : Sameness.Replaced;
        if (tags.Contains(other.Tag)) return Sameness.Same;
        return isOtherTime ? Sameness.Replaced : Sameness.Unknown;
    }
}

/// <summary>Whether an answer belongs to the object that was opened.</summary>
enum Sameness
{
    Same,

    /// <summary>True if only the ETag differs.</summary>
    Unknown,

    Replaced,
}
