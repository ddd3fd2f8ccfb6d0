using System.Text.Json;

namespace Slidebridge.Objects;

/// <summary>Reads one geometry of GeoJSON into a <see cref="ShapeBuffer"/>.</summary>
static class GeometryReader
{
    /// <summary>Reads the geometry and moves the cursor behind it.</summary>
    /// <param name="cursor">At the geometry.</param>
    /// <param name="shape">Receives the vertices.</param>
    /// <returns>The offset of the list of geometries if the geometry is a collection; else −1.</returns>
    public static int Read(ref JsonCursor cursor, ShapeBuffer shape)
    {
        shape.Clear(ShapeKind.Polygon);
        if (!cursor.TryEnter('{')) return -1;
        ReadOnlySpan<byte> type = default;
        int coordinates = -1, geometries = -1;
        var isRead = false;
        while (cursor.NextMember(out var name))
        {
            if (name.SequenceEqual("type"u8)) type = JsonCursor.Unescaped(cursor.StringOrNothing());
            else if (name.SequenceEqual("coordinates"u8))
            {
                cursor.Peek();
                coordinates = cursor.At;
                if (type.IsEmpty) cursor.Skip(); // The type may come later.
                else
                {
                    ReadCoordinates(ref cursor, type, shape);
                    isRead = true;
                }
            }
            else
            {
                if (name.SequenceEqual("geometries"u8))
                {
                    cursor.Peek();
                    geometries = cursor.At;
                }
                cursor.Skip();
            }
        }
        if (type.SequenceEqual("GeometryCollection"u8)) return geometries;
        if (!isRead && coordinates >= 0)
        {
            var behind = cursor.At;
            cursor.At = coordinates;
            ReadCoordinates(ref cursor, type, shape);
            cursor.At = behind;
        }
        return -1;
    }

    static void ReadCoordinates(ref JsonCursor cursor, ReadOnlySpan<byte> type, ShapeBuffer shape)
    {
        switch (type)
        {
            case var _ when type.SequenceEqual("Polygon"u8):
                shape.Clear(ShapeKind.Polygon);
                ReadRings(ref cursor, shape);
                break;
            case var _ when type.SequenceEqual("MultiPolygon"u8):
                shape.Clear(ShapeKind.Polygon);
                if (!cursor.TryEnter('[')) return;
                while (cursor.NextElement()) ReadRings(ref cursor, shape);
                break;
            case var _ when type.SequenceEqual("Point"u8):
                shape.Clear(ShapeKind.Point);
                ReadPosition(ref cursor, shape);
                shape.EndRing(isHole: false);
                break;
            case var _ when type.SequenceEqual("MultiPoint"u8):
                shape.Clear(ShapeKind.Point);
                ReadPositions(ref cursor, shape);
                shape.EndRing(isHole: false);
                break;
            case var _ when type.SequenceEqual("LineString"u8):
                shape.Clear(ShapeKind.Line);
                ReadPositions(ref cursor, shape);
                shape.EndRing(isHole: false);
                break;
            case var _ when type.SequenceEqual("MultiLineString"u8):
                shape.Clear(ShapeKind.Line);
                ReadRings(ref cursor, shape);
                break;
            default:
                cursor.Skip();
                break;
        }
    }

    static void ReadRings(ref JsonCursor cursor, ShapeBuffer shape)
    {
        if (!cursor.TryEnter('[')) return;
        for (var isHole = false; cursor.NextElement(); isHole = true)
        {
            ReadPositions(ref cursor, shape);
            shape.EndRing(isHole);
        }
    }

    static void ReadPositions(ref JsonCursor cursor, ShapeBuffer shape)
    {
        if (!cursor.TryEnter('[')) return;
        while (true)
        {
            // Nearly all positions are written without white space and altitude.
            while (cursor.TryPosition(out var x, out var y)) shape.Add(x, y);
            if (!cursor.NextElement()) return;
            ReadPosition(ref cursor, shape);
        }
    }

    static void ReadPosition(ref JsonCursor cursor, ShapeBuffer shape)
    {
        if (!cursor.TryEnter('[')) return;
        if (!cursor.NextElement()) return;
        var x = cursor.Number();
        if (!cursor.NextElement()) throw new JsonException("A position has two numbers.");
        shape.Add(x, cursor.Number());
        while (cursor.NextElement()) cursor.Skip(); // The altitude (RFC 7946 §3.1.1).
    }
}
