using Slidebridge.Sdk;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary>A bar for each scan while a classifier works.</summary>
static class ScanBars
{
    public static Task<T> ShowAsync<T>(TextWriter output, string classifier, IReadOnlyList<Scan> scans, Func<ClassifierContext, Task<T>> work)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsErrorRedirected) console.Profile.Width = int.MaxValue;
        return console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async shown =>
        {
            var bars = new Dictionary<string, ProgressTask>();
            foreach (var scan in scans)
            {
                var slide = await scan.OpenSlideAsync();
                bars[scan.Id] = shown.AddTask(Markup.Escape($"{classifier}, scan {scan.Id}, {slide.Width} × {slide.Height}"), maxValue: 1);
            }
            // Lines above the bars.
            var result = await work(new ClassifierContext(new ToBars(bars), new LineLogger(line => console.WriteLine(line))));
            foreach (var bar in bars.Values) bar.Value = 1;
            return result;
        });
    }

    sealed class ToBars(Dictionary<string, ProgressTask> bars) : IProgress<ScanProgress>
    {
        public void Report(ScanProgress value)
        {
            if (bars.TryGetValue(value.ScanId, out var bar)) bar.Value = value.Fraction;
        }
    }
}
