using System.Collections.Concurrent;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>
/// Finds the nuclei of a slide's tissue, tile by tile and as many tiles at a time as there are cores. Tiles overlap by what a nucleus depends on,
/// and each nucleus belongs to the one tile in whose middle its centre lies: it is found once, and whatever the tiles' size is.
/// </summary>
static class NucleusSearch
{
    /// <summary>The mask's outline is coarse: what is this near to it is tissue, in µm.</summary>
    const double BesideTissue = 10;

    /// <summary>The slide's dark nuclei are those at this share in the order of density, and the palest have this share of their density.</summary>
    const double Dark = 0.9, PalestOfDark = 0.45;

    /// <summary>The nuclei from the top down.</summary>
    /// <param name="slide">The slide.</param>
    /// <param name="mask">Its tissue.</param>
    /// <param name="mpp">µm per level-0 pixel.</param>
    /// <param name="tileSize">Edge of the tiles, in pixels of 0.5 µm.</param>
    /// <param name="stains">How the nuclear stain is told from the other.</param>
    /// <param name="isMarkerNuclear">Whether the other stain, too, makes nuclei dark.</param>
    /// <param name="progress">Takes the share that is done.</param>
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

    /// <summary>On a slide of strong stain, fibres and cytoplasm, too, make shapes with a rim; its nuclei are darker by far.</summary>
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
