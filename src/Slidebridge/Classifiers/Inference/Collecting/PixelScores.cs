using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Classifiers.Inference.Runtimes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Reads the labels of a tile's pixels from a segmentation's output of any layout, without copying it.</summary>
sealed class PixelScores
{
    readonly Activation activation;
    readonly bool channelsLast;
    readonly IReadOnlyList<double> thresholds;
    readonly float[] limits;
    readonly bool[] background;
    readonly float[] softmax;

    public PixelScores(ModelFile file, IReadOnlyList<double> thresholds)
    {
        (activation, channelsLast, this.thresholds) = (file.Output.Activation, file.Output.ChannelsLast, thresholds);
        limits = [.. thresholds.Select(t => Scores.Inverse(activation, t))];
        background = [.. file.Labels.Select(l => l.IsBackground)];
        softmax = new float[limits.Length];
    }

    /// <summary>The width and height of the output for a tile, and the distances between its numbers.</summary>
    /// <exception cref="ClassifierException">The shape is not that of a segmentation with these labels.</exception>
    public PixelLayout Fit(ModelFile file, OutputTensor tensor, int tiles)
    {
        var classes = activation == Activation.Classes ? 1 : limits.Length;
        long[]? sizes = (tensor.Shape, classes) switch
        {
            ([var n, var height, var width], 1) => [n, 1, height, width], // A single class without its dimension.
            ([var n, var height, var width, var c], _) when channelsLast => [n, c, height, width],
            ([_, _, _, _], _) when !channelsLast => tensor.Shape,
            _ => null,
        };
        var (tileWidth, tileHeight) = (file.Input.Width, file.Input.Height);
        if (sizes is null || sizes[0] < tiles || sizes[1] != classes || sizes[2] <= 0 || sizes[3] <= 0)
            throw Misfit($"it must be [{tiles}, {(channelsLast ? $"height, width, {classes}" : $"{classes}, height, width")}], for {limits.Length} labels (output.layout, output.activation)");
        var (outHeight, outWidth) = ((int)sizes[2], (int)sizes[3]);
        var factor = tileWidth / outWidth;
        if (outWidth * factor != tileWidth || outHeight * factor != tileHeight) throw Misfit($"its size must be the tile's {tileWidth}×{tileHeight} pixels, divided by a whole number");
        if (file.Input.Overlap % (2 * factor) != 0) throw new ClassifierException($"{file.File}: input.overlap must be a multiple of {2 * factor}, because the model's output has one pixel for {factor}×{factor} pixels of the tile.");
        return channelsLast ? new PixelLayout(outWidth, outHeight, factor, classes, 1) : new PixelLayout(outWidth, outHeight, factor, 1, outWidth * outHeight);

        ClassifierException Misfit(string expected) => new($"{file.File}: the output {tensor}; {expected}.");
    }

    /// <summary>Writes whether each pixel of a row has a label.</summary>
    /// <param name="values">The tile's numbers.</param>
    /// <param name="layout">Their layout.</param>
    /// <param name="first">The index of the row's first pixel.</param>
    /// <param name="label">The label.</param>
    /// <param name="row">Receives, for each pixel, whether it has the label.</param>
    public void Read(ReadOnlySpan<float> values, PixelLayout layout, int first, int label, Span<bool> row)
    {
        switch (activation)
        {
            case Activation.Classes:
                for (var i = 0; i < row.Length; i++) row[i] = values[(first + i) * layout.PixelStep] == label;
                break;
            case Activation.Softmax:
                for (var i = 0; i < row.Length; i++) row[i] = Best(values[((first + i) * layout.PixelStep)..], layout.ClassStep) == label;
                break;
            default:
                var limit = limits[label];
                var plane = values[(label * layout.ClassStep)..];
                for (var i = 0; i < row.Length; i++) row[i] = plane[(first + i) * layout.PixelStep] >= limit;
                break;
        }
    }

    // The most likely class, if its score reaches the threshold and it is not the background.
    int Best(ReadOnlySpan<float> pixel, int step)
    {
        var best = 0;
        for (var c = 0; c < softmax.Length; c++)
        {
            softmax[c] = pixel[c * step];
            if (softmax[c] > softmax[best]) best = c;
        }
        if (background[best]) return -1;
        // The most likely class has at least an equal share: a threshold not above that, such as a half with two classes, needs no exponential.
        if (thresholds[best] * softmax.Length <= 1) return best;
        Scores.Apply(Activation.Softmax, softmax);
        return softmax[best] >= thresholds[best] ? best : -1;
    }
}

/// <summary>The layout of a segmentation's numbers for a tile.</summary>
/// <param name="Width">Width of the output in pixels.</param>
/// <param name="Height">Height of the output in pixels.</param>
/// <param name="Factor">Pixels of the tile per pixel of the output, along an edge.</param>
/// <param name="PixelStep">Distance between the numbers of two neighbouring pixels.</param>
/// <param name="ClassStep">Distance between the numbers of two classes.</param>
readonly record struct PixelLayout(int Width, int Height, int Factor, int PixelStep, int ClassStep);
