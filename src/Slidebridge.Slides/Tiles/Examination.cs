using Slidebridge.Slides.Formats;

namespace Slidebridge.Slides.Tiles;

/// <summary>Looks for what would be a warning when a slide is read.</summary>
static class Examination
{
    /// <summary>Goes through the index of each level's tiles, and decodes one tile of each.</summary>
    /// <exception cref="SlideSourceException">The bytes could not be fetched.</exception>
    public static async Task RunAsync(IReadOnlyList<TileSource> levels, SlideWarnings warnings, CancellationToken cancellationToken)
    {
        foreach (var level in levels)
        {
            try
            {
                level.CheckDecodable();
                await level.ExamineAsync(cancellationToken);
                await DecodeOneAsync(level, cancellationToken);
            }
            catch (SlideFormatException e)
            {
                warnings.Add(WarningCode.PictureUnreadable, $"Level {level.Level.Index} cannot be shown: {e.Message}");
            }
        }
    }

    // A tile may be as large as a slide; its top left part tells enough.
    const int MostEdge = 1024;

    // In the middle there is tissue more often than at an edge.
    static async Task DecodeOneAsync(TileSource tiles, CancellationToken cancellationToken)
    {
        var middle = new TilePosition(tiles.Level.Columns / 2, tiles.Level.Rows / 2);
        if (!await tiles.IsStoredAsync(middle, cancellationToken)) return;
        var reduction = tiles.MaxReduction;
        int width = Math.Min(MostEdge, (tiles.VisibleWidth(middle.Column) + reduction - 1) / reduction), height = Math.Min(MostEdge, (tiles.VisibleHeight(middle.Row) + reduction - 1) / reduction);
        await tiles.DecodeAsync(middle, reduction, new PixelTarget(new byte[width * height * 3], width * 3, width, height, PixelFormat.Rgb24), cancellationToken);
    }
}
