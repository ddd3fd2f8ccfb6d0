using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Scored objects in chosen areas.</summary>
/// <param name="Regions">The areas with their objects.</param>
/// <param name="Scores">Named scores of the slide.</param>
/// <param name="PositivityThreshold">The score from which an object counts as positive.</param>
public sealed record AreaDifferentialReport(
    [property: JsonPropertyName("regions")] IReadOnlyList<ScoredRegion> Regions,
    [property: JsonPropertyName("scores")] IReadOnlyDictionary<string, double> Scores,
    [property: JsonPropertyName("positivity_threshold")] double PositivityThreshold) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() =>
        Regions.SelectMany(area => FoundShape.OfRegion(area.Region, "region", area.Score)).Concat(Regions.SelectMany(area => area.Points).Select(FoundShape.Of));
}

/// <param name="Region">The area: a feature of a <see cref="Polygon"/>, in level-0 pixels.</param>
/// <param name="Weight">Its weight among the areas.</param>
/// <param name="Score">Its score.</param>
/// <param name="Points">The objects in it.</param>
public sealed record ScoredRegion(
    [property: JsonPropertyName("region")] Feature Region,
    [property: JsonPropertyName("weight")] double Weight,
    [property: JsonPropertyName("score")] double Score,
    [property: JsonPropertyName("points")] IReadOnlyList<ScoredPoint> Points);
