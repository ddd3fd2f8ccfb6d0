using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Sdk.Results;

/// <summary>Builds the result of one scan. Coordinates are level-0 pixels.</summary>
public sealed class ScanResultBuilder
{
    readonly string scanId;
    readonly JsonObject values = [];
    readonly List<Feature> features = [];
    List<string>? qcFailReasons;
    Workflow? workflow;

    internal ScanResultBuilder(string scanId) => this.scanId = scanId;

    /// <summary>A sentence for the pathologist.</summary>
    public ScanResultBuilder Summary(string summary) => Value("summary", summary);

    /// <summary>The absolute address of a page with more about this result; the platform shows it as a link.</summary>
    /// <exception cref="InvalidOperationException">The address is not absolute.</exception>
    public ScanResultBuilder ExternalUrl(Uri url) => Value("external_url", url.AbsoluteUri); // ToString would unescape it.

    /// <summary>A free value; the current value is copied.</summary>
    public ScanResultBuilder Value(string name, JsonNode? value)
    {
        values[name] = value?.DeepClone();
        return this;
    }

    /// <summary>A box: a closed polygon of integer corners with its <c>bbox</c>.</summary>
    public ScanResultBuilder Box(int x, int y, int width, int height, string annotationType, JsonObject? properties = null) =>
        Add(GeoJson.Polygon.Box(x, y, width, height), annotationType, properties);

    /// <summary>An outline with holes; rings that are not closed are closed automatically.</summary>
    public ScanResultBuilder Polygon(IEnumerable<Position> outline, string annotationType, IEnumerable<IEnumerable<Position>>? holes = null, JsonObject? properties = null) =>
        Add(new Polygon([Closed(outline), .. (holes ?? []).Select(Closed)]), annotationType, properties);

    /// <summary>A point, with a box of size zero.</summary>
    public ScanResultBuilder Point(double x, double y, string annotationType, JsonObject? properties = null) =>
        Add(new Point(new Position(x, y)), annotationType, properties);

    /// <summary>A heatmap: outlines, each filled with its colour.</summary>
    /// <param name="contours">Outlines and their colours, each six hexadecimal digits such as <c>#ff0000</c>.</param>
    /// <param name="annotationType">The annotation type.</param>
    public ScanResultBuilder Heatmap(IReadOnlyList<(IEnumerable<Position> Outline, string Color)> contours, string annotationType) => Add(
        new GeometryCollection([.. contours.Select(c => new Polygon([Closed(c.Outline)]))]), annotationType,
        new JsonObject { ["contour_colors"] = new JsonArray([.. contours.Select(c => JsonValue.Create(c.Color))]) });

    /// <summary>Any shape, with its box.</summary>
    /// <exception cref="ArgumentException">The shape has no position.</exception>
    public ScanResultBuilder Add(Geometry geometry, string annotationType, JsonObject? properties = null)
    {
        features.Add(Feature.Of(geometry, annotationType, properties));
        return this;
    }

    /// <summary>The scan is fit for analysis; removes reasons that were added before.</summary>
    public ScanResultBuilder QcPass()
    {
        qcFailReasons = [];
        return this;
    }

    /// <summary>The scan is not fit for analysis, for this reason; call it once for each.</summary>
    public ScanResultBuilder QcFail(string reason)
    {
        (qcFailReasons ??= []).Add(reason);
        return this;
    }

    /// <summary>A structured report.</summary>
    /// <param name="modelName">The model's name.</param>
    /// <param name="provider">The model's provider.</param>
    /// <param name="ruo">True for research use only.</param>
    /// <param name="report">The report.</param>
    /// <param name="key">The headline's label, or null.</param>
    /// <param name="value">The headline's displayed value, or null.</param>
    public ScanResultBuilder Workflow(string modelName, string provider, bool ruo, Report report, string? key = null, string? value = null)
    {
        workflow = new Workflow(modelName, provider, ruo, report, key, value);
        return this;
    }

    internal ScanResult Build() => new()
    {
        ScanId = scanId,
        Results = values.Count == 0 ? null : values.DeepClone().AsObject(),
        GeoJson = features.Count == 0 ? null : new FeatureCollection { Features = [.. features] },
        QcFailReasons = qcFailReasons is null ? null : [.. qcFailReasons],
        Workflow = workflow,
    };

    static Position[] Closed(IEnumerable<Position> ring)
    {
        Position[] positions = [.. ring];
        return positions.Length > 0 && positions[0] != positions[^1] ? [.. positions, positions[0]] : positions;
    }
}
