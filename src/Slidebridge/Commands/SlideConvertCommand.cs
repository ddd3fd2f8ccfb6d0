using System.CommandLine;
using Slidebridge.Classifiers;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide convert</c>: writes any readable slide as a pyramidal TIFF, an OME-TIFF or a DICOM series.</summary>
static class SlideConvertCommand
{
    public static Command Create()
    {
        var slide = new Argument<string>("SLIDE_OR_URL") { Description = "A slide's file or folder, or its http(s) URL." };
        var output = new Argument<string>("OUT") { Description = "The new slide's file, or the series' folder." };
        var level = new Option<int>("--level") { HelpName = "N", Description = "The level that becomes the new slide's level 0.", DefaultValueFactory = _ => 0 };
        var mpp = new Option<string?>("--mpp") { HelpName = "UM", Description = "Micrometres per level-0 pixel, such as 0.25, if the slide does not say or is wrong." };
        var label = new Option<bool>("--with-label") { Description = "Keep the label and the overview in a DICOM series. They can show a patient's name." };
        var (format, quality, tileSize, force) = (SlideCommand.Format(), SlideCommand.Quality(), SlideCommand.TileSize(), SlideCommand.Force());
        var command = new Command("convert", """
            Writes a slide as SVS, OME-TIFF or a DICOM series.

            The input is any slide that can be read. JPEG tiles are copied unchanged if the new format can contain them, unless --quality or --tile-size is given; otherwise pixels are encoded as JPEG again. Names, dates and the label are removed.

            Examples:
              slidebridge slide convert slide.ndpi slide.svs
              slidebridge slide convert slide.svs slide.ome.tiff
              slidebridge slide convert https://host/slide series --format dicom --quality 90
            """)
        { slide, output, level, mpp, label, format, quality, tileSize, force };
        return command.Does(async (parsed, cancellationToken) =>
        {
            var kind = SlideCommand.KindOf(parsed.GetValue(format), parsed.GetValue(output)!);
            var isDicom = kind == "dicom";
            if (parsed.GetValue(label) && !isDicom) throw new CommandException("--with-label needs --format dicom, because a TIFF is written without a label.", 2);
            var place = SlideCommand.Place(parsed.GetValue(output)!, parsed.GetValue(force), isDicom);
            var given = parsed.Number(mpp, SlideSettings.IsMpp, SlideSettings.MppRange);
            await using var from = await NamedSlide.OpenAsync(parsed.GetValue(slide)!, cancellationToken);
            var index = parsed.GetValue(level);
            if (index < 0 || index >= from.Levels.Count) throw new CommandException($"--level must be 0 to {from.Levels.Count - 1}.", 2);
            var pyramid = await DescribeAsync(from, from.Levels[index], given, cancellationToken) with { Quality = parsed.GetValue(quality), TileSize = parsed.GetValue(tileSize), Kind = kind == "ome" ? PyramidKind.OmeTiff : PyramidKind.Aperio };
            var pictures = parsed.GetValue(label) ? from.AssociatedImages : new Dictionary<string, AssociatedImage>();
            if (parsed.GetValue(label) && !pictures.ContainsKey("label") && !pictures.ContainsKey("macro"))
                throw new CommandException($"The slide has no label and no overview for --with-label; {SlideCommand.PicturesOf(from)}.", 2);
            var series = new DicomSeriesWriterOptions
            {
                Pyramid = pyramid,
                IccProfile = pyramid.IccProfile,
                Label = isDicom && pictures.TryGetValue("label", out var image) ? await image.ReadAsync(cancellationToken) : null,
                Overview = isDicom && pictures.TryGetValue("macro", out var macro) ? await macro.ReadAsync(cancellationToken) : null,
            };
            var (width, height) = (from.Levels[index].Width, from.Levels[index].Height);
            var mayCopy = parsed.GetResult(quality) is not { Implicit: false } && parsed.GetResult(tileSize) is not { Implicit: false };
            if (isDicom) series = series with { LossySteps = await LossyStep.FindAsync(from, index, cancellationToken) };
            await SlideCommand.WriteAsync(place, $"{width} × {height} pixels", async (part, progress) =>
            {
                if (mayCopy && await (isDicom ? from.TryCopyFramesAsync(part, series, index, progress, cancellationToken) : from.TryCopyFramesAsync(part, pyramid, index, progress, cancellationToken))) return;
                // The result of a copy that turned out to be impossible.
                if (Directory.Exists(part)) Directory.Delete(part, recursive: true);
                await using ISlideWriter writer = isDicom ? DicomSeriesWriter.Create(part, width, height, series) : PyramidWriter.Create(part, width, height, pyramid);
                await from.CopyToAsync(writer, index, progress, cancellationToken);
            });
            await SlideWarningLines.WriteAsync(from, parsed.InvocationConfiguration.Error);
            return 0;
        });
    }

    static async Task<PyramidWriterOptions> DescribeAsync(Slide slide, Level level, double? given, CancellationToken cancellationToken)
    {
        if ((given is { } both ? new(both, both) : slide.Mpp) is not { } mpp) throw new CommandException("The slide does not say its resolution; give --mpp.", 2);
        return new PyramidWriterOptions
        {
            Mpp = mpp.X * level.Downsample,
            MppY = mpp.Y * level.Downsample,
            ObjectivePower = slide.ObjectivePower / level.Downsample,
            IccProfile = await slide.ReadIccProfileAsync(cancellationToken),
        };
    }
}
