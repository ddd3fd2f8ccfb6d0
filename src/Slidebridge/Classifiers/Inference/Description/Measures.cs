namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>The measures of each label, by the kind of model; written as <c>label.measure</c>.</summary>
static class Measures
{
    public const string Count = "count", Share = "share", Area = "area", Max = "max", Mean = "mean", Density = "density";

    /// <summary>What was analysed: <c>analysed.area</c> in mm², <c>analysed.tiles</c>.</summary>
    public const string AnalysedArea = "analysed.area", AnalysedTiles = "analysed.tiles";

    public static IReadOnlyList<string> Of(ModelKind kind) => kind switch
    {
        ModelKind.Tiles => [Count, Share, Area, Max, Mean],
        ModelKind.Segmentation => [Count, Share, Area],
        _ => [Count, Share, Density, Max],
    };

    /// <summary>Why a measure does not exist; null if it does.</summary>
    public static string? Problem(string measure, ModelKind kind, IReadOnlyList<ModelLabel> labels)
    {
        if (measure is AnalysedArea or AnalysedTiles) return null;
        var dot = measure.LastIndexOf('.');
        var label = labels.FirstOrDefault(l => dot > 0 && l.Name == measure[..dot]);
        return label is { IsBackground: false } && Of(kind).Contains(measure[(dot + 1)..]) ? null
            : $"names the unknown measure {measure}; the measures are {string.Join(", ", labels.Where(l => !l.IsBackground).SelectMany(l => Of(kind).Select(m => $"{l.Name}.{m}")).Append(AnalysedArea).Append(AnalysedTiles))}";
    }
}
