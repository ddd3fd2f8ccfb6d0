using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Classifiers.Inference.Description;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Inference;

/// <summary>The settings of a route that change a model: <c>{"thresholds": {"tumour": 0.7}}</c>.</summary>
static class ThresholdSettings
{
    /// <summary>The minimum score of a finding, by label.</summary>
    /// <exception cref="ClassifierException">A setting or label is unknown, or a threshold is not from 0 to 1.</exception>
    public static IReadOnlyList<double> Apply(ModelFile file, JsonObject? settings)
    {
        double[] thresholds = [.. file.Labels.Select(l => l.Threshold)];
        foreach (var (name, value) in settings ?? [])
        {
            if (SlideSettings.Has(name)) continue;
            if (name != "thresholds") throw new ClassifierException($"The classifier's settings have the unknown setting '{name}'; for a model file the settings are thresholds, mpp and allowUpsampling.");
            if (value is not JsonObject labels) throw new ClassifierException("The classifier's setting thresholds must be an object of scores by label.");
            foreach (var (label, score) in labels)
            {
                var index = ModelLabel.Find(file.Labels, label);
                if (index < 0) throw new ClassifierException($"The classifier's setting thresholds.{label} names an unknown label of {file.File}; the labels are {string.Join(", ", file.Foreground.Select(l => l.Label.Name))}.");
                thresholds[index] = score?.GetValueKind() == JsonValueKind.Number && score.Deserialize<double>() is >= 0 and <= 1 and var number
                    ? number : throw new ClassifierException($"The classifier's setting thresholds.{label} must be a number from 0 to 1.");
            }
        }
        return thresholds;
    }
}
