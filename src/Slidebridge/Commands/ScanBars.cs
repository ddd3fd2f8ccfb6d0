using System.Globalization;
using System.Text;
using Slidebridge.Sdk;
using Spectre.Console;

namespace Slidebridge.Commands;

/// <summary>A bar for each scan while a classifier works.</summary>
static class ScanBars
{
    public static async Task<T> ShowAsync<T>(TextWriter output, string classifier, IReadOnlyList<Scan> scans, Func<ClassifierContext, Task<T>> work)
    {
        // The bars' own thread may still write when the work has ended.
        using var open = new OpenWriter(output);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = open });
        if (Console.IsErrorRedirected) console.Profile.Width = int.MaxValue;
        return await console.Progress().Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn()).StartAsync(async shown =>
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

    /// <summary>Passes text on until it is disposed. Whether it is a terminal is what Spectre finds out about the writer itself.</summary>
    sealed class OpenWriter(TextWriter output) : TextWriter(CultureInfo.InvariantCulture), IAnsiConsoleOutput
    {
        readonly AnsiConsoleOutput seen = new(output);
        readonly Lock gate = new();
        bool isClosed;

        public override Encoding Encoding => output.Encoding;

        public TextWriter Writer => this;

        public bool IsTerminal => seen.IsTerminal;

        public int Width => seen.Width;

        public int Height => seen.Height;

        public void SetEncoding(Encoding encoding) => seen.SetEncoding(encoding);

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (gate)
                if (!isClosed) output.Write(value);
        }

        public override void Flush()
        {
            lock (gate)
                if (!isClosed) output.Flush();
        }

        protected override void Dispose(bool disposing)
        {
            lock (gate) isClosed = true;
            base.Dispose(disposing);
        }
    }

    sealed class ToBars(Dictionary<string, ProgressTask> bars) : IProgress<ScanProgress>
    {
        public void Report(ScanProgress value)
        {
            if (bars.TryGetValue(value.ScanId, out var bar)) bar.Value = value.Fraction;
        }
    }
}
