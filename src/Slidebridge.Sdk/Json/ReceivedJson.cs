using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Slidebridge.Sdk.Json;

/// <summary>
/// Reads JSON from other programs. Differences without ambiguity are accepted: a byte order mark, UTF-16 and UTF-32. An object with a duplicate key is ambiguous: it is refused, with its position.
/// The bridge reads all JSON that it has not written itself through this class.
/// </summary>
static class ReceivedJson
{
    static ReadOnlySpan<byte> Mark => "\uFEFF"u8;

    /// <summary>The text as UTF-8 without a byte order mark. JSON begins with an ASCII character, so the positions of zero bytes show the encoding (RFC 4627 §3).</summary>
    /// <exception cref="JsonException">The text is damaged UTF-16 or UTF-32.</exception>
    public static ReadOnlyMemory<byte> ToUtf8(ReadOnlyMemory<byte> received)
    {
        while (received.Span.StartsWith(Mark)) received = received[Mark.Length..];
        if (EncodingOf(received.Span) is not { } encoding) return received;
        try
        {
            return Encoding.UTF8.GetBytes(encoding.GetString(received.Span).TrimStart('\uFEFF'));
        }
        catch (ArgumentException)
        {
            throw new JsonException($"the text is not valid {encoding.WebName}");
        }
    }

    /// <summary>Parses JSON.</summary>
    /// <param name="received">The text, in any Unicode encoding.</param>
    /// <param name="maxDepth">Maximum nesting depth.</param>
    /// <exception cref="RepeatedKeyException">An object has a key twice.</exception>
    /// <exception cref="JsonException">The text is not JSON, or is nested too deeply.</exception>
    public static JsonNode? ParseNode(ReadOnlyMemory<byte> received, int maxDepth = 64)
    {
        var utf8 = ToUtf8(received);
        CheckKeys(utf8, maxDepth);
        return JsonNode.Parse(utf8.Span, null, new JsonDocumentOptions { MaxDepth = maxDepth });
    }

    /// <inheritdoc cref="ParseNode(ReadOnlyMemory{byte}, int)"/>
    public static JsonNode? ParseNode(string text, int maxDepth = 64) => ParseNode(Encoding.UTF8.GetBytes(text), maxDepth);

    /// <inheritdoc cref="ParseNode(ReadOnlyMemory{byte}, int)"/>
    public static JsonDocument ParseDocument(ReadOnlyMemory<byte> received, int maxDepth = 64)
    {
        var utf8 = ToUtf8(received);
        CheckKeys(utf8, maxDepth);
        return JsonDocument.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth });
    }

    /// <summary>The problem, as a clause: <c>not valid JSON at line 3, byte 5</c>.</summary>
    public static string Fault(JsonException e) => e switch
    {
        RepeatedKeyException => e.Message,
        { LineNumber: { } line } => $"not valid JSON at line {line + 1}, byte {e.BytePositionInLine + 1}",
        _ => e.Message,
    };

    /// <summary>Removes the byte order mark that some programs write before their first line, and some before each line.</summary>
    public static ReadOnlySequence<byte> WithoutMark(ReadOnlySequence<byte> line)
    {
        Span<byte> start = stackalloc byte[Mark.Length];
        while (line.Length >= Mark.Length)
        {
            line.Slice(0, Mark.Length).CopyTo(start);
            if (!start.SequenceEqual(Mark)) break;
            line = line.Slice(Mark.Length);
        }
        return line;
    }

    /// <summary>Checks that no object has a key twice.</summary>
    /// <exception cref="RepeatedKeyException">An object has a key twice.</exception>
    /// <exception cref="JsonException">The text is not JSON, or is nested too deeply.</exception>
    public static void CheckKeys(ReadOnlyMemory<byte> utf8, int maxDepth)
    {
        var (names, options) = (new MemberNames(utf8), new JsonReaderOptions { MaxDepth = maxDepth });
        for (var reader = new Utf8JsonReader(utf8.Span, options); reader.Read();)
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: names.Open(); break;
                case JsonTokenType.PropertyName: names.Add(ref reader); break;
                case JsonTokenType.EndObject: names.Close(); break;
            }
        }
        names.ThrowIfWrong(options);
    }

    static Encoding? EncodingOf(ReadOnlySpan<byte> text) => text switch
    {
        [0xFF, 0xFE, 0, 0, ..] or [not 0, 0, 0, 0, ..] => new UTF32Encoding(bigEndian: false, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0, 0, 0xFE, 0xFF, ..] or [0, 0, 0, not 0, ..] => new UTF32Encoding(bigEndian: true, byteOrderMark: true, throwOnInvalidCharacters: true),
        [0xFF, 0xFE, ..] or [not 0, 0, ..] => new UnicodeEncoding(bigEndian: false, byteOrderMark: true, throwOnInvalidBytes: true),
        [0xFE, 0xFF, ..] or [0, not 0, ..] => new UnicodeEncoding(bigEndian: true, byteOrderMark: true, throwOnInvalidBytes: true),
        _ => null,
    };
}
