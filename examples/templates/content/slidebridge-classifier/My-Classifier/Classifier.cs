using Microsoft.Extensions.Logging;
using Slidebridge.Classifiers.Catalog;
using Slidebridge.Sdk;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;

namespace My_Classifier;

/// <summary>Finds dense tissue. One instance serves all tasks, several at a time: what belongs to a task is in local variables.</summary>
public sealed class Classifier(ClassifierOptions options, ILogger<Classifier> logger) : IClassifier
{
    double[] densities = [];

    /// <summary>Called once, before the first task. A table stands here where a model would be loaded.</summary>
    public Task WarmUpAsync(CancellationToken cancellationToken)
    {
        densities = [.. Enumerable.Range(0, 256).Select(value => -Math.Log10(Math.Max(value, 1) / 255.0))];
        logger.LogInformation("Ready");
        return Task.CompletedTask;
    }

    /// <summary>Classifies every scan of a task. All coordinates of results are level-0 pixels.</summary>
    public async Task<TaskResults> ClassifyAsync(ClassificationTask task, ClassifierContext context, CancellationToken cancellationToken)
    {
        var threshold = (double?)task.Settings?["threshold"] ?? options.Threshold;
        var results = new ResultsBuilder();
        foreach (var scan in task.Scans)
        {
            var slide = await scan.OpenSlideAsync(cancellationToken);
            // Only where there is tissue. Tiles are fetched and decoded ahead of the loop.
            var grid = new TileGrid { Width = options.TileSize, Height = options.TileSize, Mpp = slide.Mpp is null ? null : options.Mpp, Mask = await TissueMask.DetectAsync(slide, cancellationToken: cancellationToken) };
            var layout = slide.LayOutTiles(grid);
            var (found, edge) = (results.Scan(scan.Id), (int)(options.TileSize * layout.Downsample));
            int tiles = 0, dense = 0;
            await foreach (var tile in slide.ReadTilesAsync(grid, cancellationToken))
            {
                using (tile) // Its memory is used again.
                {
                    if (DensityOf(tile.Pixels.Span) >= threshold)
                    {
                        dense++;
                        found.Box((int)tile.X, (int)tile.Y, edge, edge, "dense");
                    }
                }
                context.Progress.Report(new ScanProgress(scan.Id, (double)++tiles / layout.Count));
            }
            var told = $"{dense} of {tiles} tiles";
            found.Summary($"{told} are dense").Workflow("My-Classifier", "Your company", ruo: true, new BasicReport([new("Dense", told)], []), "Dense", told);
        }
        return results.Build();
    }

    // RGB, one byte a channel, rows from the top.
    double DensityOf(ReadOnlySpan<byte> pixels)
    {
        var sum = 0.0;
        foreach (var value in pixels) sum += densities[value];
        return sum / pixels.Length;
    }
}
