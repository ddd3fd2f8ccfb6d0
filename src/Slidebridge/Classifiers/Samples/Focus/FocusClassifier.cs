using System.Globalization;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Samples.Focus;

/// <summary>Quality control: how sharp the tissue is, as a heatmap, and whether too much of it is blurred.</summary>
sealed class FocusClassifier : IClassifier
{
    /// <summary>Below the first value, an edge is wider than any scanner's optics make it; below the second, a nucleus' chromatin is not visible.</summary>
    const double Blurred = 0.2, Badly = 0.13;

    /// <summary>The share of tissue that may be blurred: good slides have folds and dust too.</summary>
    const double MostBlurred = 0.2;

    /// <summary>The reason that is reported to the platform.</summary>
    const string Reason = "blurry";

    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken);
            var map = await FocusMap.MeasureAsync(slide, mask, done => context.Progress.Report(new ScanProgress(scan.Id, done)), cancellationToken);
            Tell(results.Scan(scan.Id), map, slide);
            context.Progress.Report(new ScanProgress(scan.Id, 1));
        }
        return results.Build();
    }

    static void Tell(ScanResultBuilder found, FocusMap map, Slide slide)
    {
        var told = map.Tiles.Where(t => t.Sharpness is not null).ToArray();
        if (told.Length == 0)
        {
            found.Summary("There is no tissue with enough contrast to tell whether it is sharp.");
            return;
        }
        var contours = Contours(map, slide).ToArray();
        found.Heatmap(contours, "focus");
        var blurred = told.Count(t => t.Sharpness < Blurred) / (double)told.Length;
        var sharpness = told.Select(t => t.Sharpness!.Value).Order().ElementAt(told.Length / 2);
        found.Value("blurred share of tissue", Math.Round(blurred, 3)).Value("sharpness", Math.Round(sharpness, 3));
        var summary = string.Create(CultureInfo.InvariantCulture, $"{blurred * 100:0.#} % of the tissue is blurred");
        if (blurred > MostBlurred) found.Summary(summary + ": scan it again").QcFail(Reason);
        else found.Summary(summary).QcPass();
    }

    /// <summary>Neighbouring tiles of one colour in a row are merged into one rectangle.</summary>
    static IEnumerable<(IEnumerable<Position> Outline, string Color)> Contours(FocusMap map, Slide slide)
    {
        foreach (var row in map.Tiles.Where(t => t.Sharpness is not null).GroupBy(t => t.Row))
        {
            var tiles = row.OrderBy(t => t.Column).ToArray();
            for (var from = 0; from < tiles.Length;)
            {
                var to = from;
                while (to + 1 < tiles.Length && tiles[to + 1].Column == tiles[to].Column + 1 && ColorOf(tiles[to + 1]) == ColorOf(tiles[from])) to++;
                double right = Math.Min(slide.Width, tiles[to].X + map.Edge), bottom = Math.Min(slide.Height, tiles[from].Y + map.Edge);
                yield return (Polygon.Box(tiles[from].X, tiles[from].Y, right - tiles[from].X, bottom - tiles[from].Y).Coordinates[0], ColorOf(tiles[from]));
                from = to + 1;
            }
        }
    }

    static string ColorOf(FocusTile tile) => tile.Sharpness switch
    {
        < Badly => "#d7191c",
        < Blurred => "#fdae61",
        _ => "#1a9641",
    };
}
