using System.CommandLine;

namespace Slidebridge.Bench.Screenshots;

/// <summary>The options of <see cref="Screenshots"/>.</summary>
static class ScreenshotsCommand
{
    public static Command Create()
    {
        var slide = new Option<FileInfo>("--slide") { HelpName = "FILE", Description = "A slide stained with haematoxylin and eosin, in which nuclei are found.", Required = true }.AcceptExistingOnly();
        var folder = new Option<string>("--out") { HelpName = "DIR", Description = "The folder of the pictures.", DefaultValueFactory = _ => "docs/images" };
        var command = new Command("screenshots", """
            Makes the pictures of the pages for README and docs: a real bridge, the simulated platform with faults, and Chromium. Existing pictures are replaced.

            Example:
              screenshots --slide ../shared/data/svs/CMU-1-Small-Region.svs
            """)
        { slide, folder };
        command.SetAction((parsed, cancellationToken) => Screenshots.RunAsync(parsed.GetValue(slide)!, parsed.GetValue(folder)!, cancellationToken));
        return command;
    }
}
