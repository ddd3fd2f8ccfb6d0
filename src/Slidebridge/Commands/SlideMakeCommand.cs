using System.CommandLine;
using System.Globalization;
using Slidebridge.Slides.Writing;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide make</c>: makes a slide of generated tissue with known nuclei.</summary>
static class SlideMakeCommand
{
    // The true nuclei are computed square by square, each in a moment.
    const int Square = 4096;

    public static Command Create()
    {
        var output = new Argument<string>("OUT") { Description = "The slide's file, or the series' folder." };
        var (width, height) = (SlideCommand.Edge("--width", 8192), SlideCommand.Edge("--height", 6144));
        var seed = new Option<int>("--seed") { HelpName = "N", Description = "The same seed and size make the same bytes.", DefaultValueFactory = _ => 1 };
        var stain = new Option<string>("--stain") { HelpName = "STAIN", Description = "he, or ki67: known nuclei are brown.", DefaultValueFactory = _ => "he" }.AcceptOnlyFromAmong("he", "ki67");
        var truth = new Option<string?>("--truth") { HelpName = "FILE", Description = "Also writes every nucleus as CSV: centre and radii in level-0 pixels, angle in radians, kind." };
        var (format, quality, tileSize, force) = (SlideCommand.Format(), SlideCommand.Quality(), SlideCommand.TileSize(), SlideCommand.Force());
        var command = new Command("make", """
            Makes a slide of generated tissue, to test a classifier with.

            The tissue looks like H&E, at 0.5 µm per pixel, with glands and nuclei at known places.

            Examples:
              slidebridge slide make test.svs --width 50000 --height 40000 --truth nuclei.csv
              slidebridge slide make series --format dicom --seed 7
              slidebridge slide make ki67.svs --stain ki67 --truth nuclei.csv
            """)
        { output, width, height, seed, stain, truth, format, quality, tileSize, force };
        return command.Does(async (parsed, cancellationToken) =>
        {
            var (columns, rows) = (parsed.GetValue(width), parsed.GetValue(height));
            var tissue = SyntheticTissue.Create(columns, rows, parsed.GetValue(seed), parsed.GetValue(stain) == "ki67" ? SyntheticStain.Ki67 : SyntheticStain.HaematoxylinEosin);
            var kind = SlideCommand.KindOf(parsed.GetValue(format), parsed.GetValue(output)!);
            var pyramid = new PyramidWriterOptions { Quality = parsed.GetValue(quality), TileSize = parsed.GetValue(tileSize), Kind = kind == "ome" ? PyramidKind.OmeTiff : PyramidKind.Aperio };
            var isDicom = kind == "dicom";
            var place = SlideCommand.Place(parsed.GetValue(output)!, parsed.GetValue(force), isDicom);
            var csv = parsed.GetValue(truth) is { } file ? SlideCommand.Place(file, parsed.GetValue(force), isFolder: false) : null;
            if (csv == place) throw new CommandException("--truth and OUT are the same file; use another name.", 2);
            await SlideCommand.WriteAsync(place, $"{columns} × {rows} pixels of tissue", (part, progress) => isDicom
                ? tissue.WriteSeriesAsync(part, new DicomSeriesWriterOptions { Pyramid = pyramid }, progress, cancellationToken)
                : tissue.WriteAsync(part, pyramid, progress, cancellationToken));
            if (csv is not null)
                await SlideCommand.WriteAsync(csv, "its nuclei", (part, progress) => WriteTruthAsync(tissue, part, progress, cancellationToken));
            return 0;
        });
    }

    static async Task WriteTruthAsync(SyntheticTissue tissue, string path, IProgress<double> progress, CancellationToken cancellationToken)
    {
        await using var file = new StreamWriter(path);
        var isMarked = tissue.Stain is SyntheticStain.Ki67;
        await file.WriteLineAsync("x,y,long_radius,short_radius,angle,kind" + (isMarked ? ",positive" : ""));
        for (var y = 0; y < tissue.Height; y += Square)
        {
            for (var x = 0; x < tissue.Width; x += Square)
            {
                cancellationToken.ThrowIfCancellationRequested();
                foreach (var n in tissue.FindNuclei(x, y, Math.Min(Square, tissue.Width - x), Math.Min(Square, tissue.Height - y)))
                    await file.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{n.X:0.##},{n.Y:0.##},{n.LongRadius:0.##},{n.ShortRadius:0.##},{n.Angle:0.####},{n.Kind}{(!isMarked ? "" : n.IsPositive ? ",1" : ",0")}"));
            }
            progress.Report(Math.Min(1, (y + Square) / (double)tissue.Height));
        }
    }
}
