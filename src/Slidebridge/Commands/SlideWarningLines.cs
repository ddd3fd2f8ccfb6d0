using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>Writes what was repaired, skipped or doubtful in slides, one line for each warning.</summary>
static class SlideWarningLines
{
    /// <summary>Writes the warnings of one slide.</summary>
    public static async Task WriteAsync(Slide slide, TextWriter output)
    {
        foreach (var line in Of(slide)) await output.WriteLineAsync(line);
    }

    /// <summary>Writes the warnings of a task's opened slides.</summary>
    public static async Task WriteAsync(IReadOnlyList<Scan> scans, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var scan in scans)
            foreach (var line in Of(await scan.OpenSlideAsync(cancellationToken), $"scan {scan.Id}: ")) await output.WriteLineAsync(line);
    }

    /// <summary>The lines of one slide.</summary>
    /// <param name="slide">The slide, after it was read.</param>
    /// <param name="which">A prefix that names the slide.</param>
    public static IEnumerable<string> Of(Slide slide, string which = "") => slide.Warnings.Select(warning => $"warning: {which}{Of(warning)}");

    /// <summary>One warning's sentence and code.</summary>
    public static string Of(SlideWarning warning) => $"{warning.Message} ({warning.Code})";
}
