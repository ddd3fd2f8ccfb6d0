using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>A list or an object that is too large for a document. Its text is parsed part by part, again for each enumeration.</summary>
sealed class LargeValue(JsonText text, int start, int end)
{
    /// <summary>Bytes of neighbouring small values that share one document: a document for each would cost more than reading it.</summary>
    const int Batch = JsonText.Large / 2;

    static readonly JsonReaderOptions Options = new() { MaxDepth = ResultsJson.MaxDepth + 1 };

    static readonly JsonReaderState InObject = After("{"u8), InList = After("["u8);

    public bool IsObject => Bytes.Span[0] == '{';

    /// <summary>The number of elements of a list, or of members of an object.</summary>
    public int Count => Parts().Sum(part => part.CountAndDispose());

    ReadOnlyMemory<byte> Bytes => text.Bytes[start..end];

    /// <summary>The value for the rules: as text if it is large, otherwise as a document.</summary>
    public Node ToNode(Place place, Problems problems) =>
        text.TryFindEnd(start, out _) ? new Node(this, place, problems) : new Node(ToElement(), place, problems);

    /// <summary>The value as a document, of any size.</summary>
    public JsonElement ToElement() => JsonDocument.Parse(Bytes, new JsonDocumentOptions { MaxDepth = Options.MaxDepth }).RootElement;

    /// <summary>Its elements or members, in order.</summary>
    public IEnumerable<Part> Parts()
    {
        for (var at = start + 1; Next(ref at) is { } part;) yield return part;
    }

    /// <summary>The part that begins at or after a position; moves the position to the part's end.</summary>
    Part? Next(ref int at)
    {
        var json = text.Bytes.Span[..end];
        at += json[at..].IndexOfAnyExcept(" \t\r\n,"u8);
        if (at == end - 1) return null;
        var reader = new Utf8JsonReader(json[at..], isFinalBlock: true, IsObject ? InObject : InList);
        var last = at;
        while (last - at < Batch && reader.Read() && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
        {
            var name = default(ReadOnlySpan<byte>);
            if (reader.TokenType is JsonTokenType.PropertyName && IsObject)
            {
                name = json[(at + (int)reader.TokenStartIndex)..(at + (int)reader.TokenStartIndex + reader.ValueSpan.Length + 2)];
                reader.Read();
            }
            var first = at + (int)reader.TokenStartIndex;
            var isLarge = text.TryFindEnd(first, out var close);
            if (!isLarge)
            {
                reader.Skip();
                close = at + (int)reader.BytesConsumed;
                isLarge = close - first >= JsonText.Large; // A long string.
            }
            if (isLarge && last > at) break; // Return the values before it first.
            if (isLarge)
            {
                at = close;
                return new Part(null, new LargeValue(text, first, close), NameOf(name));
            }
            last = close;
        }
        var several = Several(json[at..last]);
        at = last;
        return new Part(several, null, null);
    }

    JsonDocument Several(ReadOnlySpan<byte> values) =>
        JsonDocument.Parse((byte[])[IsObject ? (byte)'{' : (byte)'[', .. values, IsObject ? (byte)'}' : (byte)']'], new JsonDocumentOptions { MaxDepth = Options.MaxDepth });

    static string? NameOf(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty || !UnicodeText.Is(name)) return null;
        var reader = new Utf8JsonReader(name);
        reader.Read();
        return reader.GetString();
    }

    static JsonReaderState After(ReadOnlySpan<byte> bracket)
    {
        var reader = new Utf8JsonReader(bracket, isFinalBlock: false, new JsonReaderState(Options));
        reader.Read();
        return reader.CurrentState;
    }

    /// <summary>A part of a list or an object.</summary>
    /// <param name="Several">Neighbouring small values, wrapped in a list or an object; null if the part is one large value.</param>
    /// <param name="One">One large value.</param>
    /// <param name="Name">The large value's name in its object; null in a list, or if it is not Unicode.</param>
    public readonly record struct Part(JsonDocument? Several, LargeValue? One, string? Name)
    {
        public int CountAndDispose()
        {
            using (Several) return Several?.RootElement is not { } values ? 1 : values.ValueKind is JsonValueKind.Array ? values.GetArrayLength() : values.GetPropertyCount();
        }
    }
}
