using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace Slidebridge.Objects;

/// <summary>Everything about one object.</summary>
/// <param name="Row">As a table lists it.</param>
/// <param name="Perimeter">Level-0 pixels: circumference or length.</param>
/// <param name="Vertices">Its vertices.</param>
/// <param name="IsCounted">One of many that a report counts.</param>
/// <param name="Notes">What is not drawn as it is written.</param>
/// <param name="Properties">The feature's properties; of a point or box of a report, all of it. Any JSON.</param>
/// <param name="Outline">x, y, x, y, … of each ring, line or list of points, level-0 pixels, for highlighting; of a long outline, a part of the vertices.</param>
sealed record ObjectDetail(
    [property: JsonPropertyName("object")] ObjectRow Row,
    [property: JsonPropertyName("perimeter")] float Perimeter,
    [property: JsonPropertyName("vertices")] int Vertices,
    [property: JsonPropertyName("counted")] bool IsCounted,
    [property: JsonPropertyName("notes")] IReadOnlyList<string> Notes,
    [property: JsonPropertyName("properties")] JsonNode? Properties,
    [property: JsonPropertyName("outline")] IReadOnlyList<double[]> Outline)
{
    /// <summary>Maximum vertices of the outline.</summary>
    const int MostVertices = 4000;

    /// <summary>Larger properties are left out, bytes.</summary>
    const int MostPropertyBytes = 64 << 10;

    /// <summary>Where the object is written in the result; null if there is no such object.</summary>
    public static SourceRange? SourceOf(ObjectIndex index, long id)
    {
        if (id < 0 || id >= index.Count) return null;
        var row = index.Row(id);
        return new SourceRange(row.SourceOffset, row.SourceLength);
    }

    /// <summary>Reads an object.</summary>
    /// <param name="index">The index.</param>
    /// <param name="id">The object's number; it must exist.</param>
    /// <param name="source">The bytes of the result at <see cref="SourceOf"/>.</param>
    /// <exception cref="JsonException">The bytes are not those of the object: the index is of another result.</exception>
    public static ObjectDetail Read(ObjectIndex index, long id, ReadOnlySpan<byte> source)
    {
        var row = index.Row(id);
        var outline = new OutlineReader(row.Part);
        outline.Read(source, row);
        return new ObjectDetail(
            ObjectRow.Of(index, id, row), row.Perimeter, row.Vertices, row.Traits.HasFlag(ObjectTraits.Counted), NotesOf(row, source), PropertiesOf(source), outline.Lines(MostVertices));
    }

    static JsonNode? PropertiesOf(ReadOnlySpan<byte> source)
    {
        var cursor = new JsonCursor(source, 0);
        if (!cursor.TryEnter('{')) return null;
        var isFeature = false;
        while (cursor.NextMember(out var name))
        {
            cursor.Peek();
            var start = cursor.At;
            cursor.Skip();
            isFeature |= name.SequenceEqual("geometry"u8);
            if (name.SequenceEqual("properties"u8)) return cursor.At - start <= MostPropertyBytes ? JsonNode.Parse(source[start..cursor.At]) : null;
        }
        return isFeature || source.Length > MostPropertyBytes ? null : JsonNode.Parse(source);
    }

    static List<string> NotesOf(ObjectRecord row, ReadOnlySpan<byte> source)
    {
        var notes = new List<string>();
        if (row.Traits.HasFlag(ObjectTraits.Outside)) notes.Add("It lies outside the slide, so it is not drawn.");
        if (row.Traits.HasFlag(ObjectTraits.PartlyOutside)) notes.Add("It extends beyond the slide; only the part on the slide is drawn.");
        if (row.Traits.HasFlag(ObjectTraits.Moved)) notes.Add("Some of its coordinates are out of range and were replaced.");
        if (row.Traits.HasFlag(ObjectTraits.Thinned)) notes.Add("It has more vertices than can be drawn and is drawn with fewer.");
        if (row.Traits.HasFlag(ObjectTraits.Crossing)) notes.Add("Its outline crosses itself: what it encloses twice is not filled.");
        if (source.Length > MostPropertyBytes && PropertiesAreLong(source)) notes.Add("Its properties are too long to be shown.");
        return notes;
    }

    static bool PropertiesAreLong(ReadOnlySpan<byte> source)
    {
        var cursor = new JsonCursor(source, 0);
        if (!cursor.TryEnter('{')) return false;
        while (cursor.NextMember(out var name))
        {
            cursor.Peek();
            var start = cursor.At;
            cursor.Skip();
            if (name.SequenceEqual("properties"u8)) return cursor.At - start > MostPropertyBytes;
        }
        return false;
    }

    /// <summary>UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ObjectsJson.Default.ObjectDetail);
}
