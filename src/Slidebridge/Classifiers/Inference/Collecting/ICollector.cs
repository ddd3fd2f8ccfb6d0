using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Collects a model's output for a scan's tiles, in memory that does not grow with the slide beyond a stated limit.</summary>
interface ICollector
{
    /// <summary>Adds the output for a batch.</summary>
    /// <exception cref="Sdk.ClassifierException">An output's shape is not the one in the model's file.</exception>
    void Add(InputBatch batch, ModelOutputs outputs);

    /// <summary>Builds the findings, after the last batch.</summary>
    ScanFindings Finish(CancellationToken cancellationToken);
}

/// <summary>The collector for a kind of model.</summary>
static class Collectors
{
    /// <param name="file">The model.</param>
    /// <param name="outputs">The fetched outputs.</param>
    /// <param name="thresholds">The thresholds by label.</param>
    /// <param name="grid">The grid of the tiles.</param>
    /// <param name="tissue">The tissue mask, if there is one.</param>
    public static ICollector Create(ModelFile file, IReadOnlyList<string> outputs, IReadOnlyList<double> thresholds, ModelGrid grid, TissueMask? tissue) => file.Kind switch
    {
        ModelKind.Tiles => new TileCollector(file, outputs[0], thresholds, grid, tissue),
        ModelKind.Segmentation => new SegmentationCollector(file, outputs[0], thresholds, grid, tissue),
        _ => new DetectionCollector(file, outputs, thresholds, grid, tissue),
    };

    public static Dictionary<string, double> Analysed(ModelGrid grid, double levelZeroPixels)
    {
        var measures = new Dictionary<string, double> { [Measures.AnalysedTiles] = grid.Tiles };
        if (grid.SquareMillimetres is { } size) measures[Measures.AnalysedArea] = levelZeroPixels * size;
        return measures;
    }
}
