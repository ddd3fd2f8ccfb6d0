using SkiaSharp;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;

namespace Slidebridge.Overlays;

/// <summary>Draws a scan's annotations on its small picture.</summary>
static class OverlayPainter
{
    /// <summary>The radius of a point and the width of a line, in pixels of the picture.</summary>
    const float PointRadius = 3, LineWidth = 2;

    /// <summary>How much of what lies below a filled shape is hidden.</summary>
    const byte FillAlpha = 40, HeatmapAlpha = 110;

    /// <summary>Colours that differ from each other and from pink and purple tissue.</summary>
    static readonly SKColor[] Palette = [new(0, 150, 60), new(0, 90, 220), new(230, 120, 0), new(0, 160, 170), new(190, 20, 20), new(90, 90, 0)];

    /// <summary>The picture as PNG.</summary>
    /// <param name="picture">What to draw on; a blank canvas of the slide's shape where it has no picture.</param>
    /// <param name="result">The scan's result, or null: then nothing is drawn.</param>
    public static byte[] Paint(OverlayBase picture, ScanResult? result)
    {
        using var bitmap = Canvas(picture);
        using var canvas = new SKCanvas(bitmap);
        canvas.Scale((float)bitmap.Width / picture.SlideWidth, (float)bitmap.Height / picture.SlideHeight);
        var toPicture = (float)picture.SlideWidth / bitmap.Width;

        var colors = new Dictionary<string, SKColor>();
        foreach (var feature in result?.GeoJson?.Features ?? [])
        {
            var type = (string?)feature.Properties?["annotation_type"] ?? "";
            if (!colors.TryGetValue(type, out var color)) color = colors[type] = Palette[colors.Count % Palette.Length];
            if (feature.Geometry is GeometryCollection heatmap) PaintHeatmap(canvas, heatmap, feature, color);
            else Paint(canvas, feature.Geometry, color, toPicture);
        }
        canvas.Flush();
        using var image = SKImage.FromBitmap(bitmap);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    static SKBitmap Canvas(OverlayBase picture)
    {
        if (picture.Jpeg is not null && SKBitmap.Decode(picture.Jpeg) is { } decoded) return decoded;
        var scale = Math.Min(1, (double)OverlayThumbnails.Edge / Math.Max(picture.SlideWidth, picture.SlideHeight));
        var blank = new SKBitmap(Math.Max(1, (int)(picture.SlideWidth * scale)), Math.Max(1, (int)(picture.SlideHeight * scale)));
        blank.Erase(new SKColor(240, 240, 240));
        return blank;
    }

    static void Paint(SKCanvas canvas, Geometry geometry, SKColor color, float toPicture)
    {
        using var line = new SKPaint { Style = SKPaintStyle.Stroke, Color = color, StrokeWidth = LineWidth * toPicture, IsAntialias = true };
        using var fill = new SKPaint { Style = SKPaintStyle.Fill, Color = color.WithAlpha(FillAlpha), IsAntialias = true };
        if (geometry is Point or MultiPoint)
        {
            fill.Color = color;
            foreach (var (x, y) in geometry.Positions) canvas.DrawCircle((float)x, (float)y, PointRadius * toPicture, fill);
            return;
        }
        using var path = PathOf(geometry);
        if (geometry is Polygon or MultiPolygon) canvas.DrawPath(path, fill);
        canvas.DrawPath(path, line);
    }

    static void PaintHeatmap(SKCanvas canvas, GeometryCollection heatmap, Feature feature, SKColor otherwise)
    {
        var colors = feature.Properties?["contour_colors"] as System.Text.Json.Nodes.JsonArray;
        for (var i = 0; i < heatmap.Geometries.Count; i++)
        {
            var color = colors?.Count > i && SKColor.TryParse((string?)colors[i], out var own) ? own : otherwise;
            using var fill = new SKPaint { Style = SKPaintStyle.Fill, Color = color.WithAlpha(HeatmapAlpha), IsAntialias = true };
            using var path = PathOf(heatmap.Geometries[i]);
            canvas.DrawPath(path, fill);
        }
    }

    static SKPath PathOf(Geometry geometry)
    {
        using var path = new SKPathBuilder { FillType = SKPathFillType.EvenOdd };
        foreach (var ring in Rings(geometry))
            path.AddPoly([.. ring.Select(p => new SKPoint((float)p.X, (float)p.Y))], close: geometry is Polygon or MultiPolygon);
        return path.Detach();
    }

    static IEnumerable<IReadOnlyList<Position>> Rings(Geometry geometry) => geometry switch
    {
        Polygon polygon => polygon.Coordinates,
        MultiPolygon polygons => polygons.Coordinates.SelectMany(p => p),
        LineString line => [line.Coordinates],
        MultiLineString lines => lines.Coordinates,
        _ => [],
    };
}
