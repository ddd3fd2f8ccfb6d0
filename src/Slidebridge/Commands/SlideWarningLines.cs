using Slidebridge.Sdk;
using Slidebridge.Slides;

namespace Slidebridge.Commands;

/// <summary>Says what was mended, skipped or doubted of slides, a line for each.</summary>
static class SlideWarningLines
{
    /// <summary>Those of a task's slides that are open.</summary>
    public static async Task WriteAsync(IReadOnlyList<Scan> scans, TextWriter output, CancellationToken cancellationToken)
    {
        foreach (var scan in scans)
            foreach (var warning in (await scan.OpenSlideAsync(cancellationToken)).Warnings)
                await output.WriteLineAsync($"warning: scan {scan.Id}: {Of(warning)}");
    }

    public static string Of(SlideWarning warning) => $"{warning.Message} ({warning.Code})";
}
