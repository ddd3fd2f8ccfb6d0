using Slidebridge.Slides.Writing;

namespace Slidebridge.Tests.Support;

/// <summary>A slide whose every pixel a test says.</summary>
static class PaintedSlide
{
    public static readonly (byte Red, byte Green, byte Blue) Glass = (244, 243, 245), Eosin = (225, 150, 190), Pen = (12, 10, 18);

    /// <summary>Writes a slide.</summary>
    public static async Task<string> WriteAsync(
        TemporaryFolder folder, int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> paint, PyramidWriterOptions? options = null)
    {
        var path = folder.File($"painted-{Guid.NewGuid():n}.svs");
        await using var writer = PyramidWriter.Create(path, width, height, options);
        await writer.WriteRowsAsync(Pixels(width, height, paint), TestContext.Current.CancellationToken);
        await writer.FinishAsync(TestContext.Current.CancellationToken);
        return path;
    }

    /// <summary>Rgb24, shape [height, width, 3].</summary>
    public static byte[] Pixels(int width, int height, Func<int, int, (byte Red, byte Green, byte Blue)> paint)
    {
        var pixels = new byte[width * height * 3];
        for (int y = 0, i = 0; y < height; y++)
            for (var x = 0; x < width; x++, i += 3)
                (pixels[i], pixels[i + 1], pixels[i + 2]) = paint(x, y);
        return pixels;
    }
}
