using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>The share of tumour cells, by threshold.</summary>
/// <param name="ThresholdMap">The values for each threshold, by the threshold's label.</param>
/// <param name="OtherSegments">Further segments by group, or null.</param>
public sealed record TumorCellularityReport(
    [property: JsonPropertyName("threshold_map")] IReadOnlyDictionary<string, CellularityAtThreshold> ThresholdMap,
    [property: JsonPropertyName("other_segments")] IReadOnlyDictionary<string, IReadOnlyList<Segment>>? OtherSegments = null) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() =>
        ThresholdMap.SelectMany(t => FoundShape.OfRegion(t.Value.Region, t.Key)).Concat(OtherSegments?.Values.SelectMany(group => group).SelectMany(segment => segment.Shapes()) ?? []);
}

/// <param name="TumorCellularity">The share of tumour cells.</param>
/// <param name="Counts">Cells by label.</param>
/// <param name="Region">The region, in level-0 pixels.</param>
/// <param name="Area">The region's area.</param>
/// <param name="Distributions">Shares by label, for each distribution's name; null is written as null.</param>
public sealed record CellularityAtThreshold(
    [property: JsonPropertyName("tumor_cellularity")] double TumorCellularity,
    [property: JsonPropertyName("counts")] IReadOnlyList<LabelCount> Counts,
    [property: JsonPropertyName("region")] Feature Region,
    [property: JsonPropertyName("area")] double Area,
    [property: JsonPropertyName("distributions"), JsonIgnore(Condition = JsonIgnoreCondition.Never)] IReadOnlyDictionary<string, IReadOnlyList<LabelShare>>? Distributions = null);

/// <param name="Label">The cells' label.</param>
/// <param name="Count">The number of cells.</param>
public sealed record LabelCount(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("count")] double Count);

/// <param name="Label">The part's label.</param>
/// <param name="Fraction">Its share, 0 to 1.</param>
/// <param name="Area">Its area.</param>
public sealed record LabelShare(
    [property: JsonPropertyName("label")] string Label,
    [property: JsonPropertyName("fraction")] double Fraction,
    [property: JsonPropertyName("area")] double Area);
