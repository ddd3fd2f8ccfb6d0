using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>What was mended, skipped or doubted of slides, a line for each.</summary>
static class SlideWarningLines
{
    /// <summary>Writes those of one slide.</summary>
    public static async Task WriteAsync(Slide slide, TextWriter output)
    {
        foreach (var line in Of(slide)) await output.WriteLineAsync(line);
    }

    /// <summary>Writes those of a task's slides that are open.</summary>
    public static async Task WriteAsync(IReadOnlyList<Scan> scans, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var scan in scans)
            foreach (var line in Of(await scan.OpenSlideAsync(cancellationToken), $"scan {scan.Id}: ")) await output.WriteLineAsync(line);
    }

    /// <summary>The lines of one slide.</summary>
    /// <param name="slide">The slide, read as far as it will be.</param>
    /// <param name="which">Which slide it is, before each sentence.</param>
    public static IEnumerable<string> Of(Slide slide, string which = "") => slide.Warnings.Select(warning => $"warning: {which}{Of(warning)}");

    /// <summary>One warning's sentence and code.</summary>
    public static string Of(SlideWarning warning) => $"{warning.Message} ({warning.Code})";
}
