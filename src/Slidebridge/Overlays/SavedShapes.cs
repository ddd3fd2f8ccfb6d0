using System.Text.Json;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Overlays;

/// <summary>Reads the shapes of a saved result one by one: a large result as objects would use many times its size in memory.</summary>
static class SavedShapes
{
    /// <summary>The shapes of one scan; empty if it has no result.</summary>
    /// <param name="json">A valid result.</param>
    /// <param name="scanId">The scan.</param>
    /// <param name="largestReport">A report of more bytes is skipped.</param>
    public static IEnumerable<FoundShape> Of(ReadOnlyMemory<byte> json, string scanId, int largestReport = int.MaxValue)
    {
        if (ScanOf(json, scanId) is not { } scan) return [];
        var shapes = Member(scan, "geojson"u8) is { } annotations && Member(annotations, "features"u8) is { } features ? Elements(features).SelectMany(FeatureShapes) : [];
        return Member(scan, "workflow"u8) is { } workflow && workflow.Length <= largestReport ? shapes.Concat(ResultsJson.ReadWorkflow(workflow.Span).Report.Shapes()) : shapes;
    }

    static IEnumerable<FoundShape> FeatureShapes(ReadOnlyMemory<byte> feature) => FoundShape.Of(ResultsJson.ReadFeature(feature.Span));

    static ReadOnlyMemory<byte>? ScanOf(ReadOnlyMemory<byte> json, string scanId)
    {
        foreach (var scan in Elements(Member(json, "scanResults"u8) ?? "[]"u8.ToArray()))
            if (Member(scan, "scanId"u8) is { } id && new Utf8JsonReader(id.Span) is var reader && reader.Read() && reader.ValueTextEquals(scanId)) return scan;
        return null;
    }

    /// <summary>The value of a member; null if it is missing or null.</summary>
    static ReadOnlyMemory<byte>? Member(ReadOnlyMemory<byte> json, ReadOnlySpan<byte> name)
    {
        var reader = new Utf8JsonReader(json.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var isIt = reader.ValueTextEquals(name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            if (isIt && reader.TokenType is JsonTokenType.Null) return null;
            reader.Skip();
            if (isIt) return json[start..(int)reader.BytesConsumed];
        }
        return null;
    }

    static IEnumerable<ReadOnlyMemory<byte>> Elements(ReadOnlyMemory<byte> list)
    {
        for (var at = 1; Next(list, ref at) is { } element;) yield return element;
    }

    static ReadOnlyMemory<byte>? Next(ReadOnlyMemory<byte> list, ref int at)
    {
        at += list.Span[at..].IndexOfAnyExcept(" \t\r\n,"u8);
        if (list.Span[at] == ']') return null;
        var reader = new Utf8JsonReader(list.Span[at..]);
        reader.Read();
        reader.Skip();
        var element = list.Slice(at, (int)reader.BytesConsumed);
        at += element.Length;
        return element;
    }
}
