using System.CommandLine;

namespace Slidebridge.Bench.Viewer;

/// <summary>The options of <see cref="ViewerBench"/>.</summary>
static class ViewerCommand
{
    public static Command Create()
    {
        var megabytes = Numbers("--megabytes", "MB", "The sizes of the slides. The objects are on the first one.", 1, [300, 3000]);
        var polygons = Numbers("--polygons", "N", "Polygons of the results. 0: only the slides are measured.", 0, [0, 100_000, 1_000_000]);
        var repeat = Number("--repeat", "How often each step is measured. Two more rounds, the first, do not count.", 1, 50);
        var latency = Number("--latency", "Milliseconds before each answer of the slides' server.", 0, 30);
        var seconds = Number("--pan-seconds", "How long the view moves at each scale.", 1, 5);
        var json = new Option<bool>("--json") { Description = "Writes the results as JSON. Times are in milliseconds, memory is in megabytes." };
        var bench = new Command("viewer", """
            The viewer in a browser: how long people wait for pixels and objects, and how smoothly the view moves.

            Starts 'slidebridge serve', the simulated platform, a server of slides that waits before each answer, and Chromium without a graphics card in a page of 1600 × 1000 pixels.
            All of them share this machine's cores, so close other programs. A run takes about 15 minutes.

            The steps:
              open         the page of a scan, with an empty browser cache and a slide that the bridge has not opened
              next field   a jump to a place at full resolution whose tiles neither the bridge nor the browser has
              zoom by 4    from 1/4 to full resolution, at such a place
              other slide  the other scan of the task is chosen, whose slide the bridge has not opened

            A step ends with the browser's frame after all tiles, and all objects, of the view were drawn.

            Examples:
              viewer
              viewer --megabytes 300 --polygons 0 --repeat 10
              viewer --megabytes 300 --polygons 1000000 --json > objects.json
            """)
        { megabytes, polygons, repeat, latency, seconds, json };
        bench.SetAction((parsed, cancellationToken) => ViewerBench.RunAsync(
            new ViewerBenchOptions(parsed.GetValue(megabytes)!, parsed.GetValue(polygons)!, parsed.GetValue(repeat), parsed.GetValue(latency), parsed.GetValue(seconds), parsed.GetValue(json)), cancellationToken));
        return bench;
    }

    static Option<int> Number(string name, string description, int least, int usual)
    {
        var option = new Option<int>(name) { HelpName = "N", Description = description, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < least) result.AddError($"{name} is at least {least}.");
        });
        return option;
    }

    static Option<int[]> Numbers(string name, string unit, string description, int least, int[] usual)
    {
        var option = new Option<int[]>(name) { HelpName = unit, Description = description, AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int[]>() is { } values && (values.Length == 0 || values.Any(value => value < least))) result.AddError($"Each value of {name} is at least {least}.");
        });
        return option;
    }
}
