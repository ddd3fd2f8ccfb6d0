using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Objects;

/// <summary>The objects at one position of the slide.</summary>
/// <param name="Objects">The smallest object first.</param>
sealed record ObjectsAt([property: JsonPropertyName("objects")] IReadOnlyList<ObjectRow> Objects)
{
    /// <summary>Maximum objects.</summary>
    const int Most = 100;

    /// <summary>Tiles along an edge that one search looks at.</summary>
    const int MostTiles = 3;

    /// <summary>Finds the objects whose area contains a position, or whose outline, line or point is near it.</summary>
    /// <param name="index">The index.</param>
    /// <param name="x">Level-0 pixels.</param>
    /// <param name="y">Level-0 pixels.</param>
    /// <param name="tolerance">How near, level-0 pixels.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public static ObjectsAt Find(ObjectIndex index, double x, double y, double tolerance, CancellationToken cancellationToken)
    {
        if (!double.IsFinite(x) || !double.IsFinite(y) || index.Levels == 0) return new ObjectsAt([]);
        tolerance = Math.Clamp(double.IsFinite(tolerance) ? tolerance : 0, 0, TileFormat.Edge * (MostTiles - 1) / 2.0);
        var found = new Dictionary<long, float>();
        var areCounted = false;
        for (var row = (int)Math.Floor((y - tolerance) / TileFormat.Edge); row <= Math.Floor((y + tolerance) / TileFormat.Edge); row++)
        {
            for (var column = (int)Math.Floor((x - tolerance) / TileFormat.Edge); column <= Math.Floor((x + tolerance) / TileFormat.Edge); column++)
            {
                if (index.Tile(0, column, row) is not { } bytes) continue;
                var tile = new TileView(bytes);
                areCounted |= tile.Cells.Length > 0;
                Search(index, tile, (x - column * TileFormat.Edge) * TileFormat.Parts, (y - row * TileFormat.Edge) * TileFormat.Parts, tolerance * TileFormat.Parts, found);
            }
        }
        if (areCounted) SearchRows(index, x, y, tolerance, found, cancellationToken);
        return new ObjectsAt([.. found.OrderBy(each => each.Value).ThenBy(each => each.Key).Take(Most).Select(each => ObjectRow.Of(index, each.Key, index.Row(each.Key)))]);
    }

    static void Search(ObjectIndex index, TileView tile, double x, double y, double tolerance, Dictionary<long, float> found)
    {
        int ring = 0, vertex = 0;
        for (var i = 0; i < tile.Ids.Length; i++)
        {
            var lengths = tile.Lengths.Slice(ring, tile.Rings[i]);
            ring += lengths.Length;
            var count = 0;
            foreach (var length in lengths) count += length;
            var xy = tile.Xy.Slice(2 * vertex, 2 * count);
            vertex += count;
            if (!found.ContainsKey(tile.Ids[i]) && HitTest.IsHit((ShapeKind)tile.Kinds[i], xy, lengths, x, y, tolerance)) found[tile.Ids[i]] = SizeOf(index.Row(tile.Ids[i]));
        }
    }

    /// <summary>Where objects are so close together that the tile only counts them, their boxes decide.</summary>
    static void SearchRows(ObjectIndex index, double x, double y, double tolerance, Dictionary<long, float> found, CancellationToken cancellationToken)
    {
        var rows = new ObjectRecord[1024];
        for (var first = 0; first < index.Count && found.Count < Most; first += rows.Length)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var some = rows.AsSpan(0, Math.Min(rows.Length, index.Count - first));
            index.Rows(first, some);
            for (var i = 0; i < some.Length && found.Count < Most; i++)
            {
                ref var each = ref some[i];
                if (each.MinX - tolerance > x || each.MaxX + tolerance < x || each.MinY - tolerance > y || each.MaxY + tolerance < y) continue;
                if (each.Extent <= TileFormat.Edge) found.TryAdd(first + i, SizeOf(each)); // Larger ones are drawn.
            }
        }
    }

    static float SizeOf(in ObjectRecord row) => row.Kind == ShapeKind.Polygon ? row.Area : 0;

    /// <summary>UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ObjectsJson.Default.ObjectsAt);
}
