using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Collects scores of whole tiles, as a map for each label.</summary>
sealed class TileCollector : ICollector
{
    readonly ModelFile file;
    readonly string output;
    readonly IReadOnlyList<double> thresholds;
    readonly ModelGrid grid;
    readonly TissueMask? tissue;
    readonly Dictionary<int, HeatMap> heat;
    readonly float[] scores;

    public TileCollector(ModelFile file, string output, IReadOnlyList<double> thresholds, ModelGrid grid, TissueMask? tissue)
    {
        (this.file, this.output, this.thresholds, this.grid, this.tissue) = (file, output, thresholds, grid, tissue);
        heat = file.Foreground.ToDictionary(l => l.Index, _ => new HeatMap(grid));
        scores = new float[file.Labels.Count];
    }

    public void Add(InputBatch batch, ModelOutputs outputs)
    {
        var tensor = outputs[output];
        var classes = scores.Length;
        var values = tensor.Values;
        // [N, classes], with further dimensions of size 1, or [N] for a single class.
        var fits = tensor.Shape.Length > 0 && tensor.Shape[0] >= batch.Count && tensor.Shape.Skip(1).Where(d => d != 1).SequenceEqual(classes == 1 ? [] : [(long)classes]);
        if (!fits) throw new ClassifierException($"{file.File}: the output {tensor}; it must be [{batch.Count}, {classes}]: a score of each tile for each of the {classes} labels.");
        for (var i = 0; i < batch.Count; i++)
        {
            values.Slice(i * classes, classes).CopyTo(scores);
            Scores.Apply(file.Output.Activation, scores);
            foreach (var (label, map) in heat) map[batch.Places[i].Column, batch.Places[i].Row] = scores[label];
        }
    }

    public ScanFindings Finish(CancellationToken cancellationToken)
    {
        var analysed = heat.Values.First().Read().Sum(t => AreaOf(t.Column, t.Row));
        var measures = Collectors.Analysed(grid, analysed);
        var regions = new Dictionary<int, IReadOnlyList<MaskRegion>>();
        var objects = new List<FoundObject>();
        foreach (var (label, map) in heat)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (count, area, most, sum, all) = (0, 0.0, 0.0, 0.0, 0);
            foreach (var (column, row, score) in map.Read())
            {
                (most, sum, all) = (Math.Max(most, score), sum + score, all + 1);
                if (score < thresholds[label]) continue;
                (count, area) = (count + 1, area + AreaOf(column, row));
                objects.Add(ObjectAt(label, column, row, score));
            }
            if (file.Report.Polygons?.Labels.Contains(label) == true || file.Report.Workflow?.Type == WorkflowTypes.Basic) regions[label] = map.Contours([thresholds[label]])[0];
            var name = file.Labels[label].Name;
            (measures[$"{name}.{Measures.Count}"], measures[$"{name}.{Measures.Share}"]) = (count, analysed > 0 ? area / analysed : 0);
            (measures[$"{name}.{Measures.Max}"], measures[$"{name}.{Measures.Mean}"]) = (most, all > 0 ? sum / all : 0);
            if (grid.SquareMillimetres is { } size) measures[$"{name}.{Measures.Area}"] = area * size;
        }
        return new ScanFindings { Grid = grid, Tissue = tissue, Measures = measures, Heat = heat, Regions = regions, Objects = objects, Scored = [.. Best()] };
    }

    // A tile gets the label with the highest score.
    IEnumerable<FoundObject> Best()
    {
        foreach (var (column, row, _) in heat.Values.First().Read())
        {
            var (label, map) = heat.MaxBy(h => h.Value[column, row]);
            yield return ObjectAt(label, column, row, map[column, row]);
        }
    }

    FoundObject ObjectAt(int label, int column, int row, float score)
    {
        var (left, top, right, bottom) = heat[label].PlaceOf(column, row);
        return new FoundObject(label, score, (float)left, (float)top, (float)(right - left), (float)(bottom - top));
    }

    double AreaOf(int column, int row)
    {
        var (left, top, right, bottom) = heat.Values.First().PlaceOf(column, row);
        return (right - left) * (bottom - top);
    }
}
