using System.Buffers;
using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Classifiers.Programs;

/// <summary>Splits the line of a <c>result</c> without parsing it into a document.</summary>
static class ResultLine
{
    public const int MostLevels = 128;

    static readonly JsonReaderOptions Options = new() { MaxDepth = MostLevels };

    /// <summary>Whether the beginning of a line is that of a result: its type must come before its results.</summary>
    public static bool Begins(ReadOnlySequence<byte> start)
    {
        try
        {
            var reader = new Utf8JsonReader(start, isFinalBlock: false, new JsonReaderState(Options));
            if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject) return false;
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var isType = reader.ValueTextEquals("type"u8);
                if (isType) return reader.Read() && reader.TokenType is JsonTokenType.String && reader.ValueTextEquals("result"u8);
                if (!reader.TrySkip()) return false;
            }
        }
        catch (JsonException)
        {
            // Not a message.
        }
        return false;
    }

    /// <summary>The message, and the bytes of its <c>results</c>, copied once; null if it is not a message of type <c>result</c>.</summary>
    /// <exception cref="RepeatedKeyException">The message has a key twice; keys inside <c>results</c> are not checked here.</exception>
    /// <exception cref="JsonException">The line is not valid JSON.</exception>
    public static ProgramMessage? Split(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line, Options);
        var rest = new ArrayBufferWriter<byte>(256);
        ReadOnlySequence<byte>? results = null;
        using var writer = new Utf8JsonWriter(rest);
        if (!reader.Read() || reader.TokenType is not JsonTokenType.StartObject) return null;
        writer.WriteStartObject();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = reader.ValueTextEquals("results"u8) ? null : reader.GetString();
            reader.Read();
            var start = reader.TokenStartIndex;
            reader.Skip();
            var value = line.Slice(start, reader.BytesConsumed - start);
            if (name is null)
            {
                results = value;
                writer.WriteNull("results"); // So that a second 'results' is detected.
                continue;
            }
            if (value.Length > MessageReader.LongestLine) return null;
            writer.WritePropertyName(name);
            writer.WriteRawValue(value);
        }
        reader.Read(); // Throws if more text follows.
        writer.WriteEndObject();
        writer.Flush();
        var document = Parse(rest.WrittenMemory, line);
        if (document.RootElement.TryGetProperty("type", out var type) && type.ValueEquals("result"u8)) return new ProgramMessage(document, results is { } found ? found.ToArray() : null);
        document.Dispose();
        return null;
    }

    static JsonDocument Parse(ReadOnlyMemory<byte> rest, ReadOnlySequence<byte> line)
    {
        try
        {
            return ReceivedJson.ParseDocument(rest, MostLevels);
        }
        catch (RepeatedKeyException)
        {
            ReceivedJson.CheckKeys(line.ToArray(), MostLevels); // Throws with the position in the line.
            throw;
        }
    }
}
