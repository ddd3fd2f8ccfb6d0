using System.Net.Http.Headers;

namespace Slidebridge.Slides.Sources;

/// <summary>Which object the first answer came from; every later one must be the same.</summary>
/// <param name="Length">Bytes of the whole object.</param>
/// <param name="Tag">Its ETag, where the server sends one.</param>
/// <param name="Modified">Its Last-Modified, where the server sends one.</param>
sealed record ObjectVersion(long Length, EntityTagHeaderValue? Tag, DateTimeOffset? Modified)
{
    /// <summary>Asks the server to refuse (412) if the object is another by now. A weak tag never matches, RFC 9110 §13.1.1.</summary>
    public void Demand(HttpRequestMessage request)
    {
        if (Tag is { IsWeak: false }) request.Headers.IfMatch.Add(Tag);
    }

    /// <summary>Compares with a later answer: not every server heeds If-Match.</summary>
    public bool IsThatOf(HttpResponseMessage answer, long? length)
    {
        if (length is { } found && found != Length) return false;
        if (Tag is not null && answer.Headers.ETag is { } tag) return tag.Equals(Tag);
        return Modified is null || answer.Content.Headers.LastModified is not { } modified || modified == Modified;
    }
}
