using Slidebridge.Slides.Formats;
using Slidebridge.Slides.Pixels;

namespace Slidebridge.Slides.Tiles;

/// <summary>Checks for problems that would cause a warning when a slide is read.</summary>
static class Examination
{
    /// <summary>Checks the index of the tiles of each level and of each associated image, and decodes one tile of each.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task RunAsync(SlideContent content, bool withholdLabels, SlideWarnings warnings, CancellationToken cancellationToken)
    {
        foreach (var level in content.Levels) await ExamineAsync($"Level {level.Level.Index}", level, warnings, cancellationToken);
        foreach (var (name, image) in content.AssociatedImages)
            if (!withholdLabels || !SlideWithheldException.Concerns(name)) await ExamineAsync($"The {name}", image, warnings, cancellationToken);
    }

    static async Task ExamineAsync(string name, TileSource tiles, SlideWarnings warnings, CancellationToken cancellationToken)
    {
        try
        {
            tiles.CheckDecodable();
            await tiles.ExamineAsync(cancellationToken);
            await DecodeOneAsync(tiles, cancellationToken);
        }
        catch (SlideFormatException e)
        {
            warnings.Add(WarningCode.PictureUnreadable, e.Message.StartsWith(name, StringComparison.Ordinal) ? e.Message : $"{name} cannot be decoded: {e.Message}");
        }
    }

    // A tile may be as large as a slide; its top left part is enough.
    const int MostEdge = 1024;

    // Tissue is more often in the middle than at an edge.
    static async Task DecodeOneAsync(TileSource tiles, CancellationToken cancellationToken)
    {
        var middle = new TilePosition(tiles.Level.Columns / 2, tiles.Level.Rows / 2);
        if (!await tiles.IsStoredAsync(middle, cancellationToken)) return;
        var (reduction, width, height) = tiles.Reduced(middle);
        (width, height) = (Math.Min(MostEdge, width), Math.Min(MostEdge, height));
        await tiles.DecodeAsync(middle, reduction, new PixelTarget(new byte[width * height * 3], width * 3, width, height, PixelFormat.Rgb24), cancellationToken);
    }
}
