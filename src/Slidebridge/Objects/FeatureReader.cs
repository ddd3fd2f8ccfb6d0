using System.Text;
using SkiaSharp;

namespace Slidebridge.Objects;

/// <summary>Reads GeoJSON features as objects: annotations, heatmaps and a report's regions.</summary>
sealed class FeatureReader(IObjectReceiver receiver)
{
    /// <summary>Names of a number among a feature's properties that is its score; the first that is there counts.</summary>
    static readonly byte[][] ScoreNames = ["score"u8.ToArray(), "confidence"u8.ToArray(), "probability"u8.ToArray()];

    /// <summary>Maximum nesting of collections; validated results are not nested more deeply.</summary>
    const int MostNested = 64;

    readonly ShapeBuffer shape = new();

    /// <summary>Passes the feature's objects on: one, or one for each geometry of a collection.</summary>
    /// <param name="json">The whole result.</param>
    /// <param name="cursor">At the feature; moved behind it.</param>
    /// <param name="region">The class of a report's region, and its score; null for an annotation, whose properties decide.</param>
    public void Read(ReadOnlySpan<byte> json, ref JsonCursor cursor, NamedRegion? region)
    {
        cursor.Peek();
        var start = cursor.At;
        int geometry = -1, collection = -1, colors = -1;
        var annotation = new NamedRegion();
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("geometry"u8))
            {
                cursor.Peek();
                geometry = cursor.At;
                collection = GeometryReader.Read(ref cursor, shape);
            }
            else if (name.SequenceEqual("properties"u8)) annotation = Properties(ref cursor, out colors);
            else cursor.Skip();
        }
        if (geometry < 0) return;
        var named = region ?? annotation;
        var found = new FoundObject { ClassName = named.Name.Span, Score = named.Score, Source = new SourceRange(start, cursor.At - start), Part = -1, Shape = shape };
        if (collection < 0) receiver.Receive(found);
        else
        {
            var part = 0;
            ReadCollection(json, collection, region is null ? colors : -1, ref found, ref part, 0);
        }
    }

    void ReadCollection(ReadOnlySpan<byte> json, int geometries, int colors, ref FoundObject found, ref int part, int depth)
    {
        var each = new JsonCursor(json, geometries);
        var color = new JsonCursor(json, Math.Max(0, colors));
        var hasColors = colors >= 0 && color.TryEnter('[');
        if (depth > MostNested || !each.TryEnter('[')) return;
        while (each.NextElement())
        {
            found.Color = (hasColors = hasColors && color.NextElement()) ? ColorOf(color.StringOrNothing()) : 0;
            var inner = GeometryReader.Read(ref each, shape);
            if (inner >= 0)
            {
                ReadCollection(json, inner, -1, ref found, ref part, depth + 1);
                continue;
            }
            found.Part = part++;
            receiver.Receive(found);
        }
    }

    static NamedRegion Properties(ref JsonCursor cursor, out int colors)
    {
        colors = -1;
        byte[] type = [];
        double? score = null;
        var rank = ScoreNames.Length;
        if (!cursor.TryEnter('{')) return new NamedRegion();
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("annotation_type"u8)) type = Same(type, JsonCursor.Unescaped(cursor.StringOrNothing()));
            else if (name.SequenceEqual("contour_colors"u8))
            {
                cursor.Peek();
                colors = cursor.At;
                cursor.Skip();
            }
            else if (RankOf(name) is var r && r < rank)
            {
                if (cursor.NumberOrNothing() is { } number) (score, rank) = (number, r);
            }
            else cursor.Skip();
        }
        return new NamedRegion(type, score);
    }

    static int RankOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < ScoreNames.Length; i++)
            if (name.SequenceEqual(ScoreNames[i])) return i;
        return ScoreNames.Length;
    }

    // A result has few types and many features: the last type's array is used again.
    [ThreadStatic]
    static byte[]? lastType;

    static byte[] Same(byte[] none, ReadOnlySpan<byte> type) =>
        type.IsEmpty ? none : lastType is { } last && type.SequenceEqual(last) ? last : lastType = type.ToArray();

    /// <summary>0xffrrggbb; 0 if the text is not a colour.</summary>
    static uint ColorOf(ReadOnlySpan<byte> text) =>
        text.Length is > 0 and <= 32 && SKColor.TryParse(Encoding.UTF8.GetString(text), out var color) ? 0xff000000 | (uint)color : 0;
}

/// <param name="Name">The name of the class, UTF-8; empty if there is none.</param>
/// <param name="Score">The score, or null.</param>
readonly record struct NamedRegion(ReadOnlyMemory<byte> Name, double? Score);
