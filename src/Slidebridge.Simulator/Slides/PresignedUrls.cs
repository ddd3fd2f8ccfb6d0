using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Slidebridge.Simulator.Slides;

/// <summary>Why a presigned URL is refused, with S3's names.</summary>
enum UrlRefusal
{
    None,
    Expired,
    SignatureDoesNotMatch,
}

/// <summary>
/// Presigned URLs like those of S3 (AWS Signature Version 4, query parameters): the signature covers the method, the path and the query,
/// so HEAD is refused for a URL that was signed for GET. As S3 does, the query is brought into one form before it is signed: clients may write a character as it is or percent-encoded.
/// </summary>
sealed class PresignedUrls(TimeProvider time)
{
    const string Region = "us-east-1";
    const string SignatureName = "X-Amz-Signature";
    const string DateFormat = "yyyyMMdd'T'HHmmss'Z'";

    readonly string secret = Convert.ToHexString(RandomNumberGenerator.GetBytes(20));

    /// <summary>A URL of an object for GET.</summary>
    public string Sign(Uri server, string key, TimeSpan lifetime)
    {
        var date = time.GetUtcNow().ToString(DateFormat, CultureInfo.InvariantCulture);
        var query = string.Create(CultureInfo.InvariantCulture,
            $"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={Uri.EscapeDataString($"AKIALOCAL/{date[..8]}/{Region}/s3/aws4_request")}&X-Amz-Date={date}&X-Amz-Expires={(long)lifetime.TotalSeconds}&X-Amz-SignedHeaders=host");
        return $"{server.GetLeftPart(UriPartial.Authority)}{key}?{query}&X-Amz-Signature={Signature("GET", server.Authority, key, Canonical(QueryHelpers.ParseQuery(query)), date)}";
    }

    /// <summary>Whether a request's URL is valid for its method now.</summary>
    public UrlRefusal Check(HttpRequest request)
    {
        var query = request.Query;
        var date = query["X-Amz-Date"].ToString();
        var expected = Signature(request.Method, request.Host.Value!, request.Path.Value!, Canonical(query), date);
        if (!CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(expected), Encoding.UTF8.GetBytes(query[SignatureName].ToString()))) return UrlRefusal.SignatureDoesNotMatch;
        var signed = DateTimeOffset.ParseExact(date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        return signed.AddSeconds(double.Parse(query["X-Amz-Expires"].ToString(), CultureInfo.InvariantCulture)) < time.GetUtcNow() ? UrlRefusal.Expired : UrlRefusal.None;
    }

    /// <summary>Each name and value percent-encoded, sorted by name, without the signature: the canonical query string of Signature Version 4.</summary>
    static string Canonical(IEnumerable<KeyValuePair<string, StringValues>> query) => string.Join('&', query
        .Where(pair => pair.Key != SignatureName)
        .SelectMany(pair => pair.Value, (pair, value) => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(value ?? "")}")
        .Order(StringComparer.Ordinal));

    string Signature(string method, string host, string path, string query, string date)
    {
        var canonical = $"{method}\n{path}\n{query}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD";
        var day = date.Length >= 8 ? date[..8] : date;
        var toSign = $"AWS4-HMAC-SHA256\n{date}\n{day}/{Region}/s3/aws4_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = Mac(Mac(Mac(Mac(Encoding.UTF8.GetBytes("AWS4" + secret), day), Region), "s3"), "aws4_request");
        return Hex(Mac(key, toSign));
    }

    static byte[] Mac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
