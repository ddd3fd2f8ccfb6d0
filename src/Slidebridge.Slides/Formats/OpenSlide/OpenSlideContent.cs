using System.Globalization;

namespace Slidebridge.Slides.Formats.OpenSlide;

/// <summary>Converts the levels, images and properties of an open OpenSlide slide to those of this library.</summary>
static class OpenSlideContent
{
    const int OwnTile = 512, LargestTile = 4096, SmallestTile = 64;

    /// <param name="file">Owned by <paramref name="owned"/>.</param>
    /// <param name="owned">Disposed together with the slide.</param>
    public static SlideContent Describe(OpenSlideFile file, IAsyncDisposable owned)
    {
        var properties = file.Description.Properties.ToDictionary();
        var images = new Dictionary<string, TileSource>();
        foreach (var (name, width, height) in file.Description.Images)
            images[name] = new OpenSlideImage(file, name, Size(width), Size(height));
        var levels = file.Description.Levels.Count;
        if (levels is < 1 or > 64) throw new SlideFormatException($"OpenSlide reports that the slide has {levels} levels; expected 1 to 64.");
        return new SlideContent
        {
            Format = "openslide-" + properties.GetValueOrDefault("openslide.vendor", "unknown"),
            Levels = [.. Enumerable.Range(0, levels).Select(index => new OpenSlideTiles(file, LevelOf(file, index, properties)))],
            AssociatedImages = images,
            Mpp = Number(properties, "openslide.mpp-x") is { } x && Number(properties, "openslide.mpp-y") is { } y ? MicronsPerPixel.IfPlausible(x, y) : null,
            ObjectivePower = Number(properties, "openslide.objective-power") is > 0 and var power ? power : null,
            Bounds = BoundsOf(properties),
            Properties = properties,
            ReadIccProfile = token => Task.FromResult(file.Description.Profile),
            IsReadElsewhere = true,
            Owned = owned,
        };
    }

    static Level LevelOf(OpenSlideFile file, int index, Dictionary<string, string> properties)
    {
        var (width, height, downsample) = file.Description.Levels[index];
        if (!(downsample is >= 1 and < 1e9)) throw new SlideFormatException($"OpenSlide reports a downsample of {downsample} for level {index}; expected 1 or more.");
        return new Level(index, Size(width), Size(height), downsample, Tile("width"), Tile("height"), "openslide");

        int Tile(string side) => Number(properties, string.Create(CultureInfo.InvariantCulture, $"openslide.level[{index}].tile-{side}")) is >= SmallestTile and <= LargestTile and var size ? (int)size : OwnTile;
    }

    static SlideBounds? BoundsOf(Dictionary<string, string> properties) =>
        Number(properties, "openslide.bounds-x") is { } x && Number(properties, "openslide.bounds-y") is { } y
        && Number(properties, "openslide.bounds-width") is > 0 and var width && Number(properties, "openslide.bounds-height") is > 0 and var height
            ? new SlideBounds((long)x, (long)y, (long)width, (long)height)
            : null;

    static int Size(long size) => size is >= 1 and <= int.MaxValue ? (int)size : throw new SlideFormatException($"OpenSlide reports a side of {size} pixels; expected 1 to {int.MaxValue}.");

    static double? Number(Dictionary<string, string> properties, string key) =>
        properties.TryGetValue(key, out var text) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;
}
