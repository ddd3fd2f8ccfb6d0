using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>A box in its tile's pixels.</summary>
readonly record struct TileBox(int Label, float Score, float Left, float Top, float Width, float Height);

/// <summary>Reads a detector's boxes from any layout of its outputs; boxes below their label's threshold are skipped.</summary>
sealed class BoxReader(ModelFile file, IReadOnlyList<string> outputs, IReadOnlyList<double> thresholds)
{
    // In tile edges: the model cannot have seen an object larger than this.
    const int Largest = 4;

    readonly BoxOutput boxes = file.Output.Boxes!;
    readonly float[] scores = new float[file.Labels.Count];

    // One output with everything: it may be the model's only output and have no name.
    string BoxesName => boxes.Name ?? outputs[0];

    /// <summary>The boxes of one tile of a batch.</summary>
    /// <exception cref="ClassifierException">An output's shape is not the one in the file.</exception>
    public void Read(ModelOutputs found, int tile, int tiles, List<TileBox> into)
    {
        if (boxes.Scores is null) ReadJoined(found[BoxesName], tile, tiles, into);
        else ReadApart(found, tile, tiles, into);
    }

    // [N, boxes, 4 + …] or [N, 4 + …, boxes]
    void ReadJoined(OutputTensor tensor, int tile, int tiles, List<TileBox> into)
    {
        var labels = scores.Length;
        var wanted = 4 + boxes.Columns switch { BoxColumns.Scores => labels, BoxColumns.ObjectnessScores => labels + 1, _ => 2 };
        var shape = Shape(tensor, tiles, 3);
        if (shape[1] != wanted && shape[2] != wanted) throw Misfit(tensor, $"it must be [{tiles}, boxes, {wanted}] or [{tiles}, {wanted}, boxes]: 4 numbers of the box and {wanted - 4} of {labels} labels (output.columns)");
        if (boxes.IsTransposed is null && shape[1] == shape[2]) throw Misfit(tensor, "the shape does not show which dimension is the boxes: set output.transposed");
        var isTransposed = boxes.IsTransposed ?? shape[1] == wanted;
        if (shape[isTransposed ? 1 : 2] != wanted) throw Misfit(tensor, $"it must have {wanted} numbers for each box (output.transposed)");
        int count = (int)shape[isTransposed ? 2 : 1], step = isTransposed ? count : 1, next = isTransposed ? 1 : wanted;
        var values = tensor.Values.Slice(tile * wanted * count, wanted * count);
        for (var i = 0; i < count; i++)
        {
            var box = values[(i * next)..];
            var (label, score) = boxes.Columns switch
            {
                BoxColumns.Scores => Best(box[(4 * step)..], step),
                BoxColumns.ObjectnessScores when Best(box[(5 * step)..], step) is var (best, of) => (best, of * Alone(box[4 * step])),
                _ => (Class(box[5 * step]), Alone(box[4 * step])),
            };
            Add(label, score, box[0], box[step], box[2 * step], box[3 * step], into);
        }
    }

    // Boxes [N, boxes, 4], scores [N, boxes] or [N, boxes, labels], classes [N, boxes], count [N]; for a single tile also without N.
    void ReadApart(ModelOutputs found, int tile, int tiles, List<TileBox> into)
    {
        var places = found[BoxesName];
        var shape = Shape(places, tiles, 3);
        if (shape[2] != 4) throw Misfit(places, $"it must be [{tiles}, boxes, 4]");
        var all = (int)shape[1];
        var strengths = found[boxes.Scores!];
        var perBox = all == 0 ? 1 : strengths.Values.Length / ((int)shape[0] * all);
        if (strengths.Values.Length != shape[0] * all * perBox || (perBox != scores.Length && perBox != 1) || (perBox == 1 && scores.Length > 1 && boxes.Classes is null))
            throw Misfit(strengths, $"it must be [{tiles}, {all}, {scores.Length}], or [{tiles}, {all}] with output.classes");
        var classes = boxes.Classes is { } name ? found[name] : null;
        if (classes is not null && (classes.Values.Length != shape[0] * all || perBox != 1)) throw Misfit(classes, $"it must be [{tiles}, {all}], with one score for each box");
        var count = boxes.Count is { } counted ? (int)Math.Clamp(found[counted].Values[tile], 0, all) : all;
        for (var i = tile * all; i < tile * all + count; i++)
        {
            var box = places.Values.Slice(i * 4, 4);
            var (label, score) = perBox == 1 && (classes is not null || scores.Length == 1)
                ? (classes is null ? 0 : Class(classes.Values[i]), Alone(strengths.Values[i]))
                : Best(strengths.Values.Slice(i * perBox, perBox), 1);
            Add(label, score, box[0], box[1], box[2], box[3], into);
        }
    }

    void Add(int label, float score, float a, float b, float c, float d, List<TileBox> into)
    {
        // Minus infinity never reaches a threshold: models use it to pad their output.
        if (label < 0 || file.Labels[label].IsBackground || !(score >= thresholds[label])) return;
        if (float.IsInfinity(score)) throw Scores.Infinite;
        if (boxes.IsNormalised) (a, b, c, d) = (a * file.Input.Width, b * file.Input.Height, c * file.Input.Width, d * file.Input.Height);
        var box = boxes.Format switch
        {
            BoxFormat.Corners => new TileBox(label, score, a, b, c - a, d - b),
            BoxFormat.Centre => new TileBox(label, score, a - c / 2, b - d / 2, c, d),
            _ => new TileBox(label, score, a, b, c, d),
        };
        // A box without area: models use it to pad their output.
        if (box.Width > 0 && box.Height > 0 && box.Width <= Largest * file.Input.Width && box.Height <= Largest * file.Input.Height && float.IsFinite(box.Left + box.Top)) into.Add(box);
    }

    (int Label, float Score) Best(ReadOnlySpan<float> box, int step)
    {
        for (var c = 0; c < scores.Length; c++) scores[c] = box[c * step];
        if (file.Output.Activation != Activation.None) Scores.Apply(file.Output.Activation, scores);
        var best = 0;
        for (var c = 1; c < scores.Length; c++)
            if (scores[c] > scores[best]) best = c;
        return (best, scores[best]);
    }

    // With a single class, softmax would always be 1.
    float Alone(float score) => file.Output.Activation == Activation.Sigmoid ? 1 / (1 + MathF.Exp(-score)) : score;

    int Class(float number) => number >= 0 && number < scores.Length ? (int)number : -1;

    long[] Shape(OutputTensor tensor, int tiles, int dimensions)
    {
        long[] shape = tensor.Shape.Length == dimensions - 1 && tiles == 1 ? [1, .. tensor.Shape] : tensor.Shape;
        return shape.Length == dimensions && shape[0] >= tiles ? shape : throw Misfit(tensor, $"it must have {dimensions} dimensions, the first for {tiles} tiles");
    }

    ClassifierException Misfit(OutputTensor tensor, string expected) => new($"{file.File}: the output {tensor}; {expected}.");
}
