using System.CommandLine;
using System.Globalization;
using Slidebridge.Slides.Writing;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary><c>slidebridge slide</c>: makes slides and turns one kind into another.</summary>
static class SlideCommand
{
    public static Command Create() => new("slide", """
        Makes slides to test with, and turns one kind of slide into another.

        Examples:
          slidebridge slide make test.svs
          slidebridge slide convert slide.svs series --format dicom
        """)
    { SlideMakeCommand.Create(), SlideConvertCommand.Create() };

    public static Option<string> Format() => new Option<string>("--format")
    {
        HelpName = "KIND",
        Description = "svs (a pyramidal TIFF as Aperio writes it, BigTIFF where it needs to be) or dicom (a folder with a series).",
        DefaultValueFactory = _ => "svs",
    }.AcceptOnlyFromAmong("svs", "dicom");

    public static Option<int> Quality() => new Option<int>("--quality") { HelpName = "N", Description = "JPEG quality, 1 to 100.", DefaultValueFactory = _ => new PyramidWriterOptions().Quality }
        .Accept(quality => quality is >= 1 and <= 100, "--quality must be 1 to 100.");

    public static Option<int> TileSize() => new Option<int>("--tile-size") { HelpName = "PIXELS", Description = "The tiles' edge, 16 to 4096 and a multiple of 16.", DefaultValueFactory = _ => new PyramidWriterOptions().TileSize }
        .Accept(size => size is >= 16 and <= 4096 && size % 16 == 0, "--tile-size must be 16 to 4096 and a multiple of 16.");

    public static Option<int> Edge(string name, int pixels) => new Option<int>(name) { HelpName = "PIXELS", Description = "Level-0 pixels.", DefaultValueFactory = _ => pixels }
        .Accept(edge => edge is >= 1 and <= 500_000, $"{name} must be 1 to 500000 pixels.");

    public static Option<bool> Force() => new("--force") { Description = "Replace what is already there." };

    /// <summary>Checks a place before anything is made for it; what is there is replaced only with <c>--force</c>, and a folder only where it holds nothing but a series.</summary>
    /// <returns>The full path.</returns>
    public static string Place(string output, bool force, bool isFolder)
    {
        if (string.IsNullOrWhiteSpace(output) || output.StartsWith('-')) throw new CommandException($"'{output}' is no name for what is to be written.", 2);
        var place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        for (var parent = Path.GetDirectoryName(place); parent is not null; parent = Path.GetDirectoryName(parent))
            if (File.Exists(parent)) throw new CommandException($"{parent} is a file, not a folder.", 2);
        if (!Path.Exists(place)) return place;
        if (File.Exists(place) == isFolder) throw new CommandException($"{place} is {(isFolder ? "a file" : "a folder")}. Give another name.", 2);
        if (!force) throw new CommandException($"{place} is already there. Give another name, or --force to replace it.", 2);
        if (isFolder && Directory.EnumerateFileSystemEntries(place).Any(entry => Directory.Exists(entry) || Path.GetExtension(entry) != ".dcm"))
            throw new CommandException($"{place} holds more than a DICOM series, and is not replaced. Give another name.", 2);
        return place;
    }

    /// <summary>Writes beside the place that was checked and moves there when all is written: what is there is whole, whatever happens meanwhile.</summary>
    public static async Task WriteAsync(string place, string what, Func<string, IProgress<double>, Task> write)
    {
        string part = $"{place}.{Environment.ProcessId}.part", old = $"{place}.{Environment.ProcessId}.old";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(place)!);
            await AnsiConsole.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async bars =>
            {
                var bar = bars.AddTask(Markup.Escape(what), maxValue: 1);
                await write(part, new ToBar(bar));
                bar.Value = 1;
            });
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
            throw new CommandException($"{place} cannot be written by this user.", 1);
        }
        finally
        {
            Remove(part);
        }
        await Console.Out.WriteLineAsync(place);
    }

    static Option<int> Accept(this Option<int> option, Func<int, bool> holds, string otherwise)
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
