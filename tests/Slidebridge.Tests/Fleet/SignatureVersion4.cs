using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Slidebridge.Tests.Fleet;

/// <summary>A request as it is signed.</summary>
/// <param name="Path">Encoded, as it was sent.</param>
/// <param name="Query">As it was sent, without '?'.</param>
/// <param name="Headers">With names in any case.</param>
sealed record SignedRequest(string Method, string Path, string Query, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Body)
{
    /// <summary>All values of a header, as one.</summary>
    public string? this[string name] => Headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => Spaces(h.Value)).ToList() is { Count: > 0 } values ? string.Join(',', values) : null;

    static string Spaces(string value) => Regex.Replace(value.Trim(), " +", " ");
}

/// <summary>AWS's Signature Version 4, computed again from a request: written after AWS's description of it, and tested with AWS's test suite.</summary>
static partial class SignatureVersion4
{
    public static string Sign(SignedRequest request, string secret, string day, string region, string service, IReadOnlyList<string> signed)
    {
        var headers = string.Concat(signed.Select(name => $"{name}:{request[name]}\n"));
        var query = string.Join('&', request.Query.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Contains('=', StringComparison.Ordinal) ? pair : pair + "=").Order(StringComparer.Ordinal));
        var canonical = $"{request.Method}\n{request.Path}\n{query}\n{headers}\n{string.Join(';', signed)}\n{Hex(SHA256.HashData(request.Body))}";
        var text = $"AWS4-HMAC-SHA256\n{request["x-amz-date"]}\n{day}/{region}/{service}/aws4_request\n{Hex(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = new[] { day, region, service, "aws4_request" }.Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), Keyed);
        return Hex(Keyed(key, text));
    }

    /// <summary>Checks a request's signature. The error's code and words are AWS's; null: it is right.</summary>
    public static (string Code, string Text)? Check(SignedRequest request, string keyId, string secret, string? token, string region, string service, DateTimeOffset now)
    {
        if (Authorization().Match(request["authorization"] ?? "") is not { Success: true } parts) return ("IncompleteSignatureException", $"authorization: {request["authorization"]}");
        var (key, day, scope, signed, signature) = (parts.Groups[1].Value, parts.Groups[2].Value, parts.Groups[3].Value, parts.Groups[4].Value.Split(';'), parts.Groups[5].Value);
        if (key != keyId || request["x-amz-security-token"] != token) return ("UnrecognizedClientException", "The security token included in the request is invalid.");
        if (scope != $"{region}/{service}/aws4_request") return ("InvalidSignatureException", $"Credential should be scoped to a valid region, not '{scope}'.");
        if (!DateTimeOffset.TryParseExact(request["x-amz-date"], "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || !request["x-amz-date"]!.StartsWith(day, StringComparison.Ordinal))
            return ("IncompleteSignatureException", $"date {request["x-amz-date"]}");
        if ((now - at).Duration() > TimeSpan.FromMinutes(5)) return ("InvalidSignatureException", $"Signature expired: {at:O} is now earlier than {now:O} - 5 min.");
        if (!signed.SequenceEqual(signed.Order(StringComparer.Ordinal))) return ("IncompleteSignatureException", "the signed headers are not sorted");
        var needed = request.Headers.Select(h => h.Key.ToLowerInvariant()).Where(name => name.StartsWith("x-amz-", StringComparison.Ordinal)).Append("host").Append("x-amz-date");
        if (needed.FirstOrDefault(name => !signed.Contains(name)) is { } missing) return ("IncompleteSignatureException", $"{missing} is not signed");
        if (request["x-amz-content-sha256"] is { } hash && hash != Hex(SHA256.HashData(request.Body))) return ("InvalidSignatureException", "x-amz-content-sha256 is not the body's");
        return Sign(request, secret, day, region, service, signed) == signature ? null
            : ("InvalidSignatureException", $"The request signature we calculated does not match. The Canonical String for this request should have been 'x-amz-security-token:{token}'");
    }

    static byte[] Keyed(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));

    static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([a-z0-9/_-]+), SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})$")]
    private static partial Regex Authorization();
}
