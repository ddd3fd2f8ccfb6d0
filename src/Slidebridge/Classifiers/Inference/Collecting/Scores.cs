using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>From a model's numbers to scores of 0 to 1.</summary>
static class Scores
{
    /// <summary>In place: the numbers of one tile, pixel or box, one for each class.</summary>
    /// <exception cref="ClassifierException">One is infinite, and no score comes of it.</exception>
    public static void Apply(Activation activation, Span<float> values)
    {
        switch (activation)
        {
            case Activation.Sigmoid:
                foreach (ref var value in values) value = 1 / (1 + MathF.Exp(-value));
                break;
            case Activation.Softmax:
                var most = float.NegativeInfinity;
                foreach (var value in values) most = MathF.Max(most, value);
                if (float.IsInfinity(most)) throw Infinite;
                var sum = 0f;
                foreach (ref var value in values) sum += value = MathF.Exp(value - most);
                foreach (ref var value in values) value /= sum;
                break;
            default:
                foreach (var value in values)
                    if (float.IsInfinity(value)) throw Infinite;
                break;
        }
    }

    /// <summary>What is said of a score that is infinite.</summary>
    public static ClassifierException Infinite => new("The model gave an infinite score: the model, its precision (float16 ends at 65 504), or its input's scale, mean and std are wrong.");

    /// <summary>The number from which on a score reaches a threshold: a comparison in place of an exponential for every pixel.</summary>
    public static float Inverse(Activation activation, double threshold) => activation != Activation.Sigmoid ? (float)threshold
        : threshold <= 0 ? float.NegativeInfinity : threshold >= 1 ? float.PositiveInfinity : (float)Math.Log(threshold / (1 - threshold));
}
