using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Sdk.Results;

/// <summary>A report of a model, shown in the platform's view for its type.</summary>
/// <param name="ModelName">The model's name.</param>
/// <param name="Provider">The model's provider.</param>
/// <param name="Ruo">True for research use only.</param>
/// <param name="Report">The report.</param>
/// <param name="Key">The headline's label, or null.</param>
/// <param name="Value">The headline's displayed value, or null.</param>
public sealed record Workflow(
    [property: JsonPropertyName("model_name")] string ModelName,
    [property: JsonPropertyName("provider")] string Provider,
    [property: JsonPropertyName("ruo")] bool Ruo,
    [property: JsonPropertyName("report")] Report Report,
    [property: JsonPropertyName("key")] string? Key = null,
    [property: JsonPropertyName("value")] string? Value = null);
