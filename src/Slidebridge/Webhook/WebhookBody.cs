using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Unicode;
using Slidebridge.Verification;

namespace Slidebridge.Webhook;

/// <summary>Reads the body of a webhook, up to the size limit: decompresses it, and converts it to UTF-8 if its Content-Type names another encoding.</summary>
static class WebhookBody
{
    /// <summary>Maximum size in bytes, after decompression. A request with a thousand presigned URLs is smaller.</summary>
    public const int Largest = 1 << 20;

    /// <summary>The supported compressions, for Accept-Encoding (RFC 7694).</summary>
    public const string Encodings = "gzip, deflate, br";

    /// <summary>The whole body, or null if it is too large. Memory is allocated for received bytes, not for the announced Content-Length.</summary>
    /// <exception cref="WebhookEncodingException">The compression is not supported.</exception>
    /// <exception cref="InvalidDataException">The body cannot be decompressed as its Content-Encoding says.</exception>
    /// <exception cref="WebhookLimitException">Too many bytes of bodies are being read.</exception>
    /// <exception cref="IOException">The connection broke.</exception>
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
            ArrayPool<byte>.Shared.Return(part, clearArray: true); // The buffer held tokens.
        }
    }

    static Stream Decompressed(HttpRequest request) => request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant() switch
    {
        "" or "identity" => request.Body,
        "gzip" or "x-gzip" => new GZipStream(request.Body, CompressionMode.Decompress),
        "deflate" => new ZLibStream(request.Body, CompressionMode.Decompress),
        "br" => new BrotliStream(request.Body, CompressionMode.Decompress),
        _ => throw new WebhookEncodingException($"The body's Content-Encoding is not supported; send the body uncompressed, or with one of {Encodings}."),
    };

    /// <summary>JSON is UTF-8; the first bytes show UTF-16 and UTF-32. The Content-Type's charset is used only for a body that is none of these.</summary>
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
            return body; // Unknown encoding: the parser reports that the text is not Unicode.
        }
    }
}

/// <summary>The body has a compression that is not supported.</summary>
/// <param name="message">One sentence for the sender.</param>
sealed class WebhookEncodingException(string message) : Exception(message);
