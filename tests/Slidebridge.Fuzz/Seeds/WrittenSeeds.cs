using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Slidebridge.Tests.Support;

namespace Slidebridge.Fuzz.Seeds;

/// <summary>What the library's own writers make.</summary>
static class WrittenSeeds
{
    const int Width = 200, Height = 150;

    static readonly PyramidWriterOptions Small = new() { TileSize = 64, SmallestLevel = 32, ThumbnailEdge = 64 };

    public static async Task AddToAsync(SeedCollection seeds)
    {
        using var folder = new TemporaryFolder();
        var pixels = PaintedSlide.Pixels(Width, Height, (x, y) => ((byte)(200 + x / 8), (byte)(150 + (x + y) % 40), (byte)(190 + y / 4)));
        foreach (var big in new[] { false, true })
        {
            var path = folder.File($"big-{big}.svs");
            await using (var writer = PyramidWriter.Create(path, Width, Height, Small with { BigTiff = big }))
            {
                await writer.WriteRowsAsync(pixels);
                await writer.FinishAsync();
            }
            seeds.Add(big ? "tiff-written-big" : "tiff-written", await File.ReadAllBytesAsync(path));
        }
        foreach (var extended in new[] { false, true })
        {
            var path = folder.File($"extended-{extended}");
            var label = new Raster(40, 30, PixelFormat.Rgb24, PaintedSlide.Pixels(40, 30, (x, y) => ((byte)x, (byte)y, 99)));
            await using (var writer = DicomSeriesWriter.Create(path, Width, Height, new DicomSeriesWriterOptions { Pyramid = Small, Seed = "fuzz", ExtendedOffsetTable = extended, Label = label, Overview = label }))
            {
                await writer.WriteRowsAsync(pixels);
                await writer.FinishAsync();
            }
            seeds.Add(extended ? "dicom-written-extended" : "dicom-written", [.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)]);
        }
    }
}
