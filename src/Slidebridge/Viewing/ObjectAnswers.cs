using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Objects;

namespace Slidebridge.Viewing;

/// <summary>The answers to a viewer's requests for the objects of an index, of a task's result or of a local one.</summary>
static class ObjectAnswers
{
    /// <summary>Classes with counts and scores, and what cannot be drawn.</summary>
    public static IResult Summary(ObjectIndex index) => TypedResults.Bytes(index.Summary.ToArray(), "application/json");

    /// <summary>A tile of objects: docs/decisions/objects.md. No content if it is empty.</summary>
    public static IResult Tile(ObjectIndex index, int level, int x, int y) => index.Tile(level, x, y) is { } tile ? TypedResults.Bytes(tile, "application/octet-stream") : TypedResults.NoContent();

    /// <summary>The objects as a table, by key.</summary>
    /// <param name="index">The index.</param>
    /// <param name="order">By score, or by id.</param>
    /// <param name="after">The page after this key.</param>
    /// <param name="cls">Only this class.</param>
    /// <param name="score">Only objects with this score or more.</param>
    /// <param name="limit">Maximum rows.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static IResult Page(ObjectIndex index, string? order, long? after, int? cls, double? score, int limit, CancellationToken cancellationToken) =>
        Json(ObjectPage.Read(index, new ObjectQuery(cls, score, order == "score" ? ObjectOrder.Score : ObjectOrder.Id, after, limit), cancellationToken).ToJson());

    /// <summary>The objects at a level-0 position, the smallest first.</summary>
    public static IResult At(ObjectIndex index, double x, double y, double within, CancellationToken cancellationToken) => Json(ObjectsAt.Find(index, x, y, within, cancellationToken).ToJson());

    /// <summary>One object: its measures, its properties and its outline.</summary>
    public static IResult One(ObjectDetail? found) => found is null ? TypedResults.Problem("There is no such object.", statusCode: 404) : Json(found.ToJson());

    static FileContentHttpResult Json(byte[] json) => TypedResults.Bytes(json, "application/json");
}
