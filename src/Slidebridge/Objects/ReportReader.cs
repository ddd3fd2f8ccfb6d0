using System.Text;

namespace Slidebridge.Objects;

/// <summary>Reads what a report counts or places: points, boxes, regions and segments, of each of the platform's report types.</summary>
sealed class ReportReader(IObjectReceiver receiver, FeatureReader features)
{
    static readonly byte[] Region = "region"u8.ToArray(), Counted = "object"u8.ToArray(), Mitosis = "mitosis"u8.ToArray();

    readonly ShapeBuffer shape = new();

    /// <summary>The parts of a report that hold objects, as offsets; −1 for a part that the report does not have.</summary>
    ref struct Parts
    {
        public ReadOnlySpan<byte> Type;
        public int Points = -1, Regions = -1, Objects = -1, Segments = -1, Thresholds = -1, OtherSegments = -1;

        public Parts()
        {
        }
    }

    /// <param name="json">The whole result.</param>
    /// <param name="cursor">At the report; moved behind it.</param>
    public void Read(ReadOnlySpan<byte> json, ref JsonCursor cursor)
    {
        var parts = new Parts();
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            cursor.Peek();
            if (name.SequenceEqual("type"u8)) parts.Type = JsonCursor.Unescaped(cursor.StringOrNothing());
            else
            {
                if (name.SequenceEqual("points"u8)) parts.Points = cursor.At;
                else if (name.SequenceEqual("regions"u8)) parts.Regions = cursor.At;
                else if (name.SequenceEqual("objects"u8)) parts.Objects = cursor.At;
                else if (name.SequenceEqual("segments"u8)) parts.Segments = cursor.At;
                else if (name.SequenceEqual("threshold_map"u8)) parts.Thresholds = cursor.At;
                else if (name.SequenceEqual("other_segments"u8)) parts.OtherSegments = cursor.At;
                cursor.Skip();
            }
        }
        Read(json, parts);
    }

    void Read(ReadOnlySpan<byte> json, Parts parts)
    {
        switch (Encoding.UTF8.GetString(parts.Type))
        {
            case "Basic": Segments(json, parts.Segments); break;
            case "WholeSlideDifferential" or "SemiQuantitativeDifferential": Points(json, parts.Points); break;
            case "AreaDifferential":
                Areas(json, parts.Regions, points: false);
                Areas(json, parts.Regions, points: true);
                break;
            case "RegionCounting": CountedIn(json, parts, Counted); break;
            case "AiMitosisCounting": CountedIn(json, parts, Mitosis); break;
            case "TumorCellularity": Cellularity(json, parts); break;
        }
    }

    void CountedIn(ReadOnlySpan<byte> json, Parts parts, byte[] type)
    {
        var cursor = new JsonCursor(json, Math.Max(0, parts.Regions));
        if (parts.Regions >= 0 && cursor.TryEnter('['))
            while (cursor.NextElement()) features.Read(json, ref cursor, new NamedRegion(Region, null));
        cursor = new JsonCursor(json, Math.Max(0, parts.Objects));
        if (parts.Objects < 0 || !cursor.TryEnter('[')) return;
        while (cursor.NextElement()) Box(ref cursor, type);
    }

    void Areas(ReadOnlySpan<byte> json, int at, bool points)
    {
        var cursor = new JsonCursor(json, Math.Max(0, at));
        if (at < 0 || !cursor.TryEnter('[')) return;
        while (cursor.NextElement())
        {
            int region = -1, of = -1;
            double? score = null;
            if (!cursor.TryEnter('{')) continue;
            while (cursor.NextMember(out var name))
            {
                cursor.Peek();
                if (name.SequenceEqual("score"u8)) score = cursor.NumberOrNothing();
                else
                {
                    if (name.SequenceEqual("region"u8)) region = cursor.At;
                    else if (name.SequenceEqual("points"u8)) of = cursor.At;
                    cursor.Skip();
                }
            }
            if (points) Points(json, of);
            else if (region >= 0)
            {
                var inner = new JsonCursor(json, region);
                features.Read(json, ref inner, new NamedRegion(Region, score));
            }
        }
    }

    void Cellularity(ReadOnlySpan<byte> json, Parts parts)
    {
        var cursor = new JsonCursor(json, Math.Max(0, parts.Thresholds));
        if (parts.Thresholds >= 0 && cursor.TryEnter('{'))
        {
            while (cursor.NextMember(out var label))
            {
                if (!cursor.TryEnter('{')) continue;
                while (cursor.NextMember(out var name))
                {
                    if (name.SequenceEqual("region"u8)) features.Read(json, ref cursor, new NamedRegion(label.ToArray(), null));
                    else cursor.Skip();
                }
            }
        }
        cursor = new JsonCursor(json, Math.Max(0, parts.OtherSegments));
        if (parts.OtherSegments < 0 || !cursor.TryEnter('{')) return;
        while (cursor.NextMember(out _))
        {
            cursor.Peek();
            Segments(json, cursor.At);
            cursor.Skip();
        }
    }

    void Segments(ReadOnlySpan<byte> json, int at)
    {
        var cursor = new JsonCursor(json, Math.Max(0, at));
        if (at < 0 || !cursor.TryEnter('[')) return;
        while (cursor.NextElement())
        {
            byte[] segment = [];
            var collection = -1;
            if (!cursor.TryEnter('{')) continue;
            while (cursor.NextMember(out var name))
            {
                cursor.Peek();
                if (name.SequenceEqual("name"u8)) segment = JsonCursor.Unescaped(cursor.StringOrNothing()).ToArray();
                else
                {
                    if (name.SequenceEqual("feature_collection"u8)) collection = cursor.At;
                    cursor.Skip();
                }
            }
            Collection(json, collection, segment);
        }
    }

    void Collection(ReadOnlySpan<byte> json, int at, byte[] segment)
    {
        var cursor = new JsonCursor(json, Math.Max(0, at));
        if (at < 0 || !cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (!name.SequenceEqual("features"u8)) cursor.Skip();
            else if (cursor.TryEnter('['))
                while (cursor.NextElement()) features.Read(json, ref cursor, new NamedRegion(segment, null));
        }
    }

    void Points(ReadOnlySpan<byte> json, int at)
    {
        var cursor = new JsonCursor(json, Math.Max(0, at));
        if (at < 0 || !cursor.TryEnter('[')) return;
        while (cursor.NextElement())
        {
            cursor.Peek();
            var start = cursor.At;
            ReadOnlySpan<byte> type = default;
            double x = 0, y = 0;
            double? score = null;
            if (!cursor.TryEnter('{')) continue;
            while (cursor.NextMember(out var name))
            {
                if (name.SequenceEqual("x"u8)) x = cursor.Number();
                else if (name.SequenceEqual("y"u8)) y = cursor.Number();
                else if (name.SequenceEqual("score"u8)) score = cursor.NumberOrNothing();
                else if (name.SequenceEqual("type"u8)) type = JsonCursor.Unescaped(cursor.StringOrNothing());
                else cursor.Skip();
            }
            shape.Clear(ShapeKind.Point);
            shape.Add(x, y);
            shape.EndRing(isHole: false);
            receiver.Receive(new FoundObject { ClassName = type, Score = score, Source = new SourceRange(start, cursor.At - start), Part = -1, IsCounted = true, Shape = shape });
        }
    }

    void Box(ref JsonCursor cursor, byte[] type)
    {
        cursor.Peek();
        var start = cursor.At;
        double x = 0, y = 0, width = 0, height = 0;
        if (!cursor.TryEnter('{')) return;
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("x"u8)) x = cursor.Number();
            else if (name.SequenceEqual("y"u8)) y = cursor.Number();
            else if (name.SequenceEqual("width"u8)) width = cursor.Number();
            else if (name.SequenceEqual("height"u8)) height = cursor.Number();
            else cursor.Skip();
        }
        shape.Clear(ShapeKind.Polygon);
        shape.Add(x, y);
        shape.Add(x + width, y);
        shape.Add(x + width, y + height);
        shape.Add(x, y + height);
        shape.Add(x, y);
        shape.EndRing(isHole: false);
        receiver.Receive(new FoundObject { ClassName = type, Source = new SourceRange(start, cursor.At - start), Part = -1, IsCounted = true, Shape = shape });
    }
}
