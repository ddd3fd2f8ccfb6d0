using System.Text.Json.Serialization;
using Slidebridge.Slides;

namespace Slidebridge.Viewing;

/// <summary>What a viewer must know of a slide.</summary>
/// <param name="Width">Level-0 pixels.</param>
/// <param name="Height">Level-0 pixels.</param>
/// <param name="Mpp">Micrometres per level-0 pixel, horizontal and vertical; absent: the slide does not say.</param>
/// <param name="ObjectivePower">The magnification of the objective with which the slide was scanned; absent: the slide does not say.</param>
/// <param name="TileSize">A tile's width and height, in pixels of its level.</param>
/// <param name="Levels">Levels of the pyramid. The last one is the slide's level 0; each other has half the size of the next.</param>
/// <param name="Tiles">The address of the tiles; a tile is at <c>LEVEL/COLUMN_ROW.jpg</c> below it.</param>
/// <param name="Source">Where the pixels come from: <c>url</c>, the slide's own URLs, or <c>copy</c>, a copy in the staging directory.</param>
/// <param name="Until">When the first of the slide's URLs expires; absent: they do not say.</param>
/// <param name="Format">The slide's format.</param>
/// <param name="Warnings">What was repaired, skipped or doubtful in the slide so far.</param>
sealed record SlideView(int Width, int Height, double[]? Mpp, double? ObjectivePower, int TileSize, int Levels, string Tiles, string Source, DateTimeOffset? Until, string Format, IReadOnlyList<SlideWarning> Warnings)
{
    public static SlideView Of(ViewedSlide viewed, string tiles, DateTimeOffset? until) => new(
        viewed.Slide.Width, viewed.Slide.Height, viewed.Slide.Mpp is { } mpp ? [mpp.X, mpp.Y] : null, viewed.Slide.ObjectivePower,
        viewed.TileSize, viewed.LevelCount, tiles, viewed.IsCopy ? "copy" : "url", until, viewed.Slide.Format, viewed.Slide.Warnings);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(SlideView))]
sealed partial class SlideViewJson : JsonSerializerContext;
