using Microsoft.AspNetCore.Http.HttpResults;
using Slidebridge.Slides;

namespace Slidebridge.Viewing;

/// <summary>The answers to a viewer's requests for an open slide: of a task, or of a command.</summary>
static class SlideAnswers
{
    const string Ending = ".jpg";

    /// <summary>What the slide is, and where its tiles are.</summary>
    /// <param name="viewed">The slide.</param>
    /// <param name="tiles">The address of its tiles, which contains its key.</param>
    /// <param name="until">When it cannot be read any more; null: not known.</param>
    public static IResult Describe(ViewedSlide viewed, string tiles, DateTimeOffset? until) => TypedResults.Json(SlideView.Of(viewed, tiles, until), SlideViewJson.Default.SlideView);

    /// <summary>One of its tiles.</summary>
    /// <param name="viewed">The slide.</param>
    /// <param name="level">A level of the pyramid.</param>
    /// <param name="tile">As <c>COLUMN_ROW.jpg</c>.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IResult> TileAsync(ViewedSlide viewed, int level, string tile, CancellationToken cancellationToken) =>
        tile.EndsWith(Ending, StringComparison.Ordinal) && SlideTiles.Parse($"{level}/{tile[..^Ending.Length]}") is [var (_, column, row)] && await viewed.TileAsync(level, column, row, cancellationToken) is { } read
            ? TypedResults.Bytes(read.Bytes, read.ContentType) : TypedResults.Problem("There is no such tile.", statusCode: 404);

    /// <summary>The whole slide in one tile: the largest level of the pyramid that has no second one.</summary>
    public static async Task<IResult> OverviewAsync(ViewedSlide viewed, CancellationToken cancellationToken)
    {
        var level = viewed.LevelCount - 1;
        while (level > 0 && viewed.TilesOf(level) != (1, 1)) level--;
        var read = await viewed.TileAsync(level, 0, 0, cancellationToken);
        return TypedResults.Bytes(read!.Bytes, read.ContentType);
    }

    /// <summary>Several of its tiles: <see cref="SlideTiles"/>.</summary>
    /// <param name="viewed">The slide.</param>
    /// <param name="names">As <c>LEVEL/COLUMN_ROW,LEVEL/COLUMN_ROW</c>.</param>
    /// <param name="response">Receives them.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    public static async Task<IResult> TilesAsync(ViewedSlide viewed, string names, HttpResponse response, CancellationToken cancellationToken)
    {
        if (SlideTiles.Parse(names) is not { } tiles) return TypedResults.Problem("The tiles must be named as LEVEL/COLUMN_ROW,LEVEL/COLUMN_ROW.", statusCode: 400);
        await SlideTiles.WriteAsync(viewed, tiles, response, cancellationToken);
        return TypedResults.Empty;
    }

    /// <summary>Why a slide cannot be shown, in the words that a task would have.</summary>
    public static ProblemHttpResult Unreadable(SlidebridgeException e) => TypedResults.Problem(e.Message, statusCode: e switch
    {
        SlideNotShownException or SlideSourceException { HttpStatus: 401 or 403 or 404 or 410 } => 410,
        SlideSourceException => 502,
        _ => 422,
    });
}
