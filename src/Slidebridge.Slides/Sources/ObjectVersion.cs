namespace Slidebridge.Slides.Sources;

/// <summary>How an answer identifies the version of its object.</summary>
/// <param name="Tag">Its ETag exactly as in the header, even without quotes; null if there is none.</param>
/// <param name="Modified">Its Last-Modified, if the server sends one.</param>
/// <param name="Packing">The Content-Encoding, if it is one that changes the bytes (gzip, br, …); null for none. Stores keep any value that an uploader set, so other values are ignored.</param>
/// <param name="IsSettled">True if the object had not changed for a minute when the answer was made, so that a later change shows in Last-Modified, whose unit is the second: RFC 9110 §8.8.2.2.</param>
sealed record ObjectVersion(string? Tag, DateTimeOffset? Modified, string? Packing, bool IsSettled)
{
    static readonly HashSet<string> Packings = new(["gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress"], StringComparer.OrdinalIgnoreCase);
    static readonly TimeSpan Settled = TimeSpan.FromSeconds(60);

    public static ObjectVersion Of(HttpResponseMessage answer)
    {
        var tag = answer.Headers.NonValidated.TryGetValues("ETag", out var values) ? values.ToString().Trim() : "";
        var modified = answer.Content.Headers.LastModified;
        return new ObjectVersion(tag.Length > 0 ? tag : null, modified, answer.Content.Headers.ContentEncoding.FirstOrDefault(Packings.Contains), answer.Headers.Date - modified >= Settled);
    }
}
