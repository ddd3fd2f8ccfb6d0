using SkiaSharp;
using Slidebridge.Sdk.Results;
using Slidebridge.Sdk.Results.GeoJson;
using Slidebridge.Sdk.Results.Reports;
using Slidebridge.Slides;

namespace Slidebridge.Overlays;

/// <summary>Draws a scan's result, annotations and a report's objects, on the scan's small picture.</summary>
static class OverlayPainter
{
    /// <summary>The radius of a point and the width of a line, in pixels of the picture. A report's counted objects are many, so they are drawn small enough to be seen separately.</summary>
    const float PointRadius = 3, CountedRadius = 1, LineWidth = 2;

    /// <summary>The opacity of a filled shape.</summary>
    const byte FillAlpha = 40, HeatmapAlpha = 110;

    /// <summary>The picture as PNG.</summary>
    /// <param name="picture">The background; a blank canvas of the slide's shape if it has no picture.</param>
    /// <param name="result">The scan's result, or null: then nothing is drawn.</param>
    public static byte[] Paint(OverlayBase picture, ScanResult? result) => Paint(picture, result?.Shapes() ?? []);

    /// <inheritdoc cref="Paint(OverlayBase, ScanResult?)"/>
    /// <param name="picture">What to draw on.</param>
    /// <param name="shapes">The shapes to draw.</param>
    /// <param name="damaged">Called if the picture is damaged; then a blank canvas takes its place.</param>
    public static byte[] Paint(OverlayBase picture, IEnumerable<FoundShape> shapes, Action<SlideFormatException>? damaged = null)
    {
        using var bitmap = Canvas(picture, damaged);
        using var canvas = new SKCanvas(bitmap);
        canvas.Scale((float)bitmap.Width / picture.SlideWidth, (float)bitmap.Height / picture.SlideHeight);
        var toPicture = (float)picture.SlideWidth / bitmap.Width;

        var colors = new AnnotationColors();
        foreach (var shape in shapes) Paint(canvas, shape, colors.Of(shape), toPicture);
        canvas.Flush();
        using var image = SKImage.FromBitmap(bitmap);
        using var png = image.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }

    static SKBitmap Canvas(OverlayBase picture, Action<SlideFormatException>? damaged)
    {
        if (picture.Jpeg is not null && TryDecode(picture.Jpeg, damaged) is { } decoded) return decoded;
        var scale = Math.Min(1, (double)OverlayThumbnails.Edge / Math.Max(picture.SlideWidth, picture.SlideHeight));
        var blank = new SKBitmap(Math.Max(1, (int)(picture.SlideWidth * scale)), Math.Max(1, (int)(picture.SlideHeight * scale)));
        blank.Erase(new SKColor(240, 240, 240));
        return blank;
    }

    /// <summary>Null if the picture is damaged: a blank one does not mislead.</summary>
    static SKBitmap? TryDecode(byte[] jpeg, Action<SlideFormatException>? damaged)
    {
        try
        {
            var raster = Raster.Decode(jpeg);
            var bitmap = new SKBitmap(new SKImageInfo(raster.Width, raster.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
            var to = bitmap.GetPixelSpan();
            for (var i = 0; i < raster.Width * raster.Height; i++)
            {
                raster.Pixels.AsSpan(i * 3, 3).CopyTo(to[(i * 4)..]);
                to[i * 4 + 3] = byte.MaxValue;
            }
            return bitmap;
        }
        catch (SlideFormatException e)
        {
            damaged?.Invoke(e);
            return null;
        }
    }

    static void Paint(SKCanvas canvas, FoundShape shape, SKColor color, float toPicture)
    {
        using var line = new SKPaint { Style = SKPaintStyle.Stroke, Color = color, StrokeWidth = LineWidth * toPicture, IsAntialias = true };
        using var fill = new SKPaint { Style = SKPaintStyle.Fill, Color = color.WithAlpha(shape.Color is null ? FillAlpha : HeatmapAlpha), IsAntialias = true };
        if (shape.Geometry is Point or MultiPoint)
        {
            fill.Color = color;
            foreach (var (x, y) in shape.Geometry.Positions) canvas.DrawCircle((float)x, (float)y, (shape.IsCounted ? CountedRadius : PointRadius) * toPicture, fill);
            return;
        }
        using var path = PathOf(shape.Geometry);
        if (shape.Geometry is Polygon or MultiPolygon) canvas.DrawPath(path, fill);
        if (shape.Color is null) canvas.DrawPath(path, line);
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
