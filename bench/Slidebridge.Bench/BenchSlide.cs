using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Spectre.Console;

namespace Slidebridge.Bench;

/// <summary>A slide of a wanted size on disk, made once: a block of generated tissue, repeated, so that gigabytes take a minute.</summary>
static class BenchSlide
{
    const int Block = 2048;

    public static async Task<string> MakeAsync(int megabytes, CancellationToken cancellationToken)
    {
        var path = Path.Combine(Path.GetTempPath(), "slidebridge-bench", $"tissue-{megabytes}.svs");
        if (File.Exists(path)) return path;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var block = new byte[Block * Block * 3];
        SyntheticTissue.Create(20_000, 20_000).Render(9000, 9000, Block, Block, block);
        var options = new PyramidWriterOptions();
        // Of its tiles, and a third more for the smaller levels.
        var bytesPerPixel = new Raster(Block, Block, PixelFormat.Rgb24, block).EncodeJpeg(options.Quality).Length * 4 / 3.0 / (Block * Block);
        var edge = (int)Math.Sqrt(megabytes * 1e6 / bytesPerPixel);
        await AnsiConsole.Progress().StartAsync(async context =>
        {
            var bar = context.AddTask($"a slide of {edge} × {edge} pixels is made", maxValue: 1);
            await using (var writer = PyramidWriter.Create(path + ".part", edge, edge, options))
            {
                var rows = new byte[edge * 3 * options.TileSize];
                for (var y = 0; y < edge; y += options.TileSize)
                {
                    var count = Math.Min(options.TileSize, edge - y);
                    for (var row = 0; row < count; row++)
                        for (var x = 0; x < edge; x += Block)
                            block.AsSpan((y + row) % Block * Block * 3, Math.Min(Block, edge - x) * 3).CopyTo(rows.AsSpan((row * edge + x) * 3));
                    await writer.WriteRowsAsync(rows.AsMemory(0, count * edge * 3), cancellationToken);
                    bar.Value = (y + count) / (double)edge;
                }
                await writer.FinishAsync(cancellationToken);
            }
            File.Move(path + ".part", path);
        });
        return path;
    }
}
