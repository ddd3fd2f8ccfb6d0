using System.Text.Json.Nodes;
using Slidebridge.Sdk;

namespace Slidebridge.Classifiers.Samples.Nuclei;

/// <summary>The settings of <c>nuclei</c>.</summary>
/// <param name="PositivityThreshold">The mean optical density of DAB (natural logarithm) from which a nucleus is positive.</param>
/// <param name="Mpp">µm per level-0 pixel, instead of the slide's own value; null: slides without a resolution cannot be classified.</param>
/// <param name="TileSize">Edge of the tiles that are analysed, in pixels of 0.5 µm; the result does not depend on it.</param>
sealed record NucleiSettings(double PositivityThreshold = 0.4, double? Mpp = null, int TileSize = 1536)
{
    /// <exception cref="ClassifierException">A setting is invalid; the message names it.</exception>
    public static NucleiSettings Of(JsonObject? settings)
    {
        var given = new NucleiSettings();
        foreach (var (name, value) in settings ?? [])
        {
            var number = value is JsonValue single && single.TryGetValue<double>(out var read) ? read : double.NaN;
            given = name switch
            {
                "positivity_threshold" when number is > 0 and < 5 => given with { PositivityThreshold = number },
                "allowUpsampling" => given,
                "mpp" when number is > 0 and <= NucleiClassifier.CoarsestMpp => given with { Mpp = number },
                "tile_size" when number is >= 384 and <= 4096 => given with { TileSize = (int)number },
                "positivity_threshold" or "mpp" or "tile_size" => throw new ClassifierException($"The setting {name} of nuclei has the invalid value {value?.ToJsonString() ?? "null"}."),
                _ => throw new ClassifierException($"nuclei has no setting {name}; the settings are positivity_threshold, mpp and tile_size."),
            };
        }
        return given;
    }
}
