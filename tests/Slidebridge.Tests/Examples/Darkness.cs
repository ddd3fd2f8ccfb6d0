using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Slides;

namespace Slidebridge.Tests.Examples;

sealed class Darkness : IClassifier
{
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            var mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken);
            var grid = new TileGrid { Width = 256, Height = 256, Mpp = 0.5, Mask = mask, InOrder = false };
            long tiles = 0, count = slide.LayOutTiles(grid).Count, sum = 0;
            await foreach (var tile in slide.ReadTilesAsync(grid, cancellationToken))
            {
                using (tile)
                    foreach (var value in tile.Pixels.Span) sum += value; // RGB, rows from the top
                context.Progress.Report(new ScanProgress(scan.Id, (double)++tiles / count));
            }
            results.Scan(scan.Id).Summary($"mean brightness {(tiles == 0 ? 0 : sum / (tiles * 256 * 256 * 3))} of {tiles} tiles");
        }
        return results.Build();
    }
}
