using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Sdk.Results;

/// <summary>The result of one scan. All coordinates are level-0 pixels, x to the right and y down from the slide's top left corner.</summary>
public sealed record ScanResult
{
    /// <summary>The scan's id: decimal digits, one of the task's scans.</summary>
    [JsonPropertyName("scanId")]
    public required string ScanId { get; init; }

    /// <summary>Free values, or null. <c>external_url</c> becomes a link; it and <c>summary</c> must be strings if they are present.</summary>
    [JsonPropertyName("results")]
    public JsonObject? Results { get; init; }

    /// <summary>The annotations, or null.</summary>
    [JsonPropertyName("geojson")]
    public FeatureCollection? GeoJson { get; init; }

    /// <summary>Why the scan is not fit for analysis. Null does not change the scan's quality control; an empty list passes it.</summary>
    [JsonPropertyName("qcFailReasons")]
    public IReadOnlyList<string>? QcFailReasons { get; init; }

    /// <summary>A structured report for the platform's own views, or null.</summary>
    [JsonPropertyName("workflow")]
    public Workflow? Workflow { get; init; }

    /// <summary>The annotations' shapes, each polygon of a heatmap as a separate shape, then the report's areas and objects.</summary>
    public IEnumerable<FoundShape> Shapes() => (GeoJson?.Features ?? []).SelectMany(FoundShape.Of).Concat(Workflow?.Report.Shapes() ?? []);
}
