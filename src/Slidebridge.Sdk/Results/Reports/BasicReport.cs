using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Sdk.Results.Reports;

/// <summary>Named results of the slide and of segments of it, shown as text.</summary>
/// <param name="Results">Results of the whole slide.</param>
/// <param name="Segments">Parts of it.</param>
public sealed record BasicReport(
    [property: JsonPropertyName("results")] IReadOnlyList<NamedResult> Results,
    [property: JsonPropertyName("segments")] IReadOnlyList<Segment> Segments) : Report
{
    /// <inheritdoc/>
    public override IEnumerable<FoundShape> Shapes() => Segments.SelectMany(segment => segment.Shapes());
}

/// <param name="Name">The name of the result, with its unit.</param>
/// <param name="Result">The displayed text, such as <c>4</c> or <c>Benign</c>; may be empty. The platform does not accept a number here.</param>
public sealed record NamedResult(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("result")] string Result);

/// <param name="Name">The segment's name.</param>
/// <param name="FeatureCollection">Its position, in level-0 pixels; its features need no annotation type and no box.</param>
/// <param name="Result">The displayed text, or null.</param>
public sealed record Segment(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("feature_collection")] FeatureCollection FeatureCollection,
    [property: JsonPropertyName("result")] string? Result = null)
{
    internal IEnumerable<FoundShape> Shapes() => FeatureCollection.Features.SelectMany(feature => FoundShape.OfRegion(feature, Name));
}
