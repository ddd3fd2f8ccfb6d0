using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Settings;

/// <summary>A JSON value with its line number, so that an error in a settings file can name the line.</summary>
/// <param name="Kind">The kind of value.</param>
/// <param name="Line">From 1.</param>
/// <param name="Text">A string's or a number's text.</param>
/// <param name="Members">An object's members, in their order; empty for an empty list, because PHP and others write an object without members as one.</param>
/// <param name="Items">A list's items.</param>
sealed record LocatedJson(JsonValueKind Kind, int Line, string? Text = null, IReadOnlyList<LocatedMember>? Members = null, IReadOnlyList<LocatedJson>? Items = null)
{
    /// <summary>Parses a file; comments and trailing commas are allowed.</summary>
    /// <exception cref="JsonException">The file is not valid JSON.</exception>
    public static LocatedJson Parse(ReadOnlyMemory<byte> file)
    {
        var utf8 = ReceivedJson.ToUtf8(file).Span;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
        reader.Read();
        var value = Read(ref reader, utf8);
        reader.Read(); // Throws if more text follows.
        return value;
    }

    /// <summary>The value without line numbers.</summary>
    public JsonNode? ToNode() => Kind switch
    {
        JsonValueKind.Object => ToObject(),
        JsonValueKind.Array => new JsonArray([.. Items!.Select(item => item.ToNode())]),
        JsonValueKind.String => JsonValue.Create(Text),
        JsonValueKind.Number => JsonNode.Parse(Text!),
        JsonValueKind.True or JsonValueKind.False => JsonValue.Create(Kind is JsonValueKind.True),
        _ => null,
    };

    /// <summary>The object without line numbers; null if the value is not an object.</summary>
    public JsonObject? ToObject() => Members is null ? null : new JsonObject(Members.Select(m => KeyValuePair.Create(m.Name, m.Value.ToNode())));

    static LocatedJson Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8)
    {
        var line = LineOf(utf8, reader.TokenStartIndex);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var members = new List<LocatedMember>();
                while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
                {
                    var (name, at) = (TextOf(ref reader, line), LineOf(utf8, reader.TokenStartIndex));
                    reader.Read();
                    members.Add(new(name, at, Read(ref reader, utf8)));
                }
                return new(JsonValueKind.Object, line, Members: members);
            case JsonTokenType.StartArray:
                var items = new List<LocatedJson>();
                while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray) items.Add(Read(ref reader, utf8));
                return new(JsonValueKind.Array, line, Members: items.Count == 0 ? [] : null, Items: items);
            case JsonTokenType.String:
                return new(JsonValueKind.String, line, TextOf(ref reader, line));
            case JsonTokenType.Number:
                return new(JsonValueKind.Number, line, System.Text.Encoding.UTF8.GetString(reader.ValueSpan));
            default:
                return new(reader.TokenType switch { JsonTokenType.True => JsonValueKind.True, JsonTokenType.False => JsonValueKind.False, _ => JsonValueKind.Null }, line);
        }
    }

    static string TextOf(ref Utf8JsonReader reader, int line)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("A string contains an unpaired surrogate.", null, line - 1, 0, e);
        }
    }

    static int LineOf(ReadOnlySpan<byte> utf8, long index) => utf8[..(int)index].Count((byte)'\n') + 1;
}

/// <summary>A member of an object.</summary>
/// <param name="Name">The member's name.</param>
/// <param name="Line">The name's line.</param>
/// <param name="Value">The member's value.</param>
sealed record LocatedMember(string Name, int Line, LocatedJson Value);
