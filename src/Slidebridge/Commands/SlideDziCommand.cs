using System.CommandLine;
using Slidebridge.Slides;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide dzi</c>: writes the slide as a Deep Zoom image, for a viewer on a page without a special server.</summary>
static class SlideDziCommand
{
    public static Command Create()
    {
        var slide = SlideCommand.Slide();
        var output = new Argument<string>("OUT") { Description = "The image's description, such as slide.dzi; its tiles go to a folder beside it, slide_files." };
        var format = new Option<string>("--format") { HelpName = "KIND", Description = "The tiles' format: jpeg or png.", DefaultValueFactory = _ => "jpeg" }.AcceptOnlyFromAmong("jpeg", "png");
        var tileSize = new Option<int?>("--tile-size") { HelpName = "PIXELS", Description = "The tiles' edge, 16 to 4096. Default: that of the slide's tiles, which are then copied unchanged." };
        var overlap = new Option<int>("--overlap") { HelpName = "PIXELS", Description = "Pixels that a tile shares with its neighbours, 0 to 64.", DefaultValueFactory = _ => 0 }.Accept(pixels => pixels is >= 0 and <= 64, "--overlap must be 0 to 64 pixels.");
        var quality = new Option<int>("--quality") { HelpName = "N", Description = "Quality of JPEG tiles that are encoded again, 1 to 100.", DefaultValueFactory = _ => new DeepZoomOptions().Quality }.Accept(value => value is >= 1 and <= 100, "--quality must be 1 to 100.");
        var force = SlideCommand.Force();
        var command = new Command("dzi", """
            Writes the slide as a Deep Zoom image (DZI).

            That is a description and a folder of tiles, which OpenSeadragon and others show from any web server.

            Examples:
              slidebridge slide dzi slide.svs slide.dzi
              slidebridge slide dzi slide.svs slide.dzi --format png --tile-size 254 --overlap 1
            """)
        { slide, output, format, tileSize, overlap, quality, force };
        return command.Does(async (parsed, cancellationToken) =>
        {
            var name = parsed.GetValue(output)!;
            if (!name.EndsWith(".dzi", StringComparison.OrdinalIgnoreCase)) throw new CommandException($"'{name}' is not the name of a Deep Zoom image. Use a name that ends in .dzi.", 2);
            if (parsed.GetValue(tileSize) is < 16 or > 4096) throw new CommandException("--tile-size must be 16 to 4096 pixels.", 2);
            var place = SlideCommand.Place(name, parsed.GetValue(force), isFolder: false);
            var folder = SlideCommand.Place(place[..^".dzi".Length] + "_files", parsed.GetValue(force), isFolder: true, entry => Directory.Exists(entry) && Path.GetFileName(entry).All(char.IsAsciiDigit));
            await using var from = await NamedSlide.OpenAsync(parsed.GetValue(slide)!, cancellationToken);
            var image = new DeepZoomGenerator(from, new DeepZoomOptions
            {
                Format = parsed.GetValue(format) == "png" ? DeepZoomFormat.Png : DeepZoomFormat.Jpeg,
                TileSize = parsed.GetValue(tileSize),
                Overlap = parsed.GetValue(overlap),
                Quality = parsed.GetValue(quality),
            });
            await SlideCommand.WriteAsync(folder, $"{Counted.Text(image.LevelCount, "level")} of {from.Width} × {from.Height} pixels", (part, progress) => WriteTilesAsync(image, part, parsed.GetValue(format)!, progress, cancellationToken));
            // Written last, so that a description never exists without its tiles.
            await SlideCommand.WriteAsync(place, "the description", (part, _) => File.WriteAllTextAsync(part, image.GetDescription(), cancellationToken));
            await SlideWarningLines.WriteAsync(from, parsed.InvocationConfiguration.Error);
            return 0;
        });
    }

    static async Task WriteTilesAsync(DeepZoomGenerator image, string folder, string extension, IProgress<double> progress, CancellationToken cancellationToken)
    {
        var (total, done) = (Enumerable.Range(0, image.LevelCount).Sum(level => image.TilesOf(level) is var (columns, rows) ? (double)columns * rows : 0), 0L);
        for (var level = 0; level < image.LevelCount; level++)
        {
            var (columns, rows) = image.TilesOf(level);
            var place = Directory.CreateDirectory(Path.Combine(folder, $"{level}")).FullName;
            var tiles = Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(0, columns).Select(column => (column, row)));
            await Parallel.ForEachAsync(tiles, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, async (tile, token) =>
            {
                var picture = await image.GetTileAsync(level, tile.column, tile.row, token);
                await File.WriteAllBytesAsync(Path.Combine(place, $"{tile.column}_{tile.row}.{extension}"), picture.Bytes, token);
                progress.Report(Interlocked.Increment(ref done) / total);
            });
        }
    }
}
