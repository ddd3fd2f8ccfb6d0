using System.Text;
using System.Text.Json;

namespace Slidebridge.Sdk.Json;

/// <summary>An object has a key twice. It is not clear which value is meant, so neither is used.</summary>
sealed class RepeatedKeyException : JsonException
{
    RepeatedKeyException(string key, string path, long line, long position)
        : base($"the key '{Place.Shortened(key)}' is there twice ({path}; the second at line {line}, byte {position})", path, line - 1, position - 1) { }

    /// <summary>The position of the second one, as a clause: <c>line 3, byte 14</c>.</summary>
    public string Second => $"line {LineNumber + 1}, byte {BytePositionInLine + 1}";

    /// <param name="json">UTF-8 JSON, well-formed up to the second key.</param>
    /// <param name="second">The offset of the second key, in bytes.</param>
    /// <param name="options">The reader's options.</param>
    public static RepeatedKeyException At(ReadOnlySpan<byte> json, int second, JsonReaderOptions options)
    {
        var (key, place) = Walk(json, second, options);
        var before = json[..second];
        return new RepeatedKeyException(key, place.ToString(), before.Count((byte)'\n') + 1, second - before.LastIndexOf((byte)'\n'));
    }

    /// <summary>Finds the key at this offset, and its path. Done only for an error, because valid JSON does not need it.</summary>
    static (string Key, Place Place) Walk(ReadOnlySpan<byte> json, int second, JsonReaderOptions options)
    {
        var reader = new Utf8JsonReader(json, options);
        var open = new Stack<(Place Place, int Index)>(); // The index is -1 for an object.
        var at = Place.Root;
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName)
            {
                var key = TextOf(ref reader);
                at = open.Peek().Place.Member(key);
                if (reader.TokenStartIndex >= second) return (key, at);
                continue;
            }
            if (reader.TokenType is JsonTokenType.EndObject or JsonTokenType.EndArray)
            {
                open.Pop();
                continue;
            }
            if (open.TryPeek(out var parent) && parent.Index >= 0)
            {
                open.Pop();
                open.Push((parent.Place, parent.Index + 1));
                at = parent.Place.Element(parent.Index);
            }
            if (reader.TokenType is JsonTokenType.StartObject) open.Push((at, -1));
            else if (reader.TokenType is JsonTokenType.StartArray) open.Push((at, 0));
        }
        throw new InvalidOperationException("No key begins there."); // Impossible: the key was just read.
    }

    /// <summary>Works also if the bytes are not UTF-8: the key was compared as bytes.</summary>
    static string TextOf(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return Encoding.UTF8.GetString(reader.ValueSpan);
        }
    }
}
