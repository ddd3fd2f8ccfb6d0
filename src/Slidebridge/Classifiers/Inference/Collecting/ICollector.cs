using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Gathers what a model answers for a scan's tiles, in memory that does not grow with the slide beyond a stated bound.</summary>
interface ICollector
{
    /// <summary>Takes the answer to a batch.</summary>
    /// <exception cref="Sdk.ClassifierException">It has not the shape that the model's file says.</exception>
    void Add(InputBatch batch, ModelOutputs outputs);

    /// <summary>Puts it together, after the last batch.</summary>
    ScanFindings Finish(CancellationToken cancellationToken);
}

/// <summary>The collector for a kind of model.</summary>
static class Collectors
{
    /// <param name="file">The model.</param>
    /// <param name="outputs">The outputs that are fetched.</param>
    /// <param name="thresholds">By label.</param>
    /// <param name="grid">How the tiles lie.</param>
    /// <param name="tissue">Where there is tissue, if that was looked for.</param>
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
