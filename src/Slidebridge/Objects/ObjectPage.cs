using System.Text.Json;
using System.Text.Json.Serialization;

namespace Slidebridge.Objects;

/// <summary>The order of a table of objects.</summary>
enum ObjectOrder
{
    /// <summary>As in the result.</summary>
    Id,

    /// <summary>The highest score first; objects without a score last.</summary>
    Score,
}

/// <summary>Which objects a page lists.</summary>
/// <param name="Class">A listed class's number; null for all.</param>
/// <param name="LeastScore">Only objects with at least this score; null for all, also those without a score.</param>
/// <param name="Order">Their order.</param>
/// <param name="After">The last object of the page before; null for the first page.</param>
/// <param name="Limit">Maximum rows, 1 to 1000.</param>
sealed record ObjectQuery(int? Class = null, double? LeastScore = null, ObjectOrder Order = ObjectOrder.Id, long? After = null, int Limit = 100);

/// <param name="Objects">The rows.</param>
/// <param name="Next">For the next page: the value of <c>after</c>; null if this is the last one.</param>
sealed record ObjectPage(
    [property: JsonPropertyName("objects")] IReadOnlyList<ObjectRow> Objects,
    [property: JsonPropertyName("next")] long? Next)
{
    const int AtOnce = 512;

    /// <summary>Rows that one page looks at. A rare class may need several pages, some of them empty.</summary>
    const int MostLookedAt = 2_000_000;

    /// <summary>Reads a page.</summary>
    public static ObjectPage Read(ObjectIndex index, ObjectQuery query, CancellationToken cancellationToken)
    {
        var limit = Math.Clamp(query.Limit, 1, 1000);
        var found = new List<ObjectRow>();
        var byScore = query.Order == ObjectOrder.Score && index.HasScores;
        var position = query.After is not { } after || (after < 0) ? 0 : byScore ? PositionOf(index, after) + 1 : after + 1;
        var rows = new ObjectRecord[AtOnce];
        var ids = new uint[AtOnce];
        for (var end = Math.Min(index.Count, position + MostLookedAt); position < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = (int)Math.Min(AtOnce, end - position);
            if (byScore) index.ByScore(position, ids.AsSpan(0, count));
            else index.Rows(position, rows.AsSpan(0, count));
            for (var i = 0; i < count; i++, position++)
            {
                var id = byScore ? ids[i] : position;
                var row = byScore ? index.Row(id) : rows[i];
                // The following ones have lower scores, or none.
                if (byScore && query.LeastScore is not null && !(row.Score >= query.LeastScore)) return new ObjectPage(found, null);
                if ((query.Class is { } wanted && index.ListedOf(row) != wanted) || (query.LeastScore is { } least && !(row.Score >= least))) continue;
                found.Add(ObjectRow.Of(index, id, row));
                if (found.Count == limit) return new ObjectPage(found, position + 1 < index.Count ? id : null);
            }
            if (position >= end && position < index.Count) return new ObjectPage(found, byScore ? ids[count - 1] : position - 1);
        }
        return new ObjectPage(found, null);
    }

    static long PositionOf(ObjectIndex index, long id)
    {
        if (id >= index.Count) return index.Count;
        var wanted = ScoreKey.Of(index.Row(id).Score, (uint)id);
        long low = 0, high = index.Count - 1;
        Span<uint> one = stackalloc uint[1];
        while (low < high)
        {
            var middle = (low + high) / 2;
            index.ByScore(middle, one);
            if (ScoreKey.Of(index.Row(one[0]).Score, one[0]) < wanted) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>UTF-8 JSON.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, ObjectsJson.Default.ObjectPage);
}

/// <param name="Id">Its number in the result.</param>
/// <param name="Class">The listed number of its class.</param>
/// <param name="Name">The name of its class.</param>
/// <param name="Kind"><c>point</c>, <c>line</c> or <c>polygon</c>.</param>
/// <param name="Score">Its score, or null.</param>
/// <param name="Box">Min x, min y, max x, max y, level-0 pixels.</param>
/// <param name="Area">Square level-0 pixels.</param>
sealed record ObjectRow(
    [property: JsonPropertyName("id")] long Id,
    [property: JsonPropertyName("class")] int Class,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("score")] float? Score,
    [property: JsonPropertyName("box")] float[] Box,
    [property: JsonPropertyName("area")] float Area)
{
    public static ObjectRow Of(ObjectIndex index, long id, in ObjectRecord row) => new(
        id, index.ListedOf(row), index.NameOf(row), KindOf(row.Kind), row.HasScore ? row.Score : null, [row.MinX, row.MinY, row.MaxX, row.MaxY], row.Area);

    public static string KindOf(ShapeKind kind) => kind switch { ShapeKind.Point => "point", ShapeKind.Line => "line", _ => "polygon" };
}
