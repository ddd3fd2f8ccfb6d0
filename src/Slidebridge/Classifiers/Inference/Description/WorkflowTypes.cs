namespace Slidebridge.Classifiers.Inference.Description;

/// <summary>The platform's report types, and which of them a kind of model can fill.</summary>
static class WorkflowTypes
{
    public const string Basic = "Basic", RegionCounting = "RegionCounting", AiMitosisCounting = "AiMitosisCounting", WholeSlideDifferential = "WholeSlideDifferential",
        AreaDifferential = "AreaDifferential", SemiQuantitativeDifferential = "SemiQuantitativeDifferential", TumorCellularity = "TumorCellularity";

    public static IReadOnlyList<string> Names { get; } =
        [Basic, RegionCounting, AiMitosisCounting, WholeSlideDifferential, AreaDifferential, SemiQuantitativeDifferential, TumorCellularity];

    /// <summary>Why a kind of model cannot fill a report; null if it can.</summary>
    public static string? Refusal(string type, ModelKind kind) => (type, kind) switch
    {
        (RegionCounting or AiMitosisCounting or TumorCellularity, ModelKind.Tiles) => $"cannot be {type}, which counts objects: the kind must be detection or segmentation",
        (WholeSlideDifferential or AreaDifferential or SemiQuantitativeDifferential, ModelKind.Segmentation) => $"cannot be {type}, which has a score for each object: the kind must be detection or tiles",
        _ => null,
    };
}
