using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Counted mitoses in regions.</summary>
/// <param name="Objects">The mitoses' boxes.</param>
/// <param name="Regions">The counted regions.</param>
public sealed record AiMitosisCountingReport(
    [property: JsonPropertyName("objects")] IReadOnlyList<ObjectBox> Objects,
    [property: JsonPropertyName("regions")] IReadOnlyList<Feature> Regions) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() => FoundShape.Counted(Objects, Regions, "mitosis");
}
