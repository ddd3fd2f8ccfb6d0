using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Named results of the slide and of segments of it, shown as texts.</summary>
/// <param name="Results">Results of the whole slide.</param>
/// <param name="Segments">Parts of it.</param>
public sealed record BasicReport(
    [property: JsonPropertyName("results")] IReadOnlyList<NamedResult> Results,
    [property: JsonPropertyName("segments")] IReadOnlyList<Segment> Segments) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() => Segments.SelectMany(segment => segment.Shapes());
}

/// <param name="Name">What the result is of, with its unit.</param>
/// <param name="Result">The text that is shown, such as <c>4</c> or <c>Benign</c>; may be empty. The platform takes no number here.</param>
public sealed record NamedResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("result")] string Result);

/// <param name="Name">The segment's name.</param>
/// <param name="FeatureCollection">Where it is, in level-0 pixels; its features need no annotation type and no box.</param>
/// <param name="Result">The text that is shown, or null.</param>
public sealed record Segment(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("feature_collection")] FeatureCollection FeatureCollection,
    [property: JsonPropertyName("result")] string? Result = null)
{
    internal IEnumerable<FoundShape> Shapes() => FeatureCollection.Features.SelectMany(feature => FoundShape.OfRegion(feature, Name));
}
