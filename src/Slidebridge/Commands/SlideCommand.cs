using System.CommandLine;
using System.Globalization;
using Slidebridge.Slides;
using Slidebridge.Slides.Writing;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide</c>: makes slides, converts them, and writes pictures of them.</summary>
static class SlideCommand
{
    public static Command Create() => new("slide", """
        Makes and converts slides, and takes pictures and tiles of them.

        Examples:
          slidebridge slide make test.svs
          slidebridge slide convert slide.svs series --format dicom
          slidebridge slide thumbnail slide.svs slide.png
          slidebridge slide tiles slide.svs tiles --size 224 --mpp 0.5 --tissue 0.3
        """)
    {
        SlideMakeCommand.Create(), SlideConvertCommand.Create(), SlideThumbnailCommand.Create(), SlideRegionCommand.Create(), SlideLabelCommand.Create(),
        SlideTilesCommand.Create(), SlideDziCommand.Create(),
    };

    public static Argument<string> Slide() => new("SLIDE_OR_URL") { Description = "A slide's file, folder or zip, or its http(s) URL." };

    // Names that would contradict the content.
    static readonly string[] OtherNames = [".dcm", ".zip", ".ndpi", ".mrxs", ".scn", ".czi", ".bif", ".vms", ".vmu", ".svslide", ".qptiff", ".jpg", ".jpeg", ".png", ".webp", ".jp2", ".dzi", ".zarr"];

    public static Option<string?> Format() => new Option<string?>("--format")
    {
        HelpName = "KIND",
        Description = "svs (a pyramidal TIFF as Aperio writes it), ome (an OME-TIFF; both are BigTIFF where they need to be) or dicom (a folder with a series). Default: ome where OUT ends in .ome.tif or .ome.tiff, else svs.",
    }.AcceptOnlyFromAmong("svs", "ome", "dicom");

    /// <summary>The kind of slide to write: from the format, else from the name. A name that contradicts the format is refused, because other programs decide by the name.</summary>
    public static string KindOf(string? format, string output)
    {
        var name = Path.GetFileName(output);
        var isOme = name.EndsWith(".ome.tif", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".ome.tiff", StringComparison.OrdinalIgnoreCase)
            || ((string[])[".ome.btf", ".ome.tf2", ".ome.tf8"]).Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
        var kind = format ?? (isOme ? "ome" : "svs");
        if (kind == "dicom" && (isOme || ((string[])[".svs", ".tif", ".tiff"]).Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase))))
            throw new CommandException($"'{name}' is the name of a TIFF file, but --format dicom writes a folder. Use another name, or remove --format.", 2);
        if (kind == "svs" && isOme) throw new CommandException($"'{name}' is the name of an OME-TIFF, but --format is svs. Remove --format, or use a name that ends in .svs.", 2);
        if (kind == "ome" && !isOme) throw new CommandException($"'{name}' is not the name of an OME-TIFF. Use a name that ends in .ome.tif or .ome.tiff.", 2);
        if (kind == "svs" && OtherNames.FirstOrDefault(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase)) is { } other)
            throw new CommandException($"'{name}' ends in {other}, but the command would write an SVS. Use a name that ends in .svs, .tif or .tiff, or in .ome.tiff for an OME-TIFF{(other == ".dcm" ? ", or --format dicom with a folder" : "")}.", 2);
        return kind;
    }

    /// <summary>A slide's associated images, for a message.</summary>
    public static string PicturesOf(Slide slide) =>
        slide.AssociatedImages.Count == 0 ? "it has no associated images" : $"it has {string.Join(", ", slide.AssociatedImages.Keys.Order(StringComparer.Ordinal))}";

    public static Option<int> Quality() => new Option<int>("--quality") { HelpName = "N", Description = "JPEG quality, 1 to 100.", DefaultValueFactory = _ => new PyramidWriterOptions().Quality }
        .Accept(quality => quality is >= 1 and <= 100, "--quality must be 1 to 100.");

    public static Option<int> TileSize() => new Option<int>("--tile-size") { HelpName = "PIXELS", Description = "The tiles' edge, 16 to 4096 and a multiple of 16.", DefaultValueFactory = _ => new PyramidWriterOptions().TileSize }
        .Accept(size => size is >= 16 and <= 4096 && size % 16 == 0, "--tile-size must be 16 to 4096 and a multiple of 16.");

    public static Option<int> Edge(string name, int pixels) => new Option<int>(name) { HelpName = "PIXELS", Description = "Level-0 pixels.", DefaultValueFactory = _ => pixels }
        .Accept(edge => edge is >= 1 and <= 500_000, $"{name} must be 1 to 500000 pixels.");

    public static Option<bool> Force() => new("--force") { Description = "Replace what is already there." };

    /// <summary>Checks a path before anything is written; an existing file is replaced only with <c>--force</c>, and a folder only if it contains nothing except what would be written.</summary>
    /// <param name="output">The path as it was given.</param>
    /// <param name="force">Existing files may be replaced.</param>
    /// <param name="isFolder">The output is a folder.</param>
    /// <param name="isOwn">Whether a file or folder in it is one that would be written; null: a DICOM object.</param>
    /// <returns>The full path.</returns>
    public static string Place(string output, bool force, bool isFolder, Func<string, bool>? isOwn = null)
    {
        if (string.IsNullOrWhiteSpace(output) || output.StartsWith('-')) throw new CommandException($"'{output}' is not a valid name for the output.", 2);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        for (var parent = Path.GetDirectoryName(place); parent is not null; parent = Path.GetDirectoryName(parent))
            if (File.Exists(parent)) throw new CommandException($"{parent} is a file, not a folder.", 2);
        if (!Path.Exists(place)) return place;
        if (File.Exists(place) == isFolder) throw new CommandException($"{place} is {(isFolder ? "a file" : "a folder")}. Give another name.", 2);
        if (!force) throw new CommandException($"{place} already exists. Use another name, or --force to replace it.", 2);
        isOwn ??= entry => !Directory.Exists(entry) && Path.GetExtension(entry) == ".dcm";
        if (isFolder && !Directory.EnumerateFileSystemEntries(place).All(isOwn))
            throw new CommandException($"{place} contains other files too, so it is not replaced. Use another name.", 2);
        return place;
    }

    /// <summary>Writes to a temporary path and moves it into place when it is complete, so that the output is never incomplete.</summary>
    public static async Task WriteAsync(string place, string what, Func<string, IProgress<double>, Task> write)
    {
        string part = $"{place}.{Environment.ProcessId}.part", old = $"{place}.{Environment.ProcessId}.old";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await ShowAsync(what, progress => write(part, progress));
            if (File.Exists(part))
            {
                File.Move(part, place, overwrite: true);
            }
            else
            {
                if (Directory.Exists(place)) Directory.Move(place, old);
                Directory.Move(part, place);
                Remove(old);
            }
        }
        catch (Exception e) when (e is UnauthorizedAccessException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandException($"This user has no permission to write {place}.", 1);
        }
        finally
        {
            Remove(part);
        }
        await Console.Out.WriteLineAsync(place);
    }

    /// <summary>Shows a progress bar.</summary>
    public static Task ShowAsync(string what, Func<IProgress<double>, Task> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings());
        if (Console.IsOutputRedirected) console.Profile.Width = int.MaxValue;
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async bars =>
        {
            var bar = bars.AddTask(Markup.Escape(what), maxValue: 1);
            await work(new ToBar(bar));
            bar.Value = 1;
        });
    }

    public static Option<int> Accept(this Option<int> option, Func<int, bool> holds, string otherwise)
    {
        option.Validators.Add(found =>
        {
            if (found.Tokens is [var only] && !(int.TryParse(only.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && holds(value))) found.AddError(otherwise);
        });
        return option;
    }

    static void Remove(string path)
    {
        if (File.Exists(path)) File.Delete(path);
        if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
    }

    sealed class ToBar(ProgressTask bar) : IProgress<double>
    {
        public void Report(double value) => bar.Value = value;
    }
}
