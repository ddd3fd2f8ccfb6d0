using System.Text.Json.Serialization;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Scored objects and scores, without a threshold.</summary>
/// <param name="Points">The objects.</param>
/// <param name="Scores">Named scores of the slide.</param>
public sealed record SemiQuantitativeDifferentialReport(
    [property: JsonPropertyName("points")] IReadOnlyList<ScoredPoint> Points,
    [property: JsonPropertyName("scores")] IReadOnlyDictionary<string, double> Scores) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() => Points.Select(FoundShape.Of);
}
