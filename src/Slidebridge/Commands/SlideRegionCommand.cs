using System.CommandLine;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide region</c>: a rectangle of the slide at any resolution.</summary>
static class SlideRegionCommand
{
    // Limits of a slide's opening and of a grid's tile.
    const long MostPixels = 256L * 1024 * 1024;
    const int MostScaledEdge = 16_384;

    public static Command Create()
    {
        var slide = SlideCommand.Slide();
        var output = PictureOutput.Argument();
        var x = new Option<long>("--x") { HelpName = "PIXELS", Description = "Left edge in level-0 pixels, whatever the resolution.", Required = true };
        var y = new Option<long>("--y") { HelpName = "PIXELS", Description = "Top edge in level-0 pixels, whatever the resolution.", Required = true };
        var width = new Option<int>("--width") { HelpName = "PIXELS", Description = "Width of the picture in its own pixels.", Required = true }.Accept(edge => edge >= 1, "--width must be 1 pixel or more.");
        var height = new Option<int>("--height") { HelpName = "PIXELS", Description = "Height of the picture in its own pixels.", Required = true }.Accept(edge => edge >= 1, "--height must be 1 pixel or more.");
        var resolution = new WantedResolution.Options();
        var (quality, force) = (PictureOutput.Quality(), SlideCommand.Force());
        var command = new Command("region", """
            Writes a rectangle of the slide as a picture.

            --x and --y are level-0 pixels, as in viewers and results; --width and --height are pixels of the picture,
            so that a picture of 1000 pixels at --downsample 4 shows 4000 level-0 pixels. Outside the slide, the picture is white.

            Examples:
              slidebridge slide region slide.svs cells.png --x 20000 --y 15000 --width 1024 --height 1024
              slidebridge slide region slide.svs gland.jpg --x 20000 --y 15000 --width 800 --height 600 --mpp 1
            """)
        { slide, output, x, y, width, height, quality, force };
        foreach (var option in resolution.All) command.Options.Add(option);
        return command.Does((parsed, cancellationToken) =>
        {
            var wanted = resolution.From(parsed);
            return PictureOutput.WriteAsync(
                parsed.GetValue(slide)!, parsed.GetValue(output)!, parsed.GetValue(force), parsed.GetValue(quality), $"{parsed.GetValue(width)} × {parsed.GetValue(height)} pixels",
                from => ReadAsync(from, wanted, parsed.GetValue(x), parsed.GetValue(y), parsed.GetValue(width), parsed.GetValue(height), cancellationToken), parsed.InvocationConfiguration.Error, cancellationToken);
        });
    }

    static async Task<Raster> ReadAsync(Slide slide, WantedResolution wanted, long x, long y, int width, int height, CancellationToken cancellationToken)
    {
        var downsample = wanted.On(slide);
        if ((long)width * height > MostPixels) throw new CommandException($"A picture of {width} × {height} has {(long)width * height} pixels; the maximum is {MostPixels}. Write it in parts.", 2);
        if (x >= slide.Width || y >= slide.Height || x + width * downsample <= 0 || y + height * downsample <= 0)
            throw new CommandException($"The region lies outside the slide, which has {slide.Width} × {slide.Height} level-0 pixels.", 2);
        if (wanted is { Mpp: null, Downsample: null }) return await slide.ReadRegionAsync(new Region(wanted.Level ?? 0, x, y, width, height), cancellationToken: cancellationToken);
        if (Math.Max(width, height) > MostScaledEdge) throw new CommandException($"With --mpp or --downsample, the maximum edge of a picture is {MostScaledEdge} pixels, but this one has {width} × {height}. Write it in parts, or use --level.", 2);

        var within = new SlideBounds(x, y, (long)Math.Ceiling(width * downsample), (long)Math.Ceiling(height * downsample));
        await foreach (var tile in slide.ReadTilesAsync(wanted.Grid(new TileGrid { Width = width, Height = height, Within = within }), cancellationToken))
            using (tile)
                return tile.ToRaster();
        throw new InvalidOperationException("The grid holds no tile.");
    }
}
