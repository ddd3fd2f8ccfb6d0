using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples.Focus;

/// <summary>A tile of tissue and how sharp it is.</summary>
/// <param name="Column">Its column in the grid.</param>
/// <param name="Row">Its row in the grid.</param>
/// <param name="X">Level-0 pixels.</param>
/// <param name="Y">Level-0 pixels.</param>
/// <param name="Sharpness">Shares of the contrast per pixel; null if it cannot be measured.</param>
readonly record struct FocusTile(int Column, int Row, double X, double Y, double? Sharpness);

/// <summary>The sharpness of a slide's tissue, tile by tile.</summary>
/// <param name="Tiles">Row by row.</param>
/// <param name="Edge">A tile's edge in level-0 pixels.</param>
sealed record FocusMap(IReadOnlyList<FocusTile> Tiles, double Edge)
{
    /// <summary>A tile's edge in its own pixels: 128 µm.</summary>
    const int TileEdge = 256;

    /// <summary>µm per pixel. Finer slides are measured at this resolution, because edges are as wide as the optics make them.</summary>
    const double Mpp = 0.5;

    /// <summary>Measures the tissue. A slide without a resolution, or with a coarser one, is measured at its own resolution.</summary>
    public static async Task<FocusMap> MeasureAsync(Slide slide, TissueMask mask, Action<double> progress, CancellationToken cancellationToken)
    {
        if (mask.IsEmpty) return new FocusMap([], 0);
        var grid = new TileGrid { Width = TileEdge, Height = TileEdge, Downsample = Math.Max(1, Mpp / (slide.Mpp?.X ?? Mpp)), Mask = mask, MinTissue = 0.5 };
        var layout = slide.LayOutTiles(grid);
        var tiles = new List<FocusTile>();
        await foreach (var tile in slide.ReadTilesAsync(grid, cancellationToken))
        {
            using (tile) tiles.Add(new FocusTile(tile.Column, tile.Row, tile.X, tile.Y, TileSharpness.Measure(tile.Pixels.Span, tile.Width, tile.Height)));
            progress(tiles.Count / (double)layout.Count);
        }
        return new FocusMap(tiles, TileEdge * layout.Downsample);
    }
}
