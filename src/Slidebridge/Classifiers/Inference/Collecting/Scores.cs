using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference.Collecting;

/// <summary>Converts a model's numbers to scores from 0 to 1.</summary>
static class Scores
{
    /// <summary>Converts in place the numbers of one tile, pixel or box, one for each class.</summary>
    /// <exception cref="ClassifierException">A number is infinite, so there is no score.</exception>
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

    /// <summary>The error for an infinite score.</summary>
    public static ClassifierException Infinite => new("The model gave an infinite score: the model, its precision (float16 ends at 65 504), or its input's scale, mean and std are wrong.");

    /// <summary>The number at which a score reaches a threshold: comparing with it avoids an exponential for every pixel.</summary>
    public static float Inverse(Activation activation, double threshold) => activation != Activation.Sigmoid ? (float)threshold
        : threshold <= 0 ? float.NegativeInfinity : threshold >= 1 ? float.PositiveInfinity : (float)Math.Log(threshold / (1 - threshold));
}
