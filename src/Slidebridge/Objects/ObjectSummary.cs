using System.Text.Json.Serialization;

namespace Slidebridge.Objects;

/// <summary>What a page needs to know of a scan's objects before it draws any.</summary>
/// <param name="Version">Of this JSON and of the tiles.</param>
/// <param name="Width">The slide's width, level-0 pixels; if it is unknown, that of the objects.</param>
/// <param name="Height">Its height.</param>
/// <param name="TileEdge">Pixels of a level along one edge of a tile.</param>
/// <param name="Objects">All objects.</param>
/// <param name="Vertices">All vertices of the result.</param>
/// <param name="Box">Min x, min y, max x, max y of all objects, level-0 pixels; null without objects.</param>
/// <param name="Levels">The levels of tiles; the first is full resolution.</param>
/// <param name="Classes">The listed classes.</param>
/// <param name="LeftOut">What is drawn in part or not as it is written, by cause.</param>
sealed record ObjectSummary(
    [property: JsonPropertyName("version")] int Version,
    [property: JsonPropertyName("width")] double Width,
    [property: JsonPropertyName("height")] double Height,
    [property: JsonPropertyName("tileEdge")] int TileEdge,
    [property: JsonPropertyName("objects")] int Objects,
    [property: JsonPropertyName("vertices")] long Vertices,
    [property: JsonPropertyName("box")] double[]? Box,
    [property: JsonPropertyName("levels")] IReadOnlyList<SummarizedLevel> Levels,
    [property: JsonPropertyName("classes")] IReadOnlyList<SummarizedClass> Classes,
    [property: JsonPropertyName("leftOut")] IReadOnlyList<Omission> LeftOut);

/// <param name="Level">0 is full resolution.</param>
/// <param name="Columns">Tiles in a row.</param>
/// <param name="Rows">Tiles in a column.</param>
/// <param name="Downsample">Level-0 pixels in one pixel of the level.</param>
/// <param name="Tiles">The keys (column + row · columns) of the tiles that are not empty, in rising order; null if there are many.</param>
sealed record SummarizedLevel(
    [property: JsonPropertyName("level")] int Level,
    [property: JsonPropertyName("columns")] int Columns,
    [property: JsonPropertyName("rows")] int Rows,
    [property: JsonPropertyName("downsample")] double Downsample,
    [property: JsonPropertyName("tiles")] IReadOnlyList<uint>? Tiles);

/// <param name="Number">Its listed number, by which tiles and pages name it.</param>
/// <param name="Name">Its name; from the result, so it may be any text.</param>
/// <param name="Color"><c>#rrggbb</c>.</param>
/// <param name="Count">Its objects.</param>
/// <param name="Points">Those that are points.</param>
/// <param name="Lines">Those that are lines.</param>
/// <param name="Polygons">Those that are polygons.</param>
/// <param name="Colored">Those that have a colour which is not that of the class, as heatmaps do.</param>
/// <param name="LowestScore">Null without scores.</param>
/// <param name="HighestScore">Null without scores.</param>
/// <param name="Scores">The number of objects in each of 32 equal parts from the lowest to the highest score; null without scores.</param>
sealed record SummarizedClass(
    [property: JsonPropertyName("number")] int Number,
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("color")] string Color,
    [property: JsonPropertyName("count")] long Count,
    [property: JsonPropertyName("points")] long Points,
    [property: JsonPropertyName("lines")] long Lines,
    [property: JsonPropertyName("polygons")] long Polygons,
    [property: JsonPropertyName("colored")] long Colored,
    [property: JsonPropertyName("lowestScore")] float? LowestScore,
    [property: JsonPropertyName("highestScore")] float? HighestScore,
    [property: JsonPropertyName("scores")] IReadOnlyList<long>? Scores);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ObjectSummary))]
[JsonSerializable(typeof(ObjectPage))]
[JsonSerializable(typeof(ObjectDetail))]
[JsonSerializable(typeof(ObjectsAt))]
sealed partial class ObjectsJson : JsonSerializerContext;
