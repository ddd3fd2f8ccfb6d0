namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>Reads <c>output:</c>.</summary>
static class OutputReader
{
    public static ModelOutput Read(YamlMap root, ModelKind kind, IReadOnlyList<ModelLabel> labels, bool channelsLast)
    {
        if (root.Map("output") is not { } map)
        {
            return kind != ModelKind.Detection ? new ModelOutput(null, Activation.None, channelsLast, null)
                : throw root.Missing("output", "where a detector's boxes and scores are");
        }
        var activation = kind == ModelKind.Segmentation
            ? map.OneOf("activation", ("none", Activation.None), ("softmax", Activation.Softmax), ("sigmoid", Activation.Sigmoid), ("classes", Activation.Classes))
            : map.OneOf("activation", ("none", Activation.None), ("softmax", Activation.Softmax), ("sigmoid", Activation.Sigmoid));
        if (activation == Activation.Softmax && labels.Count == 1) throw map.Fail("activation", "cannot be softmax with one label, because its score would always be 1: add the background label, or use sigmoid");
        var output = kind == ModelKind.Detection
            ? new ModelOutput(null, activation ?? Activation.None, channelsLast, Boxes(map))
            : new ModelOutput(map.Text("name"), activation ?? Activation.None, kind == ModelKind.Segmentation ? map.OneOf("layout", ("NCHW", false), ("NHWC", true)) ?? channelsLast : channelsLast, null);
        map.End();
        return output;
    }

    static BoxOutput Boxes(YamlMap map)
    {
        var (scores, classes, count) = (map.Text("scores"), map.Text("classes"), map.Text("count"));
        var columns = map.OneOf("columns", ("scores", BoxColumns.Scores), ("objectness-scores", BoxColumns.ObjectnessScores), ("score-class", BoxColumns.ScoreClass));
        if (columns is not null && scores is not null) throw map.Fail("columns", "is only for an output that contains boxes and scores; here the scores are in a separate output");
        if (scores is null && (classes ?? count) is not null) throw map.Missing("scores", "the output with the scores, because the classes or the count are in a separate output");
        if ((scores ?? classes ?? count) is not null && !map.Has("boxes")) throw map.Missing("boxes", "the output with the boxes, because the scores are in a separate output");
        return new BoxOutput(
            map.Text("boxes") ?? map.Text("name"),
            map.OneOf("format", ("xyxy", BoxFormat.Corners), ("cxcywh", BoxFormat.Centre), ("xywh", BoxFormat.TopLeft)) ?? throw map.Missing("format", "xyxy, cxcywh or xywh"),
            map.OneOf("units", ("pixels", false), ("normalised", true)) ?? false,
            columns ?? BoxColumns.Scores, map.Flag("transposed"), scores, classes, count,
            map.Number("nms", 0, 1, "the overlap (intersection over union) from 0 to 1 above which the weaker box is dropped") ?? 0.5);
    }
}
