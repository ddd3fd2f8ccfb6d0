using System.Text.Json;
using System.Text.Json.Nodes;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;

namespace Slidebridge.Overlays;

/// <summary>
/// Shapes as the GeoJSON that QuPath imports by drag and drop (its manual, "Exporting annotations"): a feature for each object with
/// <c>objectType</c>, <c>classification</c>, <c>color</c> and <c>measurements</c> among its properties; coordinates are level-0 pixels.
/// </summary>
static class QuPathAnnotations
{
    /// <summary>Bytes that are buffered before a write.</summary>
    const int Buffered = 1 << 16;

    /// <summary>Writes the shapes one by one: a report may contain a million points.</summary>
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
        // QuPath shows all objects of a class in the colour of the first one, but a heatmap's polygons have different colours within a class: so each object also gets its colour.
        if (shape.Color is not null) properties["color"] = Rgb();
        if (shape.Score is { } score) properties["measurements"] = new JsonObject { ["score"] = score };
        return new Feature { Geometry = shape.Geometry, Properties = properties };
    }
}
