using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using Slidebridge.Verification;

namespace Slidebridge.Webhook;

/// <summary>Reads the body of a webhook, within its limits: decompressed, and as UTF-8 where its Content-Type names another encoding.</summary>
static class WebhookBody
{
    /// <summary>A request with a thousand presigned URLs is below this, in bytes; of a compressed body, decompressed.</summary>
    public const int Largest = 1 << 20;

    /// <summary>What a body may be compressed with, for Accept-Encoding (RFC 7694).</summary>
    public const string Encodings = "gzip, deflate, br";

    /// <summary>The whole body, or null where it is too large. Memory is taken for what has come, not for what was promised.</summary>
    /// <exception cref="WebhookEncodingException">It is compressed in a way that is not known.</exception>
    /// <exception cref="InvalidDataException">It is not compressed as it says.</exception>
    /// <exception cref="WebhookLimitException">Too much is being read.</exception>
    /// <exception cref="IOException">It broke off.</exception>
    public static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpRequest request, WebhookLimits limits, string from, CancellationToken cancellationToken)
    {
        if (request.ContentLength > Largest) return null;
        await using var stream = Decompressed(request);
        using var body = new MemoryStream();
        var part = ArrayPool<byte>.Shared.Rent(16 * 1024);
        var held = 0L;
        try
        {
            while (await stream.ReadAsync(part, cancellationToken) is > 0 and var count)
            {
                if (!limits.TryHold(from, count)) throw new WebhookLimitException();
                held += count;
                body.Write(part, 0, count);
                if (body.Length > Largest) return null;
            }
            return InUtf8(body.ToArray(), request);
        }
        finally
        {
            limits.LetGo(from, held);
            ArrayPool<byte>.Shared.Return(part, clearArray: true); // It held tokens.
        }
    }

    static Stream Decompressed(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
        "br" => new BrotliStream(request.Body, CompressionMode.Decompress),
        _ => throw new WebhookEncodingException($"The body's Content-Encoding is not known; send it as it is, or with one of {Encodings}."),
    };

    /// <summary>JSON is UTF-8, and its own bytes say where it is UTF-16 or UTF-32. Only what is none of them is taken for what the Content-Type says.</summary>
    static byte[] InUtf8(byte[] body, HttpRequest request)
    {
        if (Utf8.IsValid(body) || body.AsSpan().Contains((byte)0) || request.GetTypedHeaders().ContentType?.Charset.Value?.Trim('"') is not { Length: > 0 } charset) return body;
        try
        {
            var encoding = CodePagesEncodingProvider.Instance.GetEncoding(charset) ?? Encoding.GetEncoding(charset);
            return Encoding.Convert(encoding, Encoding.UTF8, body);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return body; // No encoding that is known: the parser says that the text is no Unicode.
        }
    }
}

/// <summary>A body is compressed in a way that is not known.</summary>
/// <param name="message">One sentence for the sender.</param>
sealed class WebhookEncodingException(string message) : Exception(message);
