using System.Collections.Concurrent;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// Finds the nuclei of a slide's tissue, tile by tile, with as many tiles at a time as there are cores. Tiles overlap by the distance that affects a nucleus,
/// and each nucleus belongs to the one tile whose middle part contains its centre: so it is found once, whatever the size of the tiles.
/// </summary>
static class NucleusSearch
{
    /// <summary>In µm. The mask's outline is coarse: a place within this distance of it counts as tissue.</summary>
    const double BesideTissue = 10;

    /// <summary>The slide's dark nuclei are those at this quantile of density; nuclei below this share of their density are dropped.</summary>
    const double Dark = 0.9, PalestOfDark = 0.45;

    /// <summary>The nuclei, ordered from the top down.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="mask">Its tissue.</param>
    /// <param name="mpp">µm per level-0 pixel.</param>
    /// <param name="tileSize">Edge of the tiles, in pixels of 0.5 µm.</param>
    /// <param name="stains">Separates the nuclear stain from the other.</param>
    /// <param name="isMarkerNuclear">Whether the other stain also makes nuclei dark.</param>
    /// <param name="progress">Receives the completed share.</param>
    /// <param name="cancellationToken">Stops between tiles.</param>
    public static async Task<IReadOnlyList<FoundNucleus>> FindAsync(
        Slide slide, TissueMask mask, double mpp, int tileSize, ColorDeconvolution stains, bool isMarkerNuclear, Action<double> progress, CancellationToken cancellationToken)
    {
        if (mask.IsEmpty) return [];
        const int Halo = NucleusDetection.Reach;
        var grid = new TileGrid { Width = tileSize, Height = tileSize, Overlap = 2 * Halo, Downsample = NucleusDetection.Mpp / mpp, Mask = mask, MinTissue = 1e-9, InOrder = false };
        var layout = slide.LayOutTiles(grid);
        var found = new ConcurrentBag<FoundNucleus>();
        var detections = new ConcurrentBag<NucleusDetection>();
        var done = 0L;
        await Parallel.ForEachAsync(slide.ReadTilesAsync(grid, cancellationToken), cancellationToken, (tile, _) =>
        {
            using var read = tile;
            if (!detections.TryTake(out var detection)) detection = new NucleusDetection();
            foreach (var nucleus in Find(tile, detection, stains, isMarkerNuclear))
            {
                if (!Owns(nucleus.Shape.X, tile.Column, layout.Columns) || !Owns(nucleus.Shape.Y, tile.Row, layout.Rows)) continue;
                double x = tile.X + (nucleus.Shape.X + 0.5) * layout.Downsample, y = tile.Y + (nucleus.Shape.Y + 0.5) * layout.Downsample, beside = BesideTissue / mpp;
                if (x >= 0 && y >= 0 && x < slide.Width && y < slide.Height && mask.FractionOf(x - beside, y - beside, 2 * beside, 2 * beside) > 0)
                    found.Add(new FoundNucleus(x, y, nucleus.Clarity, nucleus.Density, nucleus.Marker));
            }
            detections.Add(detection);
            progress(Interlocked.Increment(ref done) / (double)layout.Count);
            return ValueTask.CompletedTask;
        });
        return [.. DarkEnough(found).OrderBy(n => n.Y).ThenBy(n => n.X)];

        bool Owns(float at, int index, int count) => (at >= Halo || index == 0) && (at < tileSize - Halo || index == count - 1);
    }

    /// <summary>On a strongly stained slide, fibres and cytoplasm also form shapes with a rim, but its nuclei are much darker.</summary>
    static IEnumerable<FoundNucleus> DarkEnough(ConcurrentBag<FoundNucleus> found)
    {
        if (found.IsEmpty) return found;
        var dark = found.Select(n => n.Density).Order().ElementAt((int)(found.Count * Dark));
        return found.Where(n => n.Density >= PalestOfDark * dark);
    }

    static IReadOnlyList<Nucleus> Find(SlideTile tile, NucleusDetection detection, ColorDeconvolution stains, bool isMarkerNuclear)
    {
        var (nuclear, marker) = detection.Maps(tile.Width * tile.Height);
        stains.Unmix(tile.Pixels.Span, nuclear, marker);
        if (isMarkerNuclear)
            for (var i = 0; i < nuclear.Length; i++) nuclear[i] += marker[i];
        return detection.Find(nuclear, marker, tile.Width, tile.Height);
    }
}
