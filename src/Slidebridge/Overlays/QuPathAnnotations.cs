using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Overlays;

/// <summary>
/// Shapes as the GeoJSON that QuPath takes by drag and drop (its manual, "Exporting annotations"): a feature for each object with
/// <c>objectType</c>, <c>classification</c>, <c>color</c> and <c>measurements</c> among its properties; coordinates are level-0 pixels.
/// </summary>
static class QuPathAnnotations
{
    /// <summary>Bytes that wait before they are written on.</summary>
    const int Buffered = 1 << 16;

    /// <summary>Writes them one by one: a report may hold a million points.</summary>
    public static async Task WriteAsync(Stream output, IEnumerable<FoundShape> shapes, CancellationToken cancellationToken)
    {
        var colors = new AnnotationColors();
        await using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("type", "FeatureCollection");
        json.WriteStartArray("features");
        foreach (var shape in shapes)
        {
            ResultsJson.Write(json, FeatureOf(shape, colors));
            if (json.BytesPending > Buffered) await json.FlushAsync(cancellationToken);
        }
        json.WriteEndArray();
        json.WriteEndObject();
        await json.FlushAsync(cancellationToken);
    }

    static Feature FeatureOf(FoundShape shape, AnnotationColors colors)
    {
        var color = colors.Of(shape);
        JsonArray Rgb() => [color.Red, color.Green, color.Blue];
        var properties = new JsonObject
        {
            ["objectType"] = shape.IsCounted ? "detection" : "annotation",
            ["classification"] = new JsonObject { ["name"] = shape.Type, ["color"] = Rgb() },
        };
        // QuPath gives all of a class the colour it saw first; a heatmap's polygons differ within theirs.
        if (shape.Color is not null) properties["color"] = Rgb();
        if (shape.Score is { } score) properties["measurements"] = new JsonObject { ["score"] = score };
        return new Feature { Geometry = shape.Geometry, Properties = properties };
    }
}
