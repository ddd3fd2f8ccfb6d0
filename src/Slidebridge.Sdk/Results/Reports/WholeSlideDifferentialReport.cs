using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Scored objects over a whole slide.</summary>
/// <param name="Points">The objects.</param>
/// <param name="Scores">Named scores of the slide.</param>
/// <param name="PositivityThreshold">The score from which an object counts as positive.</param>
public sealed record WholeSlideDifferentialReport(
    [property: JsonPropertyName("points")] IReadOnlyList<ScoredPoint> Points,
    [property: JsonPropertyName("scores")] IReadOnlyDictionary<string, double> Scores,
    [property: JsonPropertyName("positivity_threshold")] double PositivityThreshold) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() => Points.Select(FoundShape.Of);
}
