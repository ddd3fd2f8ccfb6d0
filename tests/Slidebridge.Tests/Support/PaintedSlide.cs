using Slidebridge.Slides.Writing;

namespace Slidebridge.Tests.Support;

/// <summary>A slide whose every pixel a test says.</summary>
static partial class PaintedSlide
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
}
