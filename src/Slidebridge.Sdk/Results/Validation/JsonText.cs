using System.Text.Json;
using Slidebridge.Sdk.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>
/// Well-formed JSON as text. A document of the whole would take many times the memory of the text; so only small parts are ever parsed to documents,
/// and of each long list or object it is known where the list or object ends.
/// </summary>
sealed class JsonText
{
    /// <summary>Bytes from which on a value gets no document of its own.</summary>
    public const int Large = 64 * 1024;

    /// <summary>Where each large list or object ends, by where it begins.</summary>
    readonly Dictionary<int, int> ends = [];

    readonly int start;

    JsonText(ReadOnlyMemory<byte> json, bool allowTwice)
    {
        Bytes = json;
        start = Read(allowTwice ? null : new MemberNames(json));
        IsUnicode = UnicodeText.Is(json.Span);
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Every name and every string in it, also where no rule looks.</summary>
    public bool IsUnicode { get; }

    /// <summary>The outermost value.</summary>
    public Node Root(Problems problems) => new LargeValue(this, start, ends.TryGetValue(start, out var end) ? end : Bytes.Length).ToNode(Place.Root, problems);

    /// <summary>Reads the text once, from its beginning to its end.</summary>
    /// <exception cref="JsonException">It is no JSON, or too deep, or has a member twice that may not be, or a member's name that is not Unicode.</exception>
    public static JsonText Read(ReadOnlyMemory<byte> json, bool allowTwice) => new(json, allowTwice);

    /// <summary>Where a large list or object ends; false for any other value.</summary>
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
        // Only now: what is no JSON at all is told first, with its line.
        names?.ThrowIfWrong(options);
        return first;
    }

    void End(int begin, int end)
    {
        if (end - begin >= Large) ends.Add(begin, end);
    }
}
