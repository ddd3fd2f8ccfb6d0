using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>
/// Well-formed JSON as text. A document of the whole text would need many times its memory. So only small parts are parsed to documents,
/// and the end of each long list or object is recorded.
/// </summary>
sealed class JsonText
{
    /// <summary>From this number of bytes on, a value is not parsed to a document.</summary>
    public const int Large = 64 * 1024;

    /// <summary>The end of each large list or object, by its beginning.</summary>
    readonly Dictionary<int, int> ends = [];

    readonly int start;

    JsonText(ReadOnlyMemory<byte> json, bool allowTwice)
    {
        Bytes = json;
        start = Read(allowTwice ? null : new MemberNames(json));
        IsUnicode = UnicodeText.Is(json.Span);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>True if every name and every string is Unicode, including those that no rule checks.</summary>
    public bool IsUnicode { get; }

    /// <summary>The outermost value.</summary>
    public Node Root(Problems problems) => new LargeValue(this, start, ends.TryGetValue(start, out var end) ? end : Bytes.Length).ToNode(Place.Root, problems);

    /// <summary>Reads the text once, from its beginning to its end.</summary>
    /// <exception cref="JsonException">The text is not JSON, is nested too deeply, or has a duplicate member where that is not allowed, or a member name that is not Unicode.</exception>
    public static JsonText Read(ReadOnlyMemory<byte> json, bool allowTwice) => new(json, allowTwice);

    /// <summary>Gets the end of a large list or object; false for any other value.</summary>
    public bool TryFindEnd(int begin, out int end) => ends.TryGetValue(begin, out end);

    int Read(MemberNames? names)
    {
        var first = -1;
        Span<int> starts = stackalloc int[ResultsJson.MaxDepth];
        var options = new JsonReaderOptions { MaxDepth = ResultsJson.MaxDepth };
        var reader = new Utf8JsonReader(Bytes.Span, options);
        while (reader.Read())
        {
            if (first < 0) first = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject: names?.Open(); starts[reader.CurrentDepth] = (int)reader.TokenStartIndex; break;
                case JsonTokenType.StartArray: starts[reader.CurrentDepth] = (int)reader.TokenStartIndex; break;
                case JsonTokenType.PropertyName: names?.Add(ref reader); break;
                case JsonTokenType.EndObject: names?.Close(); End(starts[reader.CurrentDepth], (int)reader.BytesConsumed); break;
                case JsonTokenType.EndArray: End(starts[reader.CurrentDepth], (int)reader.BytesConsumed); break;
            }
        }
        // Throw this only now: invalid JSON must be reported first, with its line.
        names?.ThrowIfWrong(options);
        return first;
    }

    void End(int begin, int end)
    {
        if (end - begin >= Large) ends.Add(begin, end);
    }
}
