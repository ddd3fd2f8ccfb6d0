using System.Buffers;
using System.Text.Json;

namespace Slidebridge.Sdk.Results.Validation;

/// <summary>
/// PHP and other languages write an object without members as <c>[]</c>. If the schema requires an object that may be empty, an empty list is replaced by an empty object. If the schema has an optional object
/// with required members, an empty list is replaced by null. Free values are not changed: a list may be meant.
/// </summary>
sealed class EmptyLists
{
    const string Object = "{}", Absent = "null";

    static readonly EmptyLists Feature = new() { Members = { ["properties"] = new(Object) } };

    static readonly EmptyLists Segment = new() { Members = { ["feature_collection"] = new() { Members = { ["features"] = new() { Each = Feature } } } } };

    static readonly EmptyLists Region = new() { Members = { ["properties"] = new(Object), ["region"] = Feature } };

    static readonly EmptyLists Report = new()
    {
        Members =
        {
            ["scores"] = new(Object),
            ["threshold_map"] = new(Object) { Each = new() { Members = { ["distributions"] = new(Object), ["region"] = Feature } } },
            ["other_segments"] = new(Object) { Each = new() { Each = Segment } },
            ["segments"] = new() { Each = Segment },
            ["regions"] = new() { Each = Region },
        },
    };

    static readonly EmptyLists Scan = new()
    {
        Members = { ["results"] = new(Object), ["geojson"] = new(Absent), ["workflow"] = new(Absent) { Members = { ["report"] = Report } } },
    };

    static readonly EmptyLists Body = new()
    {
        Members = { ["caseResults"] = new(Object) { Members = { ["triage"] = new(Absent) } }, ["scanResults"] = new() { Each = Scan } },
    };

    /// <summary>The replacement for an empty list at this position; null if the schema has a list.</summary>
    readonly string? meant;

    EmptyLists(string? meant = null) => this.meant = meant;

    /// <summary>The rules for an object's members, by name.</summary>
    Dictionary<string, EmptyLists> Members { get; } = [];

    /// <summary>The rule for every element or member.</summary>
    EmptyLists? Each { get; init; }

    /// <summary>The results with each such list replaced; null if there is none, or if the text is not JSON.</summary>
    /// <param name="json">UTF-8 without a byte order mark.</param>
    public static byte[]? Replaced(ReadOnlyMemory<byte> json)
    {
        try
        {
            var (copy, copied) = (new ArrayBufferWriter<byte>(), 0);
            var reader = new Utf8JsonReader(json.Span, new JsonReaderOptions { MaxDepth = ResultsJson.MaxDepth });
            if (!reader.Read()) return null;
            Body.Read(ref reader, json.Span, copy, ref copied);
            if (copied == 0) return null;
            copy.Write(json.Span[copied..]);
            return copy.WrittenSpan.ToArray();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // The rules report the problem.
        }
    }

    /// <summary>Reads a value to its end.</summary>
    void Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> copy, ref int copied)
    {
        if (reader.TokenType is JsonTokenType.StartArray)
        {
            var start = (int)reader.TokenStartIndex;
            while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray) Inner(Each, ref reader, json, copy, ref copied);
            if (meant is null || json[(start + 1)..((int)reader.BytesConsumed - 1)].ContainsAnyExcept(" \t\r\n"u8)) return;
            copy.Write(json[copied..start]);
            copy.Write(System.Text.Encoding.UTF8.GetBytes(meant));
            copied = (int)reader.BytesConsumed;
        }
        else if (reader.TokenType is JsonTokenType.StartObject)
        {
            while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
            {
                var member = Members.Count == 0 ? Each : Members.GetValueOrDefault(reader.GetString()!) ?? Each;
                reader.Read();
                Inner(member, ref reader, json, copy, ref copied);
            }
        }
    }

    static void Inner(EmptyLists? known, ref Utf8JsonReader reader, ReadOnlySpan<byte> json, ArrayBufferWriter<byte> copy, ref int copied)
    {
        if (known is null) reader.Skip();
        else known.Read(ref reader, json, copy, ref copied);
    }
}
