using System.CommandLine;
using Slidebridge.Slides;
using Slidebridge.Units;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide tiles</c>: writes a slide as tile pictures, for training and for programs that need files.</summary>
static class SlideTilesCommand
{
    public static Command Create()
    {
        var slide = SlideCommand.Slide();
        var output = new Argument<string>("OUT") { Description = "The folder for the tiles." };
        var size = new Option<int>("--size") { HelpName = "PIXELS", Description = "A tile's edge in its own pixels, 1 to 4096.", DefaultValueFactory = _ => 256 }.Accept(edge => edge is >= 1 and <= 4096, "--size must be 1 to 4096 pixels.");
        var overlap = new Option<int>("--overlap") { HelpName = "PIXELS", Description = "Pixels that a tile shares with the next; less than --size.", DefaultValueFactory = _ => 0 }.Accept(pixels => pixels >= 0, "--overlap must be 0 or more, and less than --size.");
        var resolution = new WantedResolution.Options();
        var tissue = new Option<string?>("--tissue") { HelpName = "SHARE", Description = "Only tiles with at least this share of tissue, above 0 and up to 1. Default: all tiles." };
        var edges = new Option<string>("--edges") { HelpName = "HOW", Description = "Tiles that reach over the slide's edge: pad (filled with white), crop (smaller) or skip (not written).", DefaultValueFactory = _ => "pad" }.AcceptOnlyFromAmong("pad", "crop", "skip");
        var format = new Option<string>("--format") { HelpName = "KIND", Description = "The tiles' format: png, jpg or webp.", DefaultValueFactory = _ => "png" }.AcceptOnlyFromAmong("png", "jpg", "webp");
        var (quality, force) = (PictureOutput.Quality(), SlideCommand.Force());
        var command = new Command("tiles", $"""
            Cuts the slide into tiles, with an index.

            The tiles are COLUMN_ROW.png; {TileFolder.Index} is written last, with a line for each:
            {TileFolder.Header}
            x and y are level-0 pixels, width and height the tile's own, mpp micrometres per pixel of the tile, tissue the tile's share of tissue.

            To resume a stopped run, give the same command again: existing tiles are complete, and are kept. {TileFolder.Index} exists only when all tiles do.

            Examples:
              slidebridge slide tiles slide.svs tiles --size 224 --mpp 0.5 --tissue 0.3
              slidebridge slide tiles slide.svs tiles --level 1 --format jpg
            """)
        { slide, output, size, overlap, tissue, edges, format, quality, force };
        foreach (var option in resolution.All) command.Options.Add(option);
        return command.Does(async (parsed, cancellationToken) =>
        {
            var wanted = resolution.From(parsed);
            var share = parsed.Number(tissue, number => number is > 0 and <= 1, "a number above 0 and at most 1, such as 0.3");
            if (parsed.GetValue(overlap) >= parsed.GetValue(size)) throw new CommandException($"--overlap must be less than --size, which is {parsed.GetValue(size)}.", 2);
            var place = TileFolder.Place(parsed.GetValue(output)!, parsed.GetValue(force));
            await using var from = await NamedSlide.OpenAsync(parsed.GetValue(slide)!, cancellationToken);
            wanted.On(from);
            var mask = await TissueMask.DetectAsync(from, cancellationToken: cancellationToken);
            var grid = wanted.Grid(new TileGrid
            {
                Width = parsed.GetValue(size),
                Height = parsed.GetValue(size),
                Overlap = parsed.GetValue(overlap),
                Edges = Enum.Parse<TileEdges>(parsed.GetValue(edges)!, ignoreCase: true),
                Mask = share is null ? null : mask,
                MinTissue = share ?? 1,
            });
            var count = await TileFolder.WriteAsync(place, from, grid, mask, parsed.GetValue(format)!, parsed.GetValue(quality), parsed.GetValue(force), cancellationToken);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"{Counted.Text(count, "tile")} in {place}");
            await SlideWarningLines.WriteAsync(from, parsed.InvocationConfiguration.Error);
            return 0;
        });
    }
}
