using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference;

/// <summary>What a route's settings change of a model: <c>{"thresholds": {"tumour": 0.7}}</c>.</summary>
static class ThresholdSettings
{
    /// <summary>By label, the score from which on it is found.</summary>
    /// <exception cref="ClassifierException">A setting that is none, a label that the model has not, or a threshold that is no score.</exception>
    public static IReadOnlyList<double> Apply(ModelFile file, JsonObject? settings)
    {
        double[] thresholds = [.. file.Labels.Select(l => l.Threshold)];
        foreach (var (name, value) in settings ?? [])
        {
            if (SlideSettings.Has(name)) continue;
            if (name != "thresholds") throw new ClassifierException($"The classifier's settings have '{name}', which is no setting of a model file; there are thresholds, mpp and allowUpsampling.");
            if (value is not JsonObject labels) throw new ClassifierException("The classifier's setting thresholds must be an object of scores by label.");
            foreach (var (label, score) in labels)
            {
                var index = ModelLabel.Find(file.Labels, label);
                if (index < 0) throw new ClassifierException($"The classifier's setting thresholds.{label} names no label of {file.File}; there are {string.Join(", ", file.Foreground.Select(l => l.Label.Name))}.");
                thresholds[index] = score?.GetValueKind() == JsonValueKind.Number && score.Deserialize<double>() is >= 0 and <= 1 and var number
                    ? number : throw new ClassifierException($"The classifier's setting thresholds.{label} must be a number of 0 to 1.");
            }
        }
        return thresholds;
    }
}
