using System.Globalization;
using System.Net;
using Slidebridge.Slides.Sources;

namespace Slidebridge.Staging;

/// <summary>What a presigned URL shows about itself. URLs come from outside: a part that cannot be read counts as unknown, and is never an error.</summary>
static class PresignedUrl
{
    const string AmazonDate = "yyyyMMdd'T'HHmmss'Z'";

    // S3 and Google allow seven days. A URL that claims a longer lifetime has no date to rely on.
    const long LongestLife = 100L * 365 * 86400;

    // In addition to the prefixes X-Amz- and X-Goog-. Azure's names are short words: they count only together with its sig.
    static readonly HashSet<string> Signing = new(["AWSAccessKeyId", "GoogleAccessId", "Key-Pair-Id", "Policy", "Signature", "Expires"], StringComparer.OrdinalIgnoreCase);
    static readonly HashSet<string> AzureSigning = new(
        ["sig", "sv", "se", "st", "sp", "sr", "spr", "sip", "skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "sdd", "ses"], StringComparer.OrdinalIgnoreCase);

    /// <summary>
    /// The object's address: the URL without its signature. All other parameters stay, because in some stores they select the object. The path also stays as it is, because for a store
    /// <c>a/../b</c> and <c>b</c> are two objects.
    /// </summary>
    /// <exception cref="UriFormatException">The text is not a slide's URL.</exception>
    public static string Unsigned(string url)
    {
        var query = Query(url);
        var kept = query.Where(p => !IsSigning(p.Key, query.ContainsKey("sig"))).OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{Uri.EscapeDataString(p.Key)}={Uri.EscapeDataString(p.Value)}");
        return $"{SlideUrl.Parse(url).GetLeftPart(UriPartial.Path)}?{string.Join('&', kept)}";
    }

    static bool IsSigning(string name, bool azure) =>
        name.StartsWith("X-Amz-", StringComparison.OrdinalIgnoreCase) || name.StartsWith("X-Goog-", StringComparison.OrdinalIgnoreCase)
        || Signing.Contains(name) || (azure && AzureSigning.Contains(name));

    /// <summary>When the URL expires, or null if it does not say.</summary>
    /// <remarks>
    /// <c>X-Amz-Date</c> + <c>X-Amz-Expires</c> (S3, Signature Version 4), <c>X-Goog-…</c> (Google Cloud Storage, V4), <c>se</c> beside <c>sig</c> (Azure SAS),
    /// <c>Expires</c> in Unix seconds beside <c>Signature</c> (CloudFront, and S3 and Google before V4).
    /// </remarks>
    public static DateTimeOffset? ExpiryOf(string url)
    {
        var query = Query(url);
        return Lifetime(query, "X-Amz-Date", "X-Amz-Expires")
            ?? Lifetime(query, "X-Goog-Date", "X-Goog-Expires")
            ?? (query.ContainsKey("sig") && query.TryGetValue("se", out var end) ? Moment(end) : null)
            ?? (query.ContainsKey("Signature") && query.TryGetValue("Expires", out var seconds) ? UnixTime(seconds) : null);
    }

    /// <summary>When the first of the URLs expires, or null if none says.</summary>
    public static DateTimeOffset? EarliestExpiry(IEnumerable<string> urls)
    {
        DateTimeOffset? earliest = null;
        foreach (var url in urls)
            if (ExpiryOf(url) is { } expiry && !(earliest <= expiry)) earliest = expiry;
        return earliest;
    }

    static Dictionary<string, string> Query(string url)
    {
        var values = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var start = url.IndexOf('?', StringComparison.Ordinal);
        if (start < 0) return values;
        foreach (var part in url[(start + 1)..].Split('#')[0].Split('&'))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) values.TryAdd(WebUtility.UrlDecode(part[..equals]), WebUtility.UrlDecode(part[(equals + 1)..]));
        }
        return values;
    }

    static DateTimeOffset? Lifetime(Dictionary<string, string> query, string date, string expires) =>
        query.TryGetValue(date, out var from) && query.TryGetValue(expires, out var life)
        && DateTimeOffset.TryParseExact(from, AmazonDate, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var start)
        && long.TryParse(life, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LongestLife
        && seconds <= (DateTimeOffset.MaxValue - start).TotalSeconds - 1
            ? start.AddSeconds(seconds)
            : null;

    // ISO 8601 as in SAS: a date, or a date and time to the minute, second or finer, in UTC.
    static DateTimeOffset? Moment(string text) =>
        text.Length <= 40 && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment : null;

    static DateTimeOffset? UnixTime(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
